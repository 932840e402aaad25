"""The ways an act can be refused. Middleware turns each into an answer, so views hold no try/except."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone


class RuleBroken(Exception):
    """A rule of the house says no. `message` is Chinese and says what to do next; the answer is 409."""

    def __init__(self, message: str, *, code: str = "rule"):
        super().__init__(message)
        self.message = message
        self.code = code


class AlreadyDone(RuleBroken):
    """Somebody else acted first: the answer names who and when, so nobody wonders whose act holds.

    `code`: "stale" when what was read is older than that act, whatever the act was.
    """

    def __init__(self, what: str, *, who: str, at: datetime, code: str = "already_done"):
        when = timezone.localtime(at).strftime("%Y年%-m月%-d日 %H:%M")
        super().__init__(f"已由{who}于{when}{what}。请刷新后再看。", code=code)
        self.who = who
        self.at = at


def require(allowed: bool) -> None:
    """Raise PermissionDenied unless `allowed`."""
    if not allowed:
        raise PermissionDenied
