"""Giving, taking back and using the signed link of a report to an organisation outside the system."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from checkin.feedback import letters, periods
from checkin.feedback.models import FeedbackReport
from checkin.feedback.permissions import may_give_link
from communities.calendar.periods import deadline
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from .steps import locked, written

HOUR, MOST_AN_HOUR = timedelta(hours=1), 60
GONE = "这个链接已经失效。请联系寄信的老干部局或社区，重新要一个。"


@transaction.atomic
def give_link(report_id: int, *, by: User) -> FeedbackReport:
    """A link for the receiver, good for some weeks. One that is good already is kept, so that a letter printed
    before still works. Raises FeedbackReport.DoesNotExist, PermissionDenied, RuleBroken (waits for no answer).
    """
    report = locked(report_id)
    require(may_give_link(by, report))
    if letters.has_link(report):
        return report
    if not report.is_waiting:
        raise RuleBroken("这份反馈单现在不用答复，不能给链接。请刷新后再看。", code="wrong_state")
    report.link_version += 1
    report.link_until = deadline(periods.LINK, timezone.now()).day
    written("feedback.link_given", report, "link_version", "link_until", by=by)
    return report


@transaction.atomic
def revoke_link(report_id: int, *, by: User) -> FeedbackReport:
    """End the link that was given. Repeating it changes nothing. Raises as give_link."""
    report = locked(report_id)
    require(may_give_link(by, report))
    if not letters.has_link(report):
        return report
    report.link_version += 1
    report.link_until = None
    written("feedback.link_revoked", report, "link_version", "link_until", by=by)
    return report


@as_program("whoever holds a link that holds answers for the receiver")
@transaction.atomic
def use_link(token: str) -> FeedbackReport:
    """Count one answer that comes by link, and lock its report. Raises RuleBroken (link over, too many)."""
    found = letters.find(token)
    if found is None:
        raise RuleBroken(GONE, code="link_gone")
    report, now = locked(found.pk), timezone.now()
    if letters.find(token) is None:
        raise RuleBroken(GONE, code="link_gone")
    if report.link_hour is None or now >= report.link_hour + HOUR:
        report.link_hour, report.link_posts = now, 0
    if report.link_posts >= MOST_AN_HOUR:
        raise RuleBroken("答复得太频繁，请一小时后再试，或打电话联系。", code="too_often")
    report.link_posts += 1
    report.save(update_fields=["link_hour", "link_posts"])
    return report
