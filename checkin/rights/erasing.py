"""What an erasure does in this room (docs/security.md, Erasure)."""

from members.people.registry import Erased

from .models import ErasureRequest

COVERS = {
    "checkin_rights.ConsentWithdrawal": "a version and a day",
    "checkin_rights.ErasureRequest": "what the person wrote is emptied; the bureau's decision names nobody and stays",
}


def erase(erased: Erased) -> None:
    ErasureRequest.objects.filter(retiree__in=erased.keys).update(words="")
