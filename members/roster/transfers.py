"""What a roster asks of other units: to hand over people whom it names and they manage (rules P10, P17)."""

from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import AlreadyDone, RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.units import actions as units
from members.units.models import UnitMembership

from . import notices
from .models import ImportBatch, TransferProposal
from .permissions import may_decide_transfer

State = TransferProposal.State


def propose(batch: ImportBatch) -> int:
    """Ask for everybody whom the plan found with another unit; who was asked for already is not asked for again.

    In the caller's transaction, with the batch locked. Returns how many were asked for now.
    """
    rows = batch.rows.exclude(other_unit_id=None).values_list("person", "other_unit_id", "unit_id")
    asked = [
        TransferProposal(batch=batch, retiree_id=person, from_unit_id=theirs, to_unit_id=ours)
        for person, theirs, ours in rows
        if person is not None and theirs is not None and ours is not None
    ]
    before = set(
        TransferProposal.objects.open()
        .values_list("retiree_id", "to_unit_id")
        .filter(retiree__in=[proposal.retiree_id for proposal in asked])
    )
    fresh = [proposal for proposal in asked if (proposal.retiree_id, proposal.to_unit_id) not in before]
    TransferProposal.objects.bulk_create(fresh, ignore_conflicts=True)
    for unit_id in sorted({proposal.from_unit_id for proposal in fresh}):
        count = sum(proposal.from_unit_id == unit_id for proposal in fresh)
        notices.transfers_asked(batch, Organisation.objects.get(pk=unit_id), count)
    return len(fresh)


@transaction.atomic
def accept(proposal_id: int, *, by: User) -> TransferProposal:
    """The managing unit hands the person over from today. Repeating it changes nothing.

    Raises TransferProposal.DoesNotExist, PermissionDenied, RuleBroken (decided, the unit is closed, joined today).
    """
    proposal = _locked(proposal_id, by=by)
    if proposal.state == State.ACCEPTED:
        return proposal
    _require_open(proposal)
    now = units.unit_of(proposal.retiree)
    if now is None or now.pk != proposal.from_unit_id:
        return _decide(proposal, State.OVERTAKEN, by=by)
    today = timezone.localdate()
    if UnitMembership.objects.open().filter(retiree=proposal.retiree_id, valid_from__gte=today).exists():
        raise RuleBroken("这位老同志今天才转入本单位，请明天再转出。", code="joined_today")
    units.transfer(proposal.retiree_id, proposal.to_unit_id, on=today, by=by)
    return _decide(proposal, State.ACCEPTED, by=by)


@transaction.atomic
def refuse(proposal_id: int, *, by: User, reason: str) -> TransferProposal:
    """The managing unit says no, with a reason that the asking unit reads. Repeating it changes nothing."""
    proposal = _locked(proposal_id, by=by)
    if proposal.state == State.REFUSED:
        return proposal
    _require_open(proposal)
    if not reason.strip():
        raise RuleBroken("请写明不转的理由，对方单位会看到。", code="field_reason")
    proposal.reason = reason.strip()[:200]
    return _decide(proposal, State.REFUSED, by=by)


def overtake(batch: ImportBatch, *, by: User) -> None:
    """The import is taken back, and so is what it asked for. In the caller's transaction."""
    TransferProposal.objects.open().filter(batch=batch).update(
        state=State.OVERTAKEN, decided_by=by, decided_at=timezone.now()
    )


@as_program("the person asked for may have left the unit that is asked")
def _locked(proposal_id: int, *, by: User) -> TransferProposal:
    """The person first, then the proposal (rules P3). Who was merged meanwhile is meant as who stayed (P23)."""
    named = TransferProposal.objects.values_list("retiree_id", "retiree__merged_into_id")
    retiree_id, stays = named.get(pk=proposal_id)
    person = Retiree.objects.locked(stays or retiree_id)
    if named.get(pk=proposal_id) != (retiree_id, stays):  # merged or parted while the lock was waited for
        raise RuleBroken("这位老同志的档案刚刚有变动，请刷新后再答复。", code="stale")
    proposal = (
        TransferProposal.objects.select_for_update(of=("self",))
        .select_related("retiree", "from_unit", "to_unit", "decided_by")
        .get(pk=proposal_id)
    )
    proposal.retiree = person
    require(may_decide_transfer(by, proposal))
    return proposal


def _require_open(proposal: TransferProposal) -> None:
    if proposal.state != State.OPEN:
        assert proposal.decided_by is not None
        assert proposal.decided_at is not None
        raise AlreadyDone(
            f"答复（{proposal.get_state_display()}）",
            who=proposal.decided_by.display_name,
            at=proposal.decided_at,
        )


def _decide(proposal: TransferProposal, state: str, *, by: User) -> TransferProposal:
    proposal.state, proposal.decided_by, proposal.decided_at = state, by, timezone.now()
    proposal.save(update_fields=["retiree", "state", "reason", "decided_by", "decided_at"])
    audit.record(
        f"transfer.{state}",
        proposal.retiree,
        by=by,
        organisation_id=proposal.from_unit_id,
        after={"from": proposal.from_unit_id, "to": proposal.to_unit_id},
        note=proposal.reason,
    )
    notices.transfer_decided(proposal)
    return proposal
