"""Telling the bureaus that a month is due: districts to submit, the city's bureau to close. Each step once."""

from collections.abc import Iterator
from datetime import date

from django.db import transaction
from django.utils import timezone

from checkin.statistics import periods
from checkin.statistics.facts import city_area
from checkin.statistics.models import MonthlyStatement
from checkin.statistics.months import Month
from communities.calendar.days import working_days_between
from communities.divisions.models import Division
from communities.notices.actions import post
from communities.organisations.models import Organisation

from .submitting import Submission, bureaus, due_on, submissions

DUE = "statement.due"  # kind of the notice
NEAR = 1  # working days before the last one on which it is told; the length is ours


@transaction.atomic
def tell_what_is_due() -> dict[str, int]:
    """Tell every bureau the step its month has come to. Returns how many were told now.

    Safe to repeat: each step of each month is told once, and once more when the month was opened again. Nothing
    happens before there is a city. Source: docs/rules.md, S6.
    """
    told = {"submit": 0, "close": 0}
    if not Division.objects.filter(level=Division.Level.CITY).exists():
        return told
    for month, closing in _waiting():
        items = submissions(month)
        missing = {item.area: item for item in items if not item.is_there}
        for bureau in bureaus([*missing, city_area()]):
            item = missing.get(bureau.area)
            step, words = _to_submit(month, item) if item else _to_close(month, missing, len(items))
            if step and _tell(bureau, month, f"{closing}:{step}", words):
                told["submit" if item else "close"] += 1
    return told


def _waiting() -> Iterator[tuple[Month, int]]:
    """The months that are over and not closed, the oldest first, and how often each was closed before."""
    last = Month.current().previous
    rows = {
        Month.of(row.month): row for row in MonthlyStatement.objects.filter(area=city_area(), closing__gt=0)
    }
    month = max(rows) if rows else last
    while month <= last:
        row = rows.get(month)
        if row is None or not row.is_closed:
            yield month, row.closing if row else 0
        month = month.next


def _to_submit(month: Month, item: Submission) -> tuple[str, str]:
    step, day = _step(item.due_on), _words_of(item.due_on)
    words = {
        "near": f"请在{day}前上报{month.words}月报。",
        "past": f"{month.words}月报应在{day}前上报，现在还没有收到，请尽快上报。",
    }
    return step, words.get(step, "")


def _to_close(month: Month, missing: dict[str, Submission], districts: int) -> tuple[str, str]:
    due = due_on(month, periods.CLOSE)
    step, day = _step(due), _words_of(due)
    left = f"还没有上报：{'、'.join(item.name for item in missing.values())}。" if missing else ""
    if not step and not missing:
        return "ready", f"{month.words}月报{districts}个区市都已上报，请在{day}前核对并封存。"
    words = {
        "near": f"请在{day}前核对并封存{month.words}月报。{left}",
        "past": f"{month.words}月报应在{day}前封存，现在还没有封存，请尽快办理。{left}",
    }
    return step, words.get(step, "")


def _step(due: date) -> str:
    """ "near" on the last working days before `due` and on it, "past" after it, "" before."""
    today = timezone.localdate()
    if today > due:
        return "past"
    return "near" if working_days_between(today, due) <= NEAR else ""


def _words_of(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _tell(bureau: Organisation, month: Month, step: str, words: str) -> bool:
    key = f"statement-due:{month}:{step}"
    if bureau.notices.filter(key=key).exists():
        return False
    post(bureau, key=key, kind=DUE, words=words, link=f"page:statistics/closing/{month}/")
    return True
