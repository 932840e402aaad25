"""What an erasure does in this room (docs/security.md, Erasure)."""

from django.utils import timezone

from members.people.erasing import ERASED
from members.people.registry import Erased

from .models import ChangeProposal

COVERS = {
    "checkin_proposals.ChangeProposal": "values and words emptied; open ones withdrawn; which field, who and when stay"
}


def erase(erased: Erased) -> None:
    proposals = ChangeProposal.objects.filter(retiree__in=erased.keys)
    proposals.filter(state=ChangeProposal.State.OPEN).update(
        state=ChangeProposal.State.WITHDRAWN, decided_at=timezone.now(), decided_by=erased.by
    )
    proposals.update(old_value=None, new_value=None, old_sealed="", new_sealed="")
    proposals.exclude(why="").update(why=ERASED)
    proposals.exclude(reason="").update(reason=ERASED)
