"""The fact relation: one row a person for a month, the same columns whether counted live or frozen.

Everything the statistics say (totals, cuts, the list behind a cell) is a condition on these rows. Live rows are
made from intervals and events as of the month's end, so any past month can be counted; a closed month reads
MonthlyFact. Where a month before it is closed, what people were at the start is what that closing froze: the
movements of a month are thus what was recorded since the last closing. What each column means: docs/statistics.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from checkin.record import periods
from communities.calendar.periods import Clock
from communities.divisions.models import Division
from communities.organisations.permissions import CITY_AREA
from huifeng.codes import labels
from huifeng.errors import RuleBroken

from . import deaths, live_sql
from .models import MonthlyFact, MonthlyStatement
from .months import Month

COLUMNS = tuple(
    str(field.column)
    for field in MonthlyFact._meta.concrete_fields
    if field.column and field.column not in ("month", "closing")
)
UNDER_WAY = timedelta(
    days=1
)  # a closing counts before its moment, and transactions of then may commit after it
CLOCK_DAYS = 150  # how far back a clock may have started that is still judged; older ones are late


@dataclass(frozen=True)
class Relation:
    """SQL of rows with COLUMNS, to stand in `FROM (…) AS f`, and its parameters."""

    sql: str
    params: dict[str, Any]
    is_frozen: bool = False

    @property
    def is_of_everybody_live(self) -> bool:
        """Making the rows means joining everybody with all that is known of them."""
        return not self.is_frozen and "ids" not in self.params


def relation_of(month: Month) -> Relation:
    """The facts of a month: frozen when it is closed, else live."""
    statement = statement_of(month)
    if statement is not None and statement.is_closed:
        return frozen(month, statement.closing)
    return live(month)


def statement_of(month: Month) -> MonthlyStatement | None:
    """The city's statement of the month, on which closing and reopening are written."""
    return MonthlyStatement.objects.filter(month=month.first, area=city_area()).first()


def city_area() -> str:
    """The code prefix of the city whose bureau closes the months. Raises RuleBroken before places are loaded."""
    code = (
        Division.objects.filter(level=Division.Level.CITY)
        .order_by("code")
        .values_list("code", flat=True)
        .first()
    )
    if code is None:
        raise RuleBroken("还没有导入区划，不能统计。请先导入。", code="no_city")
    return code[:CITY_AREA]


def frozen(month: Month, closing: int) -> Relation:
    sql = (
        f"SELECT {', '.join(COLUMNS)} FROM {MonthlyFact._meta.db_table}"  # noqa: S608 -- names of columns
        " WHERE month = %(fact_month)s AND closing = %(fact_closing)s"
    )
    return Relation(sql, {"fact_month": month.first, "fact_closing": closing}, is_frozen=True)


def live(month: Month, *, ids: Sequence[int] | None = None) -> Relation:
    """The facts as intervals and events tell them now.

    `ids`: the only people wanted; each is then looked up in turn, which suits a page of a list, where all at once
    suits a total.
    """
    before = statement_of(month.previous)
    is_after_closed = before is not None and before.is_closed
    if before is not None and before.closed_at is not None and is_after_closed:
        opening = {
            "opening_closing": before.closing,
            "opening_month": before.month,
            "opening_since": before.closed_at - UNDER_WAY,
        }
    else:
        opening = {"opening_closing": None, "opening_month": None, "opening_since": None}
    values = {
        "first": month.first,
        "last": month.last,
        "as_of": month.as_of,
        "as_of_text": str(month.as_of),
        "month_text": str(month),
        "before": month.first - timedelta(days=1),
        "start": month.start,
        "end": month.end,
        "city": city_area().ljust(12, "0"),
        "dead_before": deaths.counted_before(month, city_area()),
        **opening,
        **_ranks(),
        **_clocks(month),
    }
    if ids is not None:
        values["ids"] = list(ids)
    return Relation(_sql(frozen_opening=is_after_closed, some=ids is not None), values)


def _ranks() -> dict[str, list[str]]:
    groups = labels.roll_ups("rank")
    return {"ranks": list(groups), "rank_groups": list(groups.values())}


def _clocks(month: Month) -> dict[str, Any]:
    """The last days of a community's clock by the day it started, and the latest start that is late by now.

    Two queries for the calendar however many people there are.
    """
    clock = Clock()
    noon = timedelta(hours=12)
    started = [month.last - timedelta(days=n) for n in range(CLOCK_DAYS)]

    def due(period: str, day: date) -> date:
        return clock.deadline(period, Month.of(day).start + timedelta(days=day.day - 1) + noon).day

    def late_since(period: str) -> date:
        return next(
            (day for day in started if due(period, day) < month.as_of), started[-1] - timedelta(days=1)
        )

    return {
        "clock_days": started,
        "clock_due": [due(periods.COMMUNITY_CONFIRM, day) for day in started],
        "late_submitted": late_since(periods.UNIT_VERIFY),
        "late_verified": late_since(periods.COMMUNITY_CONFIRM),
        "late_returned": late_since(periods.PERSON_AMEND),
    }


def _sql(*, frozen_opening: bool, some: bool) -> str:
    parts = live_sql.EACH if some else live_sql.ALL
    opening = live_sql.OPENING_FROZEN if frozen_opening else live_sql.OPENING_LIVE
    chosen = "WHERE r.id = ANY(%(ids)s)" if some else ""
    return live_sql.RELATION.format(chosen=chosen, **parts, **opening)
