"""What a person's page and a check-in's page show of proposals (checkin.record.registry)."""

from checkin.record.registry import Proposals, Proposed
from huifeng.accounts.models import User
from members.people.models import Retiree

from . import wording
from .models import ChangeProposal

MOST = 20


def about(retiree: Retiree, user: User, decided: bool) -> Proposals:
    """What is open about the person, as `user` may read it; with `decided` also the newest answers.

    `user` may see the person: the page is about them. Most people have no proposals: that costs one query.
    """
    rows = ChangeProposal.objects.filter(retiree=retiree).select_related("organisation", "desk")
    rows = rows.exclude(state__in=wording.OVER) if decided else rows.open()
    found = list(rows.order_by("-pk")[:MOST])
    if found:
        shown = ChangeProposal.objects.visible_to(user).filter(pk__in=[row.pk for row in found])
        readable = set(shown.values_list("pk", flat=True))
        found = [row for row in found if row.pk in readable]
    lines = []
    for row in found:
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
    return Proposals(lines, "" if retiree.died_on else f"proposals/new/{retiree.pk}/")
