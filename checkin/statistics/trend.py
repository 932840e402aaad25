"""Twelve months side by side, for a line. Closed months are read from their totals, open ones counted."""

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Point:
    """What an area counted in a month."""

    month: Month
    expected: int
    checked_in: int
    new: int
    is_closed: bool


def trend(area: str, until: Month) -> list[Point]:
    """The months up to `until`, oldest first; those before anybody was counted are left out.

    Where counting is slow, open months before `until` may be KEPT seconds old.
    """
    months = [until]
    while len(months) < MONTHS:
        months.insert(0, months[0].previous)
    rows = MonthlyStatement.objects.filter(
        area=facts.city_area(), month__in=[month.first for month in months]
    )
    statements = {row.month: row for row in rows}
    points = [_point(month, area, statements.get(month.first), fresh=month == until) for month in months]
    while points and not points[0].expected and not points[0].checked_in:
        points.pop(0)
    return points


def _point(month: Month, area: str, statement: MonthlyStatement | None, *, fresh: bool) -> Point:
    is_closed = statement is not None and statement.is_closed
    key = f"statistics:trend:{area}:{month}"
    kept: tuple[int, int, int] | None = None if is_closed or fresh else _kept(key)
    if kept is None:
        began = time.monotonic()
        kept = _sums(by_place(month, statement, Where(area)).values())
        if not is_closed and time.monotonic() - began > SLOW:
            _keep(key, kept)
    expected, checked_in, new = kept
    return Point(month, expected, checked_in, new, is_closed)


def _sums(places: Iterable[dict[str, int]]) -> tuple[int, int, int]:
    expected = checked_in = new = 0
    for figures in places:
        expected += figures["expected"]
        checked_in += figures["checked_in"]
        new += figures["new"]
    return expected, checked_in, new


def _kept(key: str) -> Any:
    try:
        return cache.get(key)
    except RedisError:
        return None


def _keep(key: str, found: tuple[int, int, int]) -> None:
    with suppress(RedisError):
        cache.set(key, found, KEPT)
