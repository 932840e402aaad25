"""What an erasure does in this room (docs/security.md, Erasure)."""

from members.people.registry import Erased

from .models import IdempotentRequest

COVERS = {
    "checkin_api.ApiToken": "accounts of systems",
    "checkin_api.IdempotentRequest": "kept answers that name the person are emptied; they go after a week",
}


def erase(erased: Erased) -> None:
    """The row stays, so that the same request again still does nothing."""
    for kept in IdempotentRequest.objects.exclude(body=None).only("body").iterator(chunk_size=500):
        if erased.is_in(kept.body):
            IdempotentRequest.objects.filter(pk=kept.pk).update(body="{}")
