"""Working days of China: Monday to Friday, except as the yearly notice of the State Council says.

Both libraries for this go silent or fail on a year not yet announced; here such a year counts by weekdays
alone, and what was counted through it is provisional until the year is entered.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.db import connection

from .models import SpecialDay

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class Deadline(NamedTuple):
    """The last day for something. `provisional`: it runs into an unannounced year."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class Calendar:
    """The special days from one day on, in memory: load() once, then ask as often as needed."""

    special: dict[date, str] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()

    def is_working_day(self, day: date) -> bool:
        kind = self.special.get(day)
        return kind == SpecialDay.Kind.WORK if kind else day.weekday() < SATURDAY

    def add_working_days(self, start: date, n: int) -> Deadline:
        """The `n`-th working day after `start`, which itself never counts; `start` when n is 0."""
        day, left = start, n
        while left > 0:
            day += ONE_DAY
            left -= self.is_working_day(day)
        return Deadline(day, self.is_provisional(start, day))

    def add_days(self, start: date, n: int) -> Deadline:
        """`n` days after `start`; when that is no working day, the next one that is (民法典, article 203)."""
        day = start + n * ONE_DAY
        while not self.is_working_day(day):
            day += ONE_DAY
        return Deadline(day, self.is_provisional(start, day))

    def working_days_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and with `last`; negative when `last` is earlier."""
        if last < first:
            return -self.working_days_between(last, first)
        return sum(self.is_working_day(first + n * ONE_DAY) for n in range(1, (last - first).days + 1))

    def is_provisional(self, start: date, end: date) -> bool:
        """Whether a count from the day after `start` to `end` runs through a year that is not announced."""
        first = min(start + ONE_DAY, end)
        return any(year not in self.announced for year in range(first.year, end.year + 1))


def load(since: date = date.min) -> Calendar:
    """The calendar from day `since` on (a table of some 35 rows a year). One query."""
    return _read(since, "")[0]


def is_working_day(day: date) -> bool:
    """Whether offices work on `day`. One query; for many days ask load() once."""
    return load(day).is_working_day(day)


def add_working_days(start: date, n: int) -> Deadline:
    """The `n`-th working day after `start`, and whether that is provisional. One query."""
    return load(start).add_working_days(start, n)


def working_days_between(first: date, last: date) -> int:
    """Working days after `first` up to and with `last`; negative when `last` is earlier. One query."""
    return load(min(first, last)).working_days_between(first, last)


def load_with_period(since: date, key: str) -> tuple[Calendar, tuple[int, str] | None]:
    """The calendar from `since` on, and length and unit of the period `key` if set. One query."""
    return _read(since, key)


def _read(since: date, key: str) -> tuple[Calendar, tuple[int, str] | None]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT date, kind, NULL::int FROM communities_calendar_specialday WHERE date >= %s
            UNION ALL SELECT make_date(year, 1, 1), 'year', year FROM communities_calendar_announcedyear
            UNION ALL SELECT NULL, unit, length FROM communities_calendar_period WHERE key = %s
            """,
            [since, key],
        )
        rows: Iterable[tuple[date | None, str, int | None]] = cursor.fetchall()
    special: dict[date, str] = {}
    announced, period = set[int](), None
    for day, kind, number in rows:
        if day is None:
            period = (number or 0, kind)
        elif kind == "year":
            announced.add(day.year)
        else:
            special[day] = kind
    return Calendar(special, frozenset(announced)), period
