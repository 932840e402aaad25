from datetime import date

from django.db import transaction
from django.utils import timezone

from huifeng.accounts.models import User

from .. import notices
from ..models import ChangeProposal
from .steps import State, begin, record, set_dates


def remind_overdue(*, today: date | None = None) -> dict[str, int]:
    """Tell the desk of every proposal past its date, later the bureau above it. Once a step, however often it runs.

    Returns how many of each were due. Source: docs/rules.md, O6.
    """
    today = today or timezone.localdate()
    counts = {"desk": 0, "bureau": 0}
    late = (
        ChangeProposal.objects.open()
        .filter(due_on__lt=today)
        .select_related("desk", "retiree", "organisation")
        .order_by("pk")
    )
    for proposal in late.iterator(chunk_size=500):
        notices.late(proposal, "desk", proposal.desk)
        counts["desk"] += 1
        if proposal.bureau_on <= today:
            notices.late(proposal, "bureau", notices.bureau_over(proposal.retiree, proposal.desk))
            counts["bureau"] += 1
    return counts


@transaction.atomic
def reschedule_year(year: int, by: User) -> int:
    """The holidays of `year` were announced: work out provisional dates again. Returns how many changed."""
    changed = 0
    rows = ChangeProposal.objects.open().filter(dates_provisional=True).order_by("retiree_id", "pk")
    for pk in list(rows.values_list("pk", flat=True)):
        proposal = begin(pk)
        if proposal.state != State.OPEN:
            continue
        before = str(proposal.due_on)
        set_dates(proposal, proposal.created_at)
        proposal.save(update_fields=["due_on", "bureau_on", "dates_provisional"])
        if before != str(proposal.due_on):
            record(
                proposal,
                "rescheduled",
                by=by,
                before={"due_on": before},
                after={"due_on": str(proposal.due_on)},
            )
            changed += 1
    return changed
