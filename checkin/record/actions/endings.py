from datetime import date

from django.db import transaction
from django.utils import timezone

from checkin.record.models import Act, CheckIn, EndReason, SeasonalStay, State
from checkin.record.permissions import may_end, may_withdraw
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from members.people.models import Retiree

from .steps import Move, already, begin, finish, lock_person, refuse_done, refuse_stale


@transaction.atomic
def withdraw(checkin_id: int, *, by: User, version: int | None = None, words: str = "") -> CheckIn:
    """The person takes a request back before it is confirmed. A later one is a new record. Source: C17."""
    checkin = begin(checkin_id)
    require(may_withdraw(by, checkin))
    if checkin.state == State.WITHDRAWN:
        if already(checkin, by, Move.WITHDRAWN):
            return checkin
        refuse_done(checkin, State.WITHDRAWN)
    refuse_stale(checkin, version)
    before = State(checkin.state)
    checkin.move(Act.WITHDRAW)
    finish(checkin, Move.WITHDRAWN, by=by, from_state=before, words=words)
    return checkin


@transaction.atomic
def end(
    checkin_id: int, *, by: User, reason: EndReason, words: str = "", version: int | None = None
) -> CheckIn:
    """End a confirmed check-in because the person wants it (withdrawn) or for a reason in words (other).

    A move and a death end it by themselves, never through here. Source: docs/rules.md, C18.
    """
    checkin = begin(checkin_id)
    require(may_end(by, checkin))
    if checkin.state == State.ENDED:
        if already(checkin, by, Move.ENDED):
            return checkin
        refuse_done(checkin, State.ENDED)
    refuse_stale(checkin, version)
    if reason not in (EndReason.WITHDRAWN, EndReason.OTHER):
        raise RuleBroken("迁出请由新社区确认，去世请办理去世登记，不在这里终止。")
    if reason == EndReason.OTHER and not words.strip():
        raise RuleBroken("请写明终止的原因。")
    checkin.move(Act.END)
    checkin.ended_at, checkin.end_reason = timezone.now(), reason
    finish(checkin, Move.ENDED, by=by, from_state=State.CONFIRMED, reason=reason, words=words)
    return checkin


def end_at_death(retiree: Retiree, died_on: date, by: User) -> None:
    """Called when a death is confirmed: the check-in in force ends, a request under way is withdrawn."""
    lock_person(retiree.pk)
    for checkin in CheckIn.objects.filter(
        retiree=retiree, state__in=(*CheckIn.OPEN, State.CONFIRMED)
    ).order_by("pk"):
        checkin = begin(checkin.pk)
        before = State(checkin.state)
        words = f"去世登记（{died_on:%Y-%m-%d}）"
        if before == State.CONFIRMED:
            checkin.move(Act.END)
            checkin.ended_at, checkin.end_reason = timezone.now(), EndReason.DEATH
            finish(checkin, Move.ENDED, by=by, from_state=before, reason=EndReason.DEATH, words=words)
        else:
            checkin.move(Act.WITHDRAW)
            finish(checkin, Move.WITHDRAWN, by=by, from_state=before, reason=EndReason.DEATH, words=words)


def end_at_withdrawal(retiree: Retiree, by: User) -> None:
    """Called when consent is taken back: the check-in in force ends, a request is withdrawn, a season elsewhere
    stops. The caller has locked the person and asked who may. Source: docs/rules.md, G2.
    """
    words = "本人撤回同意"
    for checkin in CheckIn.objects.filter(
        retiree=retiree, state__in=(*CheckIn.OPEN, State.CONFIRMED)
    ).order_by("pk"):
        checkin = begin(checkin.pk)
        before = State(checkin.state)
        if before == State.CONFIRMED:
            checkin.move(Act.END)
            checkin.ended_at, checkin.end_reason = timezone.now(), EndReason.WITHDRAWN
            finish(checkin, Move.ENDED, by=by, from_state=before, reason=EndReason.WITHDRAWN, words=words)
        else:
            checkin.move(Act.WITHDRAW)
            finish(checkin, Move.WITHDRAWN, by=by, from_state=before, words=words)
    for stay in SeasonalStay.objects.filter(retiree=retiree, ended_at=None).order_by("pk"):
        stay.ended_at = timezone.now()
        stay.save(update_fields=["ended_at"])
        audit.record("seasonal_stay.ended", stay, by=by, note=words)


def restore_after_death(retiree: Retiree, by: User) -> None:
    """Called when a death turns out wrong (恢复在世): the check-in that it ended is in force again."""
    lock_person(retiree.pk)
    last = (
        CheckIn.objects.filter(retiree=retiree, state=State.ENDED, end_reason=EndReason.DEATH)
        .order_by("-ended_at")
        .first()
    )
    if last is None or CheckIn.objects.filter(retiree=retiree, state=State.CONFIRMED).exists():
        return
    checkin = begin(last.pk)
    checkin.move(Act.RESTORE)
    checkin.ended_at, checkin.end_reason = None, ""
    finish(checkin, Move.RESTORED, by=by, from_state=State.ENDED, words="恢复在世")
