"""The dates of a series: each week, every other week, or the same weekday of each month (the second Wednesday)."""

import calendar
from datetime import date, datetime, timedelta

from django.utils import timezone

from .models import Series

Rhythm = Series.Rhythm


def starts_of(first: datetime, rhythm: str, times: int) -> list[datetime]:
    """`times` beginnings from `first` (aware) on, at the same hour in Shanghai. Source: docs/rules.md, T2."""
    local = timezone.localtime(first)
    days = [_day(local.date(), rhythm, number) for number in range(times)]
    return [timezone.make_aware(datetime.combine(day, local.time())) for day in days]


def _day(first: date, rhythm: str, number: int) -> date:
    if rhythm == Rhythm.MONTHLY:
        return _same_weekday(first, number)
    return first + timedelta(weeks=number * (2 if rhythm == Rhythm.FORTNIGHTLY else 1))


def _same_weekday(first: date, months: int) -> date:
    """The same weekday `months` later, counted in the month; the last one where there is no fifth."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    length = calendar.monthrange(year, month + 1)[1]
    begin = date(year, month + 1, 1)
    day = 1 + (first.weekday() - begin.weekday()) % 7 + (first.day - 1) // 7 * 7
    return begin.replace(day=day if day <= length else day - 7)
