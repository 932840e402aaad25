"""A form that was sent when its session had just ended comes back filled after the next login.

What was typed is sealed into the new, empty session of the browser: for the same account, the same page, ten minutes.
Never files, never passwords, nothing of the login itself, nothing large. It is shown, not sent: who typed it reads it
and sends it again.
"""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.exceptions import InvalidTag
from django.contrib import messages
from django.http import HttpRequest, QueryDict

from huifeng.display.kept import typed
from huifeng.sealed import seal, unseal

KEPT = "kept_form"
CONTEXT = "accounts.kept_form"
SECONDS = 10 * 60
MOST_BYTES = 64 * 1024
_SECRET = ("password", "digits", "code", "credential", "csrfmiddlewaretoken")


def typed_into(request: HttpRequest) -> str:
    """What a form of ours sent, sealed by `keep`; "" for what is not kept."""
    small = int(request.META.get("CONTENT_LENGTH") or 0) <= MOST_BYTES
    form = request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data")
    if request.method != "POST" or not (small and form) or request.path.startswith("/login/"):
        return ""
    given = request.POST.copy()
    for name in list(given):
        if any(secret in name for secret in _SECRET):
            del given[name]
    return given.urlencode()


def keep(request: HttpRequest, words: str, *, page: str, user_id: int | None) -> None:
    """Put what was typed into the session that has just begun."""
    said = json.dumps({"words": words, "page": page, "user": user_id, "until": time.time() + SECONDS})
    request.session[KEPT] = base64.b64encode(seal(said, CONTEXT)).decode()
    request.session.set_expiry(SECONDS)  # until the login gives it an end of its own


@contextmanager
def given_back(request: HttpRequest) -> Iterator[None]:
    """Let the forms of this page be filled, once, when it is the page and the person."""
    sealed = request.session.get(KEPT)
    if sealed is None or not request.user.is_authenticated:
        yield
        return
    said = _opened(sealed)
    here = request.method == "GET" and request.get_full_path() == said.get("page")
    good = said.get("user") == request.user.pk and time.time() <= said.get("until", 0)
    if here or not good:
        del request.session[KEPT]
    if not (here and good):
        yield
        return
    messages.info(request, "您刚才填的内容还在，没有丢。请看一遍，再提交。")
    token = typed.set(QueryDict(str(said["words"])))
    try:
        yield
    finally:
        typed.reset(token)


def _opened(sealed: str) -> dict[str, Any]:
    try:
        said = json.loads(unseal(base64.b64decode(sealed), CONTEXT))
    except (ValueError, InvalidTag):  # the key was changed meanwhile
        return {}
    return dict(said)
