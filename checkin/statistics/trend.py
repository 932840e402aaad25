"""Twelve months side by side, for a line. Closed months are read from their totals, open ones counted."""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

from . import facts
from .counting import Where, by_place
from .models import MonthlyStatement
from .months import Month

MONTHS = 12
KEYS = ("expected", "checked_in", "new")
SLOW = 0.2  # seconds; an open month that takes longer to count is kept for KEPT
KEPT = 600
PATIENCE = 3.0  # seconds of counting after which older open months are left to the next look


@dataclass(frozen=True)
class Point:
    """What an area counted in a month."""

    month: Month
    expected: int
    checked_in: int
    new: int
    is_closed: bool


def trend(area: str, until: Month, now: Mapping[str, int]) -> list[Point]:
    """The months up to `until`, oldest first; those before anybody was counted are left out.

    `now`: what `until` counts, its table's total, so that nothing is counted twice. Where counting is slow, open months
    before `until` may be KEPT seconds old, and of those nobody ever closed as many are counted as PATIENCE allows.
    """
    months = [until]
    while len(months) < MONTHS:
        months.insert(0, months[0].previous)
    rows = MonthlyStatement.objects.filter(
        area=facts.city_area(), month__in=[month.first for month in months]
    )
    statements = {row.month: row for row in rows}
    points = [_point(until, statements.get(until.first), _sums([now]))]
    began = time.monotonic()
    for month in reversed(months[:-1]):
        statement = statements.get(month.first)
        sums = _known(month, area, statement)
        if sums is None and time.monotonic() - began > PATIENCE:
            break
        points.insert(0, _point(month, statement, sums or _counted(month, area, statement)))
    while points and not points[0].expected and not points[0].checked_in:
        points.pop(0)
    return points


def _point(month: Month, statement: MonthlyStatement | None, sums: tuple[int, int, int]) -> Point:
    expected, checked_in, new = sums
    return Point(month, expected, checked_in, new, statement is not None and statement.is_closed)


def _known(month: Month, area: str, statement: MonthlyStatement | None) -> tuple[int, int, int] | None:
    """The sums of a closed month, or those kept of an open one."""
    if statement is not None and statement.is_closed:
        return _sums(by_place(month, statement, Where(area), KEYS).values())
    return _kept(_key(month, area))


def _counted(month: Month, area: str, statement: MonthlyStatement | None) -> tuple[int, int, int]:
    began = time.monotonic()
    sums = _sums(by_place(month, statement, Where(area), KEYS).values())
    if time.monotonic() - began > SLOW:
        _keep(_key(month, area), sums)
    return sums


def _key(month: Month, area: str) -> str:
    return f"statistics:trend:{area}:{month}"


def _sums(places: Iterable[Mapping[str, int]]) -> tuple[int, int, int]:
    expected = checked_in = new = 0
    for figures in places:
        expected += figures["expected"]
        checked_in += figures["checked_in"]
        new += figures["new"]
    return expected, checked_in, new


def _kept(key: str) -> tuple[int, int, int] | None:
    try:
        found: tuple[int, int, int] | None = cache.get(key)
        return found
    except RedisError:
        return None


def _keep(key: str, found: tuple[int, int, int]) -> None:
    with suppress(RedisError):
        cache.set(key, found, KEPT)
