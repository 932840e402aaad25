"""Reminding the districts that have not submitted: a notice to each bureau, once a day."""

from django.db import transaction
from django.utils import timezone

from checkin.statistics.months import Month, require_begun
from checkin.statistics.permissions import may_close
from communities.notices.actions import post
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require

from .submitting import bureaus, locked, require_over, submissions

REMINDED = "statement.reminded"  # kind of the notice


@transaction.atomic
def remind(month: Month, *, by: User) -> list[str]:
    """Tell every district's bureau whose statement is missing. Returns the names of those told now.

    Repeating it on the same day tells nobody. Raises PermissionDenied, RuleBroken (month not over, closed).
    Source: docs/rules.md, S6.
    """
    require_begun(month)
    city = locked(month)
    require(may_close(by))
    require_over(month)
    if city.is_closed:
        raise RuleBroken(f"{month.words}已经封存，不用再催报。", code="month_closed")
    key = f"statement:{month}:{timezone.localdate():%Y%m%d}"
    missing = {item.area: item for item in submissions(month) if not item.is_there}
    told = []
    for bureau in bureaus(list(missing)):
        if bureau.notices.filter(key=key).exists():
            continue
        item = missing[bureau.area]
        words = f"请在{item.due_on.month}月{item.due_on.day}日前上报{month.words}月报。"
        if item.is_late:
            words = f"{month.words}月报应在{item.due_on.month}月{item.due_on.day}日前上报，现在还没有收到，请尽快上报。"
        post(bureau, key=key, kind=REMINDED, words=words, link=f"page:statistics/closing/{month}/")
        told.append(item.name)
    if told:
        audit.record("statement.reminded", city, by=by, after={"month": str(month), "districts": told})
    return told
