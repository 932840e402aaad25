"""The month at a glance, and the definitions of everything that is counted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from checkin.record import areas
from checkin.statistics import catalogue, charts, registry, wording
from checkin.statistics.counting import Row, Table, table
from checkin.statistics.counting.tables import LENGTHS
from checkin.statistics.months import Month
from checkin.statistics.trend import Point, trend
from communities.organisations.acting import StaffRequest
from communities.organisations.models import Organisation

from . import asked

KEYS = ("expected", "checked_in", "rate", "not_checked_in", "new", "pending", "overdue")
CARDS = ("expected", "checked_in", "new", "overdue")
HEAT = (60, 70, 80, 90)  # per cent at which a tile becomes one step darker
LOW = 80  # below it is said in words
MOST_OVERDUE = 10
BELOW = 30  # units of the drawing: nearer to the axis a number stands above its mark


@dataclass(frozen=True)
class Tile:
    """A part of the area on the map of tiles; `heat` from 1 to 5, 0 where nobody is expected."""

    row: Row
    url: str
    rate: str
    heat: int
    is_low: bool


@asked.statistics_page
def overview(request: StaffRequest) -> HttpResponse:
    """总览: one sentence, four figures, the parts of the area, twelve months, what is overdue."""
    month, area = asked.month_of(request), asked.area_of(request)
    way = asked.existing_way(request, area)
    now = table(month, area, None, KEYS)
    points = trend(area, month, now.total.figures)
    chart = charts.chart([point.expected for point in points], [point.checked_in for point in points])
    context = {
        "month": month,
        "months": asked.months_to_choose(month),
        "area": area,
        "place_name": way[-1][1],
        "is_current": month == Month.current(),
        "table": now,
        "rate": wording.figure("rate", now.total.value("rate")),
        "more": _more_than_before(points, month),
        "cards": _cards(now),
        "definitions": [(catalogue.title(key), catalogue.sentence(key)) for key in KEYS],
        "tiles": _tiles(now) if len(area) < LENGTHS["community"] else [],
        "points": _drawn(points, chart, area),
        "chart": chart,
        "late": _overdue(area) if month == Month.current() else [],
        "state": wording.state_of(now.statement, month),
        "counted_at": wording.data_time(now.statement),
        "as_of": month.as_of,
        "crumbs": _crumbs(month, way),
        "table_url": asked.address("table", month, area),
        "ranking_url": asked.address("ranking", month, area),
        "previous_url": asked.address("overview", month.previous, area),
        "next_url": asked.address("overview", month.next, area) if month < Month.current() else "",
        "may_work_on_it": request.acting.is_bureau,
    }
    return asked.page(request, "overview", context)


def _crumbs(month: Month, way: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """From one's own area down; nothing on the page of one's own."""
    if len(way) < 2:
        return []
    steps = [(name, asked.address("overview", month, area)) for area, name in way]
    return [*steps[:-1], (way[-1][1], "")]


def _more_than_before(points: list[Point], month: Month) -> str:
    """比上月多 214 人; nothing where there is no month before."""
    if len(points) < 2 or points[-1].month != month:
        return ""
    more = points[-1].checked_in - points[-2].checked_in
    return f"比上月{'多' if more > 0 else '少'} {abs(more):,} 人" if more else "与上月持平"


def _cards(now: Table) -> list[tuple[str, int, str, str]]:
    """Title, figure, words after it, and the list behind it."""
    total, cards = now.total, []
    for key in CARDS:
        value = total.figures[key]
        text = f"人，报到率 {wording.figure('rate', total.value('rate'))}" if key == "checked_in" else "人"
        url = asked.people_url(now.month, now.area, key) if value else ""
        cards.append((catalogue.title(key), value, text, url))
    return cards


def _tiles(now: Table) -> list[Tile]:
    tiles = []
    for row in sorted(now.rows, key=lambda row: row.is_unknown):
        rate = row.value("rate")
        if rate is None and row.is_unknown:
            continue
        url = (
            asked.address("overview", now.month, row.code)
            if row.opens
            else asked.people_url(now.month, row.code, "expected")
            if row.is_unknown
            else asked.address("table", now.month, row.code)
        )
        heat = 0 if rate is None else 1 + sum(rate >= step for step in HEAT)
        tiles.append(Tile(row, url, wording.figure("rate", rate), heat, rate is not None and rate < LOW))
    return tiles


def _drawn(points: list[Point], chart: charts.Chart, area: str) -> list[dict[str, Any]]:
    return [
        {
            "point": point,
            "spot": spot,
            "words_y": spot.y + 22 if spot.y < chart.bottom - BELOW else spot.y - 12,
            "label": f"{point.month.month}月",
            "year": f"{point.month.year}年" if point.month.month == 1 or number == 0 else "",
            "rate": wording.figure(
                "rate", point.checked_in / point.expected * 100 if point.expected else None
            ),
            "url": asked.address("overview", point.month, area),
        }
        for number, (point, spot) in enumerate(zip(points, chart.lines[1], strict=True))
    ]


def _overdue(area: str) -> list[dict[str, Any]]:
    """Which organisations let requests wait longest today."""
    today = timezone.localdate()
    rows = list(areas.overdue_by_desk(area, today)[:MOST_OVERDUE])
    desks = Organisation.objects.in_bulk([row["desk"] for row in rows])
    return [
        {"desk": desks[row["desk"]], "count": row["count"], "days": (today - row["oldest"]).days}
        for row in rows
    ]


# Definitions ------------------------------------------------------------------------------------------------------


@asked.statistics_page
def definitions(request: StaffRequest) -> HttpResponse:
    """口径: every figure with its sentence, as the catalogue defines it."""
    context = {
        "groups": list(_by_group()),
        "crumbs": [("月度统计", reverse("statistics:overview")), ("口径", "")],
    }
    return asked.page(request, "definitions", context)


def _by_group() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    entries = [*catalogue.MEASURES, *catalogue.RATIOS, *catalogue.SUMS]
    for group in dict.fromkeys(entry.group for entry in entries):
        yield group, [(entry.title, entry.sentence) for entry in entries if entry.group == group]
    columns = registry.columns.values()
    for group in dict.fromkeys(column.group for column in columns):
        yield group, [(column.title, column.sentence) for column in columns if column.group == group]
