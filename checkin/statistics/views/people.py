"""名单: the people behind one figure, as many as it says."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.http import urlencode

from checkin.record.models import Channel, State
from checkin.statistics import catalogue, columns, dimensions, wording
from checkin.statistics.counting import Entry, cell_people
from checkin.statistics.counting.cells import PAGE
from checkin.statistics.facts import statement_of
from checkin.statistics.permissions import sees_restricted
from communities.organisations.acting import StaffRequest
from huifeng.display.slices import Slice
from members.people import looks
from members.people.models import Retiree

from . import asked
from .tables import unit_name

CAME = {"new": "本月新增报到", "moved": "本月迁入", "merged": "社区撤并转入", "restored": "恢复"}
GONE = {
    "died": "去世",
    "moved": "本月迁出",
    "merged": "社区撤并转出",
    "withdrawn": "撤销",
    "undone": "撤销确认",
    "excluded": "不列入统计",
    "other": "终止",
    "again": "去世（以前月份已计）",
}


@asked.statistics_page
def people(request: StaffRequest) -> HttpResponse:
    """Fifty at a time, in the order of entry; what everybody was in that month."""
    month, area, key = asked.month_of(request), asked.area_of(request), request.GET.get("measure", "")
    units, filters = asked.narrowing(request)
    sees_all = sees_restricted(request.user, area)
    cell = cell_people(month, area, key, sees_restricted=sees_all, unit_ids=units, filters=filters)
    way = asked.way_to(request, area)
    _require_part(area, way[-1][0])
    after = number_of(request.GET.get("after", ""))
    entries = cell.page(after=after, size=PAGE + 1)
    count, hidden = (cell.count(), cell.hidden()) if not after else (None, 0)  # once, not on every page
    looks.listed(request, len(entries[:PAGE]), {"measure": key, "area": area, "month": str(month), **filters})
    context = {
        "month": month,
        "measure": cell.measure,
        "place_name": way[-1][1] + ("" if way[-1][0] == area else "（未定到下一级）"),
        "narrowed": _words_of(units, filters),
        "count": count,
        "hidden": hidden,
        "people": shown(request, entries[:PAGE]),
        "slice": slice_of(request, entries, after),
        "is_later_page": bool(after),
        "state": wording.state_of(statement_of(month), month),
        "crumbs": _crumbs(request, way, key),
        "first_url": f"?{urlencode(rest_of(request))}",
    }
    return asked.page(request, "people", context)


def _require_part(area: str, known: str) -> None:
    """404 for what is neither an area nor its people of no known part (370202000000)."""
    if area[len(known) :].strip("0"):
        raise Http404("no such area")


def number_of(text: str) -> int:
    """The key of a page; what is not understood gives the first one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def slice_of(request: StaffRequest, entries: list[Entry], after: int) -> Slice[Entry]:
    """The next page begins after the last one shown; one more than a page tells whether there is any."""
    if len(entries) <= PAGE:
        return Slice(entries)
    last = entries[PAGE - 1].retiree.pk
    return Slice(entries[:PAGE], next_url=f"?{urlencode(rest_of(request) | {'after': last})}")


def rest_of(request: StaffRequest) -> dict[str, Any]:
    return {key: value for key, value in request.GET.items() if key != "after"}


def shown(request: StaffRequest, entries: list[Entry]) -> list[dict[str, Any]]:
    """Each with what it was in the month, and whether the reader may open the person's page today."""
    wanted = [entry.retiree.pk for entry in entries]
    rows = Retiree.objects.visible_to(request.user).filter(pk__in=wanted)
    open_to_us = set(rows.values_list("pk", flat=True)) if wanted else set()
    channels = dict(Channel.choices)
    return [
        {
            "entry": entry,
            "opens": entry.retiree.pk in open_to_us,
            "channel": channels.get(entry.channel, ""),
            "facts": _facts(entry),
        }
        for entry in entries
    ]


def _facts(entry: Entry) -> list[str]:
    """What happened in the month, and what is under way, in words."""
    found = [CAME.get(entry.came, ""), GONE.get(entry.gone, "")]
    found.append({**dict(State.choices)}.get(entry.pending, ""))
    found += ["已超期" if entry.overdue else "", "以前月份补记" if entry.late else ""]
    return [word for word in found if word]


def _words_of(units: tuple[int, ...] | None, filters: dict[str, str]) -> list[str]:
    found = [dict(dimensions.DIMENSIONS[key].choices()).get(value, "") for key, value in filters.items()]
    return found + ([unit_name(units[0])] if units else [])


def _crumbs(request: StaffRequest, way: list[tuple[str, str]], key: str) -> list[tuple[str, str]]:
    """Back to every table on the way down that shows the figure."""
    month = asked.month_of(request)
    units, filters = asked.narrowing(request)
    kept = {"group": columns.group_of(key), **filters} | ({"unit": str(units[0])} if units else {})
    return [
        ("月度统计", asked.address("overview", month, way[0][0])),
        *((name, asked.address("table", month, area, kept)) for area, name in way),
        (catalogue.title(key), ""),
    ]
