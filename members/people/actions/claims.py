"""Staff decide, after a call, whether somebody is who they say."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import AlreadyDone, RuleBroken, require
from huifeng.rowscope.scope import as_program

from .. import fields, notices
from ..models import IdentityClaim, Retiree
from ..permissions import may_decide_claim
from . import changing
from .linking import link

CLAIM_STAYS = timedelta(days=365)  # after the decision; ours
State = IdentityClaim.State


def _locked(claim_id: int) -> tuple[Retiree, IdentityClaim]:
    """The person and the claim; the person's lock holds the claim too."""
    retiree = Retiree.objects.locked(
        IdentityClaim.objects.values_list("retiree_id", flat=True).get(pk=claim_id)
    )
    claim = IdentityClaim.objects.select_related("user", "desk").get(pk=claim_id)
    retiree.check_has(claim)
    claim.retiree = retiree
    return retiree, claim


@transaction.atomic
def accept_claim(claim_id: int, *, by: User) -> IdentityClaim:
    """It is the person: the account becomes theirs and the claim's phone their phone; an older account lets
    go.

    Repeating it changes nothing. Raises PermissionDenied, AlreadyDone (refused), RuleBroken (the account is
    somebody else's, or the person died). Source: docs/rules.md, P7.
    """
    retiree, claim = _locked(claim_id)
    require(may_decide_claim(by, claim))
    if claim.state == IdentityClaim.State.ACCEPTED:
        return claim
    _still_open(claim)
    if retiree.died_on is not None:
        raise RuleBroken("这位老同志已登记去世。如果登记错了，请先办理恢复在世。", code="dead")
    with as_program("whose the account is counts, seen or not"):
        taken = Retiree.objects.filter(user=claim.user).exclude(pk=retiree.pk).exists()
    if taken:
        raise RuleBroken("这个账号已经是另一位老同志的，请先核对。", code="account_taken")
    old_phone = retiree.phone
    link(retiree, claim.user, by=by)
    changing.apply(
        retiree, fields.cleaned({"phone": claim.phone}, ["phone"]), by=by, action="retiree.contact"
    )
    _decide(claim, IdentityClaim.State.ACCEPTED, "", by=by)
    notices.claim_accepted(claim, old_phone)
    return claim


@transaction.atomic
def refuse_claim(claim_id: int, *, reason: str, by: User) -> IdentityClaim:
    """It is not the person, or nobody could tell. `reason` is kept, not sent. Repeating changes nothing."""
    _, claim = _locked(claim_id)
    require(may_decide_claim(by, claim))
    if claim.state == IdentityClaim.State.REFUSED:
        return claim
    _still_open(claim)
    if not reason.strip():
        raise RuleBroken("请写下没有通过的理由。", code="reason_missing")
    _decide(claim, IdentityClaim.State.REFUSED, reason.strip()[:200], by=by)
    notices.claim_refused(claim)
    return claim


def _still_open(claim: IdentityClaim) -> None:
    if claim.decided_by is not None and claim.decided_at is not None:
        done = f"处理为“{claim.get_state_display()}”"
        raise AlreadyDone(done, who=claim.decided_by.display_name, at=claim.decided_at)


def _decide(claim: IdentityClaim, state: IdentityClaim.State, reason: str, *, by: User) -> None:
    before = claim.state
    claim.state, claim.reason, claim.decided_by, claim.decided_at = state, reason, by, timezone.now()
    claim.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    audit.record(
        f"identity_claim.{state.value}",
        claim,
        by=by,
        organisation_id=claim.desk_id,
        before={"state": before},
        after={"state": state.value},
    )


def forget_old_claims() -> int:
    """A year after the decision, empty what a claimant wrote; that it was decided, by whom and when stays."""
    over = IdentityClaim.objects.exclude(state=State.OPEN).exclude(name="")
    return over.filter(decided_at__lt=timezone.now() - CLAIM_STAYS).update(
        name="", birth_month="", unit_words="", phone="", reason=""
    )
