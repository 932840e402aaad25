"""Reopening a closed month: one person asks with a reason, another one does it; it is marked for good."""

from django.db import transaction
from django.utils import timezone

from checkin.statistics.models import MonthlyStatement
from checkin.statistics.months import Month
from checkin.statistics.permissions import may_close
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require

from .submitting import State, locked


@transaction.atomic
def ask_reopen(month: Month, *, reason: str, by: User) -> MonthlyStatement:
    """Ask that the newest closed month be opened again. Asking again by the same person changes nothing.

    Raises PermissionDenied, RuleBroken (not closed, a later month is closed, no reason). Source: docs/rules.md, S4.
    """
    statement = locked(month)
    require(may_close(by))
    _require_newest_closed(statement, month)
    if statement.reopening_is_asked and statement.reopen_asked_by_id == by.pk:
        return statement
    if not reason.strip():
        raise RuleBroken("请写明重开的原因。", code="reason_missing")
    statement.reopen_asked_at, statement.reopen_asked_by = timezone.now(), by
    statement.reopen_words = reason.strip()[:300]
    statement.save(update_fields=["reopen_asked_at", "reopen_asked_by", "reopen_words"])
    audit.record("month.reopening_asked", statement, by=by, note=statement.reopen_words[:200])
    return statement


@transaction.atomic
def reopen(month: Month, *, by: User) -> MonthlyStatement:
    """The second person opens the month. Its facts stay, and count no more; it is closed again under a new number.

    Repeating it changes nothing. Raises PermissionDenied, RuleBroken (nobody asked, the same person asked, a later
    month is closed). Source: docs/rules.md, S4.
    """
    statement = locked(month)
    require(may_close(by))
    if statement.state == State.REOPENED:
        return statement
    _require_newest_closed(statement, month)
    if not statement.reopening_is_asked:
        raise RuleBroken("还没有人申请重开，请先申请并写明原因。", code="nobody_asked")
    if statement.reopen_asked_by_id == by.pk:
        raise RuleBroken("重开要由另一个人确认，请让同事办理。", code="same_person")
    statement.state = State.REOPENED
    statement.reopened_at, statement.reopened_by = timezone.now(), by
    statement.reason = statement.reopen_words
    statement.save(update_fields=["state", "reopened_at", "reopened_by", "reason"])
    MonthlyStatement.objects.filter(month=statement.month).exclude(pk=statement.pk).update(
        state=State.REOPENED
    )
    audit.record(
        "month.reopened",
        statement,
        by=by,
        before={"state": "closed"},
        after={"state": "reopened", "asked_by": statement.reopen_asked_by_id},
        note=statement.reason[:200],
    )
    return statement


def _require_newest_closed(statement: MonthlyStatement, month: Month) -> None:
    if not statement.is_closed:
        raise RuleBroken(f"{month.words}没有封存，可以直接办理。", code="not_closed")
    later = MonthlyStatement.objects.filter(area=statement.area, month__gt=statement.month, closing__gt=0)
    newest = later.order_by("-month").first()
    if newest is not None:
        raise RuleBroken(
            f"{Month.of(newest.month).words}已经封存，只能重开最近封存的月份。", code="later_closed"
        )
