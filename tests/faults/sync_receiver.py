"""The other side's system in a run: it verifies, keeps what is new by `webhook-id`, and misbehaves as its moods say.

What is promised to a receiver: each notice reaches it until it answers 2xx, and not knowingly again after that. One
that answers 200 without keeping anything lies, and has lost it: it finds it in its inbox, or by number in the API.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from standardwebhooks.webhooks import WebhookVerificationError

from checkin.sync.lines import REFUSALS
from tests.checkin.sync.receiver import Got

MOODS = ("fails", "hangs", "breaks off", "answers twice", "lies", "refuses")
FAILURES = (500, 502, 503, 429, 408, 302)
TROUBLE = 2  # answers in which an address misbehaves, at first
LATE = 0.9  # seconds: longer than a POST may take at the pace of sync_pace


@dataclass
class Line:
    """One address. `told`: numbers in the order in which it first took them, or said that it did (a lie)."""

    secret: str
    told: list[int] = field(default_factory=list)
    bodies: dict[str, bytes] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)  # ids that came again with another body
    refused: Counter[int] = field(default_factory=Counter)
    trouble: int = TROUBLE
    unwanted: int | None = None  # the number it refuses until it is a dead letter


class Town:
    """All addresses of a run by their paths. Each misbehaves TROUBLE times, then keeps what comes and answers 204."""

    def __init__(self, moods: tuple[str, ...], seed: int, note: Callable[[str], None]):
        self.moods, self.note = moods, note
        self.chance, self.lock = random.Random(seed), threading.Lock()
        self.lines: dict[str, Line] = {}

    def open_line(self, url: str, secret: str) -> None:
        unwanted = self.chance.randrange(1, 4) if "refuses" in self.moods else None
        self.lines[urlsplit(url).path] = Line(secret, unwanted=unwanted)

    def line_of(self, url: str) -> Line:
        return self.lines[urlsplit(url).path]

    def answer(self, got: Got, handler: BaseHTTPRequestHandler) -> int | None:
        """As `Receiver.answer`. What comes for an address of another run is too late: gone."""
        line = self.lines.get(handler.path)
        if line is None:
            return 410
        try:
            got.verified(line.secret)
        except WebhookVerificationError as error:  # the sender's clock is wrong by more than five minutes
            with self.lock:
                number = int(got.message.rsplit("-", 1)[1])
                line.refused[number] += 1
            self.note(f"{handler.path} {number} does not verify: {error}")
            return 400
        number = json.loads(got.body)["data"]["number"]
        with self.lock:
            mood = self._mood(line)
            keeps = self.chance.random() < 0.5
            status = self.chance.choice(FAILURES)
            if not mood and number == line.unwanted and line.refused[number] < REFUSALS:
                line.refused[number] += 1
                self.note(f"{handler.path} {number} refused")
                return 422
            keeps = keeps or mood not in ("fails", "hangs", "breaks off")
            if keeps:
                self._keep(line, got, number, lying=mood == "lies")
        self.note(f"{handler.path} {number} {mood or 'ok'}{' kept' if keeps else ''}")
        return self._behave(mood, status, handler)

    def _mood(self, line: Line) -> str:
        moods = [mood for mood in self.moods if mood != "refuses"]
        if not line.trouble or not moods or self.chance.random() < 0.3:
            return ""
        line.trouble -= 1
        return self.chance.choice(moods)

    def _keep(self, line: Line, got: Got, number: int, *, lying: bool) -> None:
        if number not in line.told:
            line.told.append(number)
        if not lying and line.bodies.setdefault(got.message, got.body) != got.body:
            line.changed.append(got.message)

    def _behave(self, mood: str, status: int, handler: BaseHTTPRequestHandler) -> int | None:
        match mood:
            case "fails":
                return status
            case "hangs":
                time.sleep(LATE)
                return 204
            case "breaks off":
                handler.wfile.write(b"HTTP/1.1 ")
                handler.connection.close()
                return None
            case "answers twice":
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                return 500
            case _:
                return 204
