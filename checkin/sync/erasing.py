"""What an erasure does in this room (docs/security.md, Erasure)."""

from members.people.erasing import ERASED
from members.people.registry import Erased

from .models import DeadLetter

COVERS = {
    "checkin_sync.Webhook": "addresses of systems",
    "checkin_sync.DeadLetter": "about the person: what was written to decide it is emptied",
    "checkin_sync.DigestWish": "staff's own mail address",
}


def erase(erased: Erased) -> None:
    DeadLetter.objects.filter(notice__person__in=erased.keys).exclude(words="").update(words=ERASED)
