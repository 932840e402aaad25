"""Somebody's own system: a real HTTP server that answers as it is told and remembers what it was sent."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook as Verifier


@dataclass
class Got:
    """One request: its headers in lower case and its body."""

    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        return Verifier(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """`answer` decides, for each request, the status, or acts on the handler itself and returns None."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answer: Callable[[Got, BaseHTTPRequestHandler], int | None] = lambda got, handler: 204

    @property
    def messages(self) -> list[str]:
        return [got.message for got in self.got]

    def answers(self, *statuses: int) -> None:
        """Give these statuses one after the other, the last one for ever."""
        left = list(statuses)
        self.answer = lambda got, handler: left.pop(0) if len(left) > 1 else left[0]


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got = Got({name.lower(): value for name, value in self.headers.items()}, body)
            receiver.got.append(got)
            with contextlib.suppress(OSError):
                status = receiver.answer(got, self)
                if status is not None:
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    if 300 <= status < 400:
                        self.send_header("Location", f"{receiver.url}elsewhere")
                    self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hang(seconds: float) -> Callable[[Got, BaseHTTPRequestHandler], None]:
    return lambda got, handler: time.sleep(seconds)


def hang_up(got: Got, handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without a word."""
    handler.connection.close()


def drip(got: Got, handler: BaseHTTPRequestHandler) -> None:
    """Send a header byte by byte, for ever: every single wait is short."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.05)


def babble(got: Got, handler: BaseHTTPRequestHandler) -> None:
    """An answer that is no HTTP."""
    handler.wfile.write(b"hello, this is the accounts department\r\n\r\n")


def flood(got: Got, handler: BaseHTTPRequestHandler) -> None:
    """200, and a body without end that has nothing to do with the question."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(200):
        handler.wfile.write(b"<html>not yours</html>" * 1000)
