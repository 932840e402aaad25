from collections.abc import Collection

from django.db import transaction

from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User
from huifeng.errors import AlreadyDone, RuleBroken, require
from members.people import actions as people
from members.people import fields
from members.people.actions import changing
from members.people.models import Retiree

from .. import notices, values
from ..models import IN_WORDS, ChangeProposal
from ..owners import owner_of
from ..permissions import may_decide, may_withdraw
from .steps import State, begin, close, office_of, open_of, record


@transaction.atomic
def accept(
    proposal_id: int,
    *,
    by: User,
    version: int | None = None,
    reason: str = "",
    also: Collection[int] = (),
) -> ChangeProposal:
    """The owner takes the value over: it is written as the decider's own correction, and the proposer is told.

    `version`: of the person on the page that was looked at; an older page is refused. Without it, a value that
    is no longer what it was when it was proposed is refused (code "changed"): look at it and pass the version.
    `also`: keys of other open proposals for the person, accepted in the same act, for values that only agree
    together (ID number, birth date, sex). `reason`: words for the proposer; needed where words were proposed
    (they say what was corrected). A value that stands already closes it without a change.
    Repeating it changes nothing. Raises ChangeProposal.DoesNotExist, PermissionDenied, AlreadyDone (answered
    otherwise), RuleBroken (stale, changed, values that contradict each other). Source: docs/rules.md, O5, O8.
    """
    proposal = begin(proposal_id)
    require(may_decide(by, proposal))
    if proposal.state == State.ACCEPTED:
        return proposal
    _require_open(proposal)
    retiree = proposal.retiree
    changing.check_version(retiree, version)
    chosen = [proposal, *(row for row in open_of(retiree) if row.pk in set(also) and row.pk != proposal.pk)]
    for row in chosen:
        require(may_decide(by, row))
        if version is None:
            _require_unchanged(row)
        if row.field == IN_WORDS and not reason.strip():
            raise RuleBroken("请写明改了什么，本人会看到。", code="reason_missing")
    given = {row.field: row.new for row in chosen if row.field}
    if len(given) < sum(row.field != IN_WORDS for row in chosen):
        raise RuleBroken("同一项只能采纳一条建议，请只勾一条。", code="twice")
    for row in chosen:
        row.desk = owner_of(retiree, row.field)
        close(row, State.ACCEPTED, by=by, reason=reason.strip())
    _apply(retiree, given, by=by)
    proposal.retiree.refresh_from_db()
    for row in chosen:
        notices.closed(row, sender_id=office_of(row, by))
    return proposal


def _apply(retiree: Retiree, given: dict[str, object], *, by: User) -> None:
    """Through the actions of whoever decides, so that ownership and validation stay in one place."""
    unit = {name: value for name, value in given.items() if name in fields.UNIT_OWNS}
    contact = {name: value for name, value in given.items() if name not in fields.UNIT_OWNS}
    if unit:
        people.update_unit_fields(retiree.pk, unit, by=by)
    if contact:
        people.correct_contact(retiree.pk, contact, by=by)


@transaction.atomic
def refuse(proposal_id: int, *, by: User, reason: str, version: int | None = None) -> ChangeProposal:
    """The owner says no, with a reason that the proposer reads. Repeating it changes nothing.

    `version` as in accept. Raises ChangeProposal.DoesNotExist, PermissionDenied, AlreadyDone, RuleBroken (no
    reason, stale).
    """
    proposal = begin(proposal_id)
    require(may_decide(by, proposal))
    if proposal.state == State.REFUSED:
        return proposal
    _require_open(proposal)
    changing.check_version(proposal.retiree, version)
    if not reason.strip():
        raise RuleBroken("请写明不改的理由，提出的人会看到。", code="reason_missing")
    proposal.desk = owner_of(proposal.retiree, proposal.field)
    close(proposal, State.REFUSED, by=by, reason=reason.strip())
    notices.closed(proposal, sender_id=office_of(proposal, by))
    return proposal


@transaction.atomic
def withdraw(proposal_id: int, *, by: User) -> ChangeProposal:
    """Who proposed it takes it back; the desk need not answer. Repeating it changes nothing."""
    proposal = begin(proposal_id)
    require(may_withdraw(by, proposal))
    if proposal.state == State.WITHDRAWN:
        return proposal
    _require_open(proposal)
    close(proposal, State.WITHDRAWN, by=by)
    notices.withdrawn(proposal)
    return proposal


@transaction.atomic
def reveal(proposal_id: int, *, by: User, organisation_id: int | None = None) -> ChangeProposal:
    """Show a number in full to whoever has to decide on it; each look is written down, for the person to read."""
    proposal = begin(proposal_id)
    require(may_decide(by, proposal))
    require(organisation_id is None or organisation_id in standing_of(by).organisation_ids)
    record(proposal, "revealed", by=by, note="核对更正建议")
    return proposal


def _require_open(proposal: ChangeProposal) -> None:
    """Raise AlreadyDone naming who answered, when it is answered."""
    if proposal.state == State.OPEN:
        return
    assert proposal.decided_by is not None
    assert proposal.decided_at is not None
    raise AlreadyDone(
        f"答复（{proposal.get_state_display()}）",
        who=proposal.decided_by.display_name,
        at=proposal.decided_at,
    )


def _require_unchanged(proposal: ChangeProposal) -> None:
    if not proposal.field:
        return
    today = values.of(proposal.retiree, proposal.field)
    if today not in (proposal.old, proposal.new):
        raise RuleBroken(f"{proposal.title}在提出以后已经改过，请看过现在的内容再决定。", code="changed")
