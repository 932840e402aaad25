"""What every act on a proposal begins and ends with."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from communities.calendar.periods import Clock
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from members.people import fields
from members.people.models import Retiree

from .. import periods
from ..models import ChangeProposal

State = ChangeProposal.State
RELATED = ("desk__division", "organisation", "decided_by", "proposed_by")


def begin(proposal_id: int) -> ChangeProposal:
    """The proposal as it stands once its person is locked: the person's lock holds it too (rules P3).

    Raises ChangeProposal.DoesNotExist, RuleBroken (the person was merged just now).
    """
    retiree_id = ChangeProposal.objects.values_list("retiree_id", flat=True).get(pk=proposal_id)
    retiree = Retiree.objects.locked(retiree_id)
    proposal = ChangeProposal.objects.select_related(*RELATED).get(pk=proposal_id)
    retiree.check_has(proposal)
    proposal.retiree = retiree
    return proposal


def open_of(retiree: Retiree) -> list[ChangeProposal]:
    """What is open about a person whom the caller has locked."""
    found = list(
        ChangeProposal.objects.open().filter(retiree=retiree).select_related(*RELATED).order_by("pk")
    )
    for proposal in found:
        proposal.retiree = retiree
    return found


def set_dates(proposal: ChangeProposal, at: datetime) -> None:
    """The last day for an answer that was asked for at `at` (aware), and when the bureau hears. Does not save."""
    clock = Clock()
    due = clock.deadline(periods.ANSWER, at)
    bureau = clock.calendar.add_working_days(due.day, clock.lengths[periods.ESCALATE].length)
    proposal.due_on, proposal.bureau_on = due.day, bureau.day
    proposal.dates_provisional = due.provisional or bureau.provisional


def close(proposal: ChangeProposal, state: State, *, by: User, reason: str = "") -> None:
    """Move to a final state, with its audit entry. Whom to tell is the caller's."""
    proposal.move_to(state)
    proposal.decided_by, proposal.decided_at, proposal.reason = by, timezone.now(), reason[:200]
    proposal.save(update_fields=["state", "desk", "decided_by", "decided_at", "reason"])
    record(proposal, state, by=by, before={"state": State.OPEN}, after={"state": state}, note=reason[:200])


def record(
    proposal: ChangeProposal,
    act: str,
    *,
    by: User,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
) -> None:
    """An audit entry on the person, who can read it; values are never in it, the names of fields are."""
    audit.record(
        f"proposal.{act}",
        proposal.retiree,
        by=by,
        organisation_id=office_of(proposal, by),
        before=before,
        after={"proposal": proposal.pk, "field": proposal.field, **(after or {})},
        note=note,
    )


def office_of(proposal: ChangeProposal, by: User) -> int | None:
    """For which organisation `by` acts here: the one that proposed, the one that answers, another of theirs."""
    if is_system(by):
        return proposal.organisation_id
    if by.pk == proposal.retiree.user_id:
        return None
    ours = standing_of(by).organisation_ids
    for pk in (proposal.desk_id, proposal.organisation_id):
        if pk in ours:
            return pk
    return min(ours, default=None)


def titles(names: list[str]) -> str:
    return "、".join(fields.title(name) for name in names)
