"""The ways a text leaves the house. One is chosen by HUIFENG_SMS_BACKEND; each may be called from any worker.

A back-end either returns, and the text counts as sent, or raises NotSent. It never logs a phone or the words.
"""

import json
import sys
import urllib.error
import urllib.request
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

SECONDS = 10  # to connect, and again for each answer of the gateway


class NotSent(Exception):
    """The text did not go out. The reason is kept with it, so it holds no phone and no words.

    `for_good`: trying again cannot help (the gateway says the number or the words are wrong).
    """

    def __init__(self, reason: str, *, for_good: bool = False):
        super().__init__(reason)
        self.for_good = for_good


class Backend(Protocol):
    def send(self, phone: str, words: str, *, key: str) -> None:
        """Send `words` to `phone`. The same `key` again means the same message: it should go out once."""

    def call(self, phone: str, words: str, *, key: str) -> None:
        """Ring `phone` and read `words` out twice."""


class Console:
    """Prints to standard output, for the desk of a developer. Not for a server: output there is a log."""

    def send(self, phone: str, words: str, *, key: str) -> None:
        self._show("短信", phone, words)

    def call(self, phone: str, words: str, *, key: str) -> None:
        self._show("电话", phone, words)

    def _show(self, way: str, phone: str, words: str) -> None:
        if not settings.DEBUG:
            raise NotSent("the console is for HUIFENG_DEBUG only", for_good=True)
        sys.stdout.write(f"[{way} 尾号{phone[-4:]}] {words}\n")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        """A redirect would carry phone and token to somebody else; it is an error."""


class HttpGateway:
    """POST {way, phone, words} as JSON to HUIFENG_SMS_URL, with HUIFENG_SMS_TOKEN as bearer.

    Idempotency-Key is the text's key: a gateway that honours it sends once even when a worker is killed
    between the gateway's answer and our COMMIT. 2xx: sent; 400 and 422: refused for good; else: tried again.
    """

    opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))

    def send(self, phone: str, words: str, *, key: str) -> None:
        self._post("sms", phone, words, key)

    def call(self, phone: str, words: str, *, key: str) -> None:
        self._post("voice", phone, words, key)

    def _post(self, way: str, phone: str, words: str, key: str) -> None:
        if not settings.SMS_URL:
            raise NotSent("HUIFENG_SMS_URL is not set")
        request = urllib.request.Request(  # noqa: S310 -- the address is the operator's; settings allow http(s) only
            settings.SMS_URL,
            data=json.dumps({"way": way, "phone": phone, "words": words}).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {settings.SMS_TOKEN}",
                "Idempotency-Key": key,
            },
            method="POST",
        )
        try:
            with self.opener.open(request, timeout=SECONDS):
                pass
        except urllib.error.HTTPError as error:
            error.close()
            raise NotSent(f"HTTP {error.code}", for_good=error.code in (400, 422)) from None
        except (OSError, ValueError) as error:  # ValueError: what came back is no HTTP
            raise NotSent(type(error).__name__) from None


BACKENDS = {
    "console": "huifeng.texts.backends.Console",
    "http": "huifeng.texts.backends.HttpGateway",
    "demo": "demo.texts.Outbox",
}


def backend() -> Backend:
    """The back-end the settings name."""
    made: Backend = import_string(BACKENDS[settings.SMS_BACKEND])()
    return made
