"""What an erasure does in this room (docs/security.md, Erasure)."""

from members.people.erasing import ERASED
from members.people.registry import Erased

from .models import Drift

COVERS = {
    "checkin_reconciliation.ReconciliationRun": "figures",
    "checkin_reconciliation.Drift": "about the person: what should be and what is are emptied",
    "checkin_reconciliation.PostedDigest": "keys, versions, states and codes",
}


def erase(erased: Erased) -> None:
    Drift.objects.filter(person__in=erased.keys).exclude(expected="").update(expected=ERASED)
    Drift.objects.filter(person__in=erased.keys).exclude(found="").update(found=ERASED)
