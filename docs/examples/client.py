#!/usr/bin/env python3
"""Keeps a system in step with 惠风家园: standard library only, see docs/api.md. It pulls what changed since
the number it kept, signs for the changes that ask for it after keeping them, and pushes one change of its own. It may
be stopped at any line and started again: nothing is lost and nothing is done twice.

    HUIFENG_URL=https://… HUIFENG_TOKEN=hf_… python3 client.py state.json
    HUIFENG_URL=https://… HUIFENG_TOKEN=hf_… python3 client.py state.json 17 original_post=处长 "干部任免表"
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

TRIES, KEY = 6, "Idempotency-Key"


class Refused(Exception):
    """The other side said no, for good: `code` for programs, `detail` for people."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')}")
        self.status, self.code = status, problem.get("code")


class Api:
    def __init__(self, url, token):
        self.url, self.token = url.rstrip("/") + "/api/v1", token

    def send(self, method, path, body=None, **headers):
        """The JSON of the answer and its ETag. What may do better later is sent again, with the same key."""
        headers |= {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        for attempt in range(1, TRIES + 1):
            request = urllib.request.Request(self.url + path, content, headers, method=method)  # noqa: S310
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                    return json.load(answer), answer.headers.get("ETag")
            except urllib.error.HTTPError as error:
                problem = json.loads(error.read() or b"{}") if error.code < 500 else {}
                again = error.code == 429 or error.code >= 500 or problem.get("code") == "in_progress"
                if not again or attempt == TRIES:
                    raise Refused(error.code, problem) from error
                pause = float(error.headers.get("Retry-After") or 2**attempt)
            except (urllib.error.URLError, TimeoutError, ConnectionError):
                if attempt == TRIES:
                    raise
                pause = 2**attempt  # the answer may have been lost after the act: the key makes that harmless
            time.sleep(pause)


class State:
    """What must survive: the last number taken over, and the key of a push that has no answer yet."""

    def __init__(self, path):
        self.path = Path(path)
        self.kept = json.loads(self.path.read_text()) if self.path.exists() else {"after": 0, "changes": []}

    def keep(self, **values):
        self.kept |= values
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.kept, ensure_ascii=False))
        new.replace(self.path)


def pull(api, state):
    """Take over every change after the last number: first keep it, then sign for it."""
    more = True
    while more:
        page, _ = api.send("GET", f"/changes?after={state.kept['after']}&limit=100")
        for change in page["items"]:
            known = [*state.kept["changes"], change][-1000:]  # a real system writes to its own tables here
            state.keep(after=change["number"], changes=known)
        more = page["more"]
    for change in state.kept["changes"]:
        if change["state"] == "delivered" and change["receipt_due_on"]:  # the others need no receipt
            address = f"/changes/{change['number']}/receipt"
            try:
                api.send("POST", address, {"state": "acknowledged"}, **{KEY: f"receipt-{change['number']}"})
            except Refused as refused:
                if refused.code != "already_done":  # a colleague disputed it
                    raise
            change["state"] = "answered"
            state.keep()


def push(api, state, person, values, why):
    """Change one person; when somebody was faster, look again and try once more."""
    what = [person, values, why]
    for _ in range(3):
        pushing = state.kept.get("pushing")
        if not pushing or pushing["what"] != what:
            pushing = {"key": uuid.uuid4().hex, "what": what}
            state.keep(pushing=pushing)  # before it is sent, so that a second start sends the same key
        _, etag = api.send("GET", f"/people/{person}")
        try:
            body = {"values": values, "why": why}
            done, _ = api.send("PATCH", f"/people/{person}", body, **{KEY: pushing["key"], "If-Match": etag})
        except Refused as refused:
            if refused.status != 412:
                state.keep(pushing=None)
                raise
        else:
            state.keep(pushing=None)
            return done
    raise SystemExit("somebody else keeps changing this person")


if __name__ == "__main__":
    api, state = Api(os.environ["HUIFENG_URL"], os.environ["HUIFENG_TOKEN"]), State(sys.argv[1])
    pull(api, state)
    if len(sys.argv) > 2:
        name, _, value = sys.argv[3].partition("=")
        print(json.dumps(push(api, state, int(sys.argv[2]), {name: value}, sys.argv[4])))
