"""A unit's own row of the monthly statement, the people behind it, and the row as a paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from checkin.statistics import actions, catalogue, wording
from checkin.statistics.counting import Row, cell_people, difference
from checkin.statistics.counting.cells import PAGE
from checkin.statistics.facts import city_area, statement_of
from checkin.statistics.months import Month
from checkin.statistics.papers.unit import KEYS, rows_of
from checkin.statistics.permissions import sees_restricted
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display.frames import frame_of
from members.people import looks

from . import asked
from .people import number_of, rest_of, shown, slice_of

BASE = "unit-statistics"


@dataclass(frozen=True)
class Figure:
    """One figure of the unit beside last month's. `url`: its people, "" where there is nobody to list."""

    title: str
    text: str
    before: str
    change: str
    sentence: str
    url: str
    label: str


@staff_page
def month(request: StaffRequest) -> HttpResponse:
    """The unit's figures of a month, group by group, each with last month's and the people behind it."""
    chosen, unit = asked.month_of(request), request.acting.organisation
    now, before = rows_of(chosen, unit.pk)
    statement = statement_of(chosen)
    context = {
        "month": chosen,
        "months": asked.months_to_choose(chosen),
        "before": chosen.previous,
        "groups": list(_groups(chosen, now, before)),
        "anybody": any(now.figures.values()) or any(before.figures.values()),
        "summary": [(title, now.value(key) or 0, _people_url(chosen, key)) for title, key in SUMMARY],
        "rate": wording.figure("rate", now.value("rate")),
        "state": wording.state_of(statement, chosen),
        "counted_at": wording.data_time(statement),
        "previous_url": f"?month={chosen.previous}",
        "next_url": f"?month={chosen.next}" if chosen < Month.current() else "",
    }
    return _page(request, "statistics", context)


SUMMARY = (
    ("应报到", "expected"),
    ("累计已报到", "checked_in"),
    ("本月新增报到", "new"),
    ("待确认", "pending"),
)


def _groups(chosen: Month, now: Row, before: Row) -> Any:
    for title, keys in groupby(KEYS, key=catalogue.group_of):
        yield title, [_figure(chosen, key, now, before) for key in keys]


def _figure(chosen: Month, key: str, now: Row, before: Row) -> Figure:
    value, title = now.value(key), catalogue.title(key)
    text = wording.figure(key, value)
    return Figure(
        title,
        text,
        wording.figure(key, before.value(key)),
        wording.change(key, difference(now, before, key)),
        catalogue.sentence(key),
        _people_url(chosen, key) if value and catalogue.ratio(key) is None else "",
        f"{title} {text} 人，查看名单",
    )


@staff_page
def people(request: StaffRequest) -> HttpResponse:
    """The unit's people behind one figure, fifty at a time; whom it may not see it is told the number of."""
    chosen, key, unit = asked.month_of(request), request.GET.get("measure", ""), request.acting.organisation
    sees_all = sees_restricted(request.user, city_area())
    cell = cell_people(chosen, city_area(), key, sees_restricted=sees_all, unit_ids=(unit.pk,))
    after = number_of(request.GET.get("after", ""))
    entries = cell.page(after=after, size=PAGE + 1)
    looks.listed(request, len(entries[:PAGE]), {"measure": key, "month": str(chosen)})
    context = {
        "month": chosen,
        "measure": cell.measure,
        "count": cell.count(),
        "hidden": cell.hidden(),
        "people": shown(request, entries[:PAGE]),
        "slice": slice_of(request, entries, after),
        "is_later_page": bool(after),
        "first_url": f"?{urlencode(rest_of(request))}",
        "state": wording.state_of(statement_of(chosen), chosen),
        "crumbs": _crumbs(chosen, cell.measure.title),
    }
    return _page(request, "statistics_people", context)


@staff_page
@require_POST
def paper(request: StaffRequest) -> HttpResponse:
    """Ask for the figures of the month as a workbook; then look at how it is made."""
    job = actions.ask_for_unit_paper(
        request.POST.get("month", ""), request.acting.organisation.pk, by=request.user
    )
    return redirect(reverse("jobs:job", args=[job.pk]))


def _people_url(chosen: Month, key: str) -> str:
    return f"{reverse(f'{BASE}:people')}?{urlencode({'month': str(chosen), 'measure': key})}"


def _crumbs(chosen: Month, title: str) -> Sequence[tuple[str, str]]:
    return [
        ("成员情况", "/unit/"),
        (f"{chosen.words}统计", f"{reverse(f'{BASE}:month')}?month={chosen}"),
        (title, ""),
    ]


def _page(request: StaffRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, f"unit/{name}.html", frame_of(request) | context)
