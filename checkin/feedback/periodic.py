"""What beat starts. Every entry calls actions, and may run twice."""

from datetime import timedelta
from typing import Any

from celery import shared_task
from django.utils import timezone

from checkin.statistics.months import Month
from communities.calendar.periods import deadline
from huifeng.accounts.models import User

from . import actions, periods
from .models import FeedbackReport


@shared_task
def daily() -> dict[str, Any]:
    """Each morning: last month's reports once their day has come, then reminders. Source: docs/rules.md, F5."""
    last = Month.current().previous
    started = False
    if timezone.localdate() >= deadline(periods.SEND, last.end - timedelta(hours=12)).day and not _is_sent(
        last
    ):
        actions.start(last, by=User.objects.system())
        started = True
    return {"started": started, **actions.remind_overdue()}


def _is_sent(month: Month) -> bool:
    reports = FeedbackReport.objects.of_month(month)
    return reports.exists() and not reports.filter(state=FeedbackReport.State.GENERATED).exists()
