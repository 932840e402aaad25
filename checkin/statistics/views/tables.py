"""月度统计表: figures of an area part by part, each a link to the people behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils.http import urlencode

from checkin.statistics import catalogue, columns, dimensions, registry, wording
from checkin.statistics.counting import Row, Table, difference, table
from checkin.statistics.counting.tables import LENGTHS, LEVELS
from checkin.statistics.forms import CUT_WORDS, TableFilters
from checkin.statistics.months import Month
from communities.organisations.acting import StaffRequest
from communities.organisations.models import Organisation
from huifeng.errors import RuleBroken

from . import asked

AREAS = "area"  # the cut that is none: by the parts of the area
PAGE = 100  # lines; a district has about as many communities


@dataclass(frozen=True)
class Cell:
    """`url` is "" where there is nobody to list: nothing counted, a ratio, what is no person."""

    title: str
    text: str
    url: str
    label: str
    change: str = ""


@dataclass(frozen=True)
class Line:
    name: str
    url: str
    cells: list[Cell]


@dataclass(frozen=True)
class View:
    """What the address asks for: the table's own questions."""

    month: Month
    area: str
    level: str
    cut: str
    group: columns.Group
    compared: Month | None
    units: tuple[int, ...] | None
    filters: dict[str, str]

    @property
    def is_parted(self) -> bool:
        """Cut or narrowed, so that what upper rooms count is not known."""
        return bool(self.cut or self.units or self.filters)

    def narrowed(self) -> dict[str, str]:
        return self.filters | ({"unit": str(self.units[0])} if self.units else {})

    def table(self, month: Month) -> Table:
        return table(
            month,
            self.area,
            self.level,
            self.group.keys,
            self.cut or None,
            unit_ids=self.units,
            filters=self.filters,
        )


@asked.statistics_page
def monthly(request: StaffRequest) -> HttpResponse:
    """One month of one area, cut by its parts, by unit or by a dimension."""
    form, view = _view_of(request)
    way = asked.existing_way(request, view.area)
    now = view.table(view.month)
    before = _by_code(view.table(view.compared)) if view.compared else None
    rows = sorted(now.rows, key=lambda row: row.is_unknown)
    part = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": form,
        "view": view,
        "table": now,
        "heads": [(key, catalogue.title(key), catalogue.sentence(key)) for key in now.keys],
        "cut_words": dict(CUT_WORDS)[view.cut or AREAS].removeprefix("按"),
        "sum": _line(view, now.total, before, is_total=True),
        "part": part,
        "lines": [_line(view, row, before) for row in part],
        "uncounted": [
            catalogue.title(key)
            for key in now.keys
            if now.total.value(key) is None and key in registry.columns
        ],
        "state": wording.state_of(now.statement, view.month),
        "counted_at": wording.data_time(now.statement),
        "crumbs": _crumbs(view, way),
        "chips": _chips(request, view),
        "kept": {"area": view.area, **view.narrowed()},
        "overview_url": asked.address("overview", view.month, view.area),
        "ranking_url": asked.address("ranking", view.month, view.area),
    }
    return asked.page(request, "table", context)


def _view_of(request: StaffRequest) -> tuple[TableFilters, View]:
    """Raises RuleBroken for a level, cut, group or comparison there is not."""
    month, area = asked.month_of(request), asked.area_of(request)
    levels = [level for level in LEVELS if LENGTHS[level] > len(area)] or ["community"]
    defaults = {"parts": levels[0], "cut": AREAS, "group": columns.FIRST, "compare": "none"}
    told = {key: request.GET.get(key) or default for key, default in defaults.items()}
    form = TableFilters(
        {"month": str(month), **told}, months=asked.months_to_choose(month), levels=levels, auto_id="t_%s"
    )
    if not form.is_valid():
        raise RuleBroken("没有这样的统计表，请在页面上重新选月份、地区和指标。", code="unknown_table")
    compared = {"none": None, "last_month": month.previous, "last_year": month.last_year}[told["compare"]]
    units, filters = asked.narrowing(request)
    return form, View(
        month,
        area,
        told["parts"],
        told["cut"].replace(AREAS, ""),
        columns.group(told["group"]),
        compared,
        units,
        filters,
    )


# Lines ------------------------------------------------------------------------------------------------------------


def _by_code(table: Table) -> Mapping[str | None, Row]:
    """The lines by code (of a cut it may be ""), their sum under None."""
    return {None: table.total, **{row.code: row for row in table.rows}}


def _line(view: View, row: Row, before: Mapping[str | None, Row] | None, *, is_total: bool = False) -> Line:
    area, narrowed = _people_of(view, row, is_total=is_total)
    name, place = ("合计", None) if is_total else (row.name, row.code)
    cells = []
    for key in view.group.keys:
        value = row.value(key)
        text, title = wording.figure(key, value), catalogue.title(key)
        cells.append(
            Cell(
                title,
                text,
                _list_url(view, area, key, narrowed) if value else "",
                f"{name} {title} {text} {catalogue.unit(key)}，查看名单",
                "" if before is None else wording.change(key, difference(row, before.get(place), key)),
            )
        )
    return Line(name, "" if is_total else _url_of(view, row), cells)


def _list_url(view: View, area: str, key: str, narrowed: Mapping[str, str] | None) -> str:
    """Where the people (or what an upper room counts) are listed; "" where no address can name them."""
    if catalogue.ratio(key) is not None or narrowed is None:
        return ""
    if key in registry.columns:
        return registry.address(key, view.month, area)
    return asked.people_url(view.month, area, key, narrowed)


def _people_of(view: View, row: Row, *, is_total: bool) -> tuple[str, Mapping[str, str] | None]:
    """The area and the narrowing of the lists behind a line; None when no address can name its people."""
    narrowed = view.narrowed()
    if is_total:
        return view.area, narrowed
    if not view.cut:
        return row.code, narrowed
    if view.cut == "unit":  # people of no unit are those whose unit's level is not known
        return view.area, narrowed | ({"unit": row.code} if row.code else {"level": ""})
    known = dict(dimensions.DIMENSIONS[view.cut].choices())
    return view.area, (narrowed | {view.cut: row.code}) if row.code in known else None


def _url_of(view: View, row: Row) -> str:
    """Down to the parts of an area; from a unit or a value back to areas, narrowed to it."""
    kept = {"group": view.group.key} | ({"compare": _compare(view)} if view.compared else {})
    if not view.cut:
        return asked.address("table", view.month, row.code, kept | view.narrowed()) if row.opens else ""
    _, narrowed = _people_of(view, row, is_total=False)
    return "" if narrowed is None else asked.address("table", view.month, view.area, kept | dict(narrowed))


def _compare(view: View) -> str:
    return "last_month" if view.compared == view.month.previous else "last_year"


# Around the table -------------------------------------------------------------------------------------------------


def _crumbs(view: View, way: list[tuple[str, str]]) -> list[tuple[str, str]]:
    kept = {"group": view.group.key} | view.narrowed()
    steps = [(name, asked.address("table", view.month, area, kept)) for area, name in way]
    return [
        ("月度统计", asked.address("overview", view.month, way[0][0])),
        *steps[:-1],
        (f"{way[-1][1]} {view.month.words}", ""),
    ]


def _chips(request: StaffRequest, view: View) -> list[tuple[str, str]]:
    """What the table is narrowed to, each with the address without it."""
    words = {
        key: f"{dimensions.DIMENSIONS[key].title}：{dict(dimensions.DIMENSIONS[key].choices()).get(value, value)}"
        for key, value in view.filters.items()
    }
    if view.units:
        words["unit"] = f"现管单位：{unit_name(view.units[0])}"
    return [(text, f"?{urlencode(_without(request, key))}") for key, text in words.items()]


def _without(request: StaffRequest, key: str) -> dict[str, Any]:
    return {name: value for name, value in request.GET.items() if name not in (key, "page")}


def unit_name(pk: int) -> str:
    return Organisation.objects.filter(pk=pk).values_list("name", flat=True).first() or "没有这个单位"
