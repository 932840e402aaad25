"""What a person's page and a check-in's page show of proposals (checkin.record.registry)."""

from checkin.record.registry import Proposals, Proposed
from huifeng.accounts.models import User
from members.people.models import Retiree

from . import wording
from .models import ChangeProposal
from .permissions import staff_writes

MOST = 20


def about(retiree: Retiree, user: User, decided: bool) -> Proposals:
    """What is open about the person, as `user` may read it; with `decided` also the newest answers."""
    rows = (
        ChangeProposal.objects.visible_to(user).filter(retiree=retiree).select_related("organisation", "desk")
    )
    rows = rows.exclude(state__in=wording.OVER) if decided else rows.open()
    lines = []
    for row in rows.order_by("-pk")[:MOST]:
        row.retiree = retiree
        lines.append(
            Proposed(
                title=row.title,
                old=wording.old(row),
                new=wording.new(row),
                who=wording.who(row),
                state=row.get_state_display(),
                kind=wording.KINDS[ChangeProposal.State(row.state)],
                page=f"proposals/{row.pk}/",
            )
        )
    owns_all = staff_writes(user, retiree, "name") and staff_writes(user, retiree, "phone")
    return Proposals(lines, "" if owns_all or retiree.died_on else f"proposals/new/{retiree.pk}/")
