"""What a page of the statistics is asked for in its address, checked; and the addresses that lead to others."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from checkin.statistics import dimensions
from checkin.statistics.counting.tables import LENGTHS
from checkin.statistics.months import Month, require_begun
from checkin.statistics.permissions import may_see_area
from communities.divisions.models import Division
from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.permissions import CITY_AREA
from huifeng.display.frames import frame_of
from huifeng.errors import RuleBroken, require

SHOWN_MONTHS = 25  # how many months one may choose from; any other can be asked for in the address


def statistics_page[**P](
    view: Callable[Concatenate[StaffRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page for bureaus and streets. An address that asks for what cannot be is answered in words, with 422."""

    @staff_page
    @wraps(view)
    def opened(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except RuleBroken as refused:
            if request.method == "POST":
                raise
            return page(request, "refused", {"message": refused.message}, status=422)

    return opened


def page(request: StaffRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """templates/bureau/statistics_<name>.html in the frame of the bureau."""
    return render(request, f"bureau/statistics_{name}.html", frame_of(request) | context, status=status)


# What is asked for ------------------------------------------------------------------------------------------------


def month_named(text: str) -> Month:
    """The month, which must have begun. 404 for what is no month."""
    try:
        month = Month.parse(text)
    except RuleBroken as refused:
        raise Http404(refused.message) from None
    require_begun(month)
    return month


def month_of(request: StaffRequest) -> Month:
    text = request.GET.get("month")
    return month_named(text) if text else Month.current()


def area_of(request: StaffRequest) -> str:
    """The code prefix of the area, one's own if none is named. 404 for no area, 403 for one outside one's own."""
    area = request.GET.get("area") or own_area(request)
    if not (area.isascii() and area.isdigit() and len(area) in LENGTHS.values()):
        raise Http404("not an area")
    require(may_see_area(request.user, area))
    return area


def own_area(request: StaffRequest) -> str:
    return request.acting.organisation.area


def is_city(request: StaffRequest) -> bool:
    """Whether one acts for the bureau that closes the months."""
    return request.acting.is_bureau and len(own_area(request)) == CITY_AREA


def narrowing(request: StaffRequest) -> tuple[tuple[int, ...] | None, dict[str, str]]:
    """The units and the values of dimensions that the address narrows to; "" is a value (not known)."""
    unit = request.GET.get("unit", "")
    if unit and not (unit.isascii() and unit.isdigit() and len(unit) < 19):
        raise Http404("not a unit")
    filters = {key: request.GET[key] for key in dimensions.DIMENSIONS if key in request.GET}
    return ((int(unit),) if unit else None), filters


# Where one is -----------------------------------------------------------------------------------------------------


def way_to(request: StaffRequest, area: str) -> list[tuple[str, str]]:
    """Code prefixes and names from one's own area down to `area`; people of no known part have no step of theirs.

    404 when the area does not exist.
    """
    own = own_area(request) if area.startswith(own_area(request)) else area
    steps = [area[:length] for length in LENGTHS.values() if len(own) <= length <= len(area)]
    rows = Division.objects.filter(code__in=[step.ljust(12, "0") for step in steps], is_virtual=False)
    names = {code[:length]: name for code, name, length in _named(rows)}
    found = [(step, names[step]) for step in steps if step in names]
    if not found:
        raise Http404("no such area")
    return found


def _named(rows: Any) -> list[tuple[str, str, int]]:
    return [
        (code, name if level == Division.Level.CITY else short, Division.PREFIX[Division.Level(level)])
        for code, name, short, level in rows.values_list("code", "name", "short_name", "level")
    ]


def existing_way(request: StaffRequest, area: str) -> list[tuple[str, str]]:
    """way_to an area that has a page of its own; 404 for one that only people without a known part have."""
    way = way_to(request, area)
    if way[-1][0] != area:
        raise Http404("no such area")
    return way


# Where one may go -------------------------------------------------------------------------------------------------


def address(name: str, month: Month, area: str, more: Mapping[str, Any] | None = None) -> str:
    """The address of a page of the statistics; its whole state is in it, and nothing personal."""
    return f"{reverse(f'statistics:{name}')}?{urlencode({'month': str(month), 'area': area, **(more or {})})}"


def people_url(month: Month, area: str, measure: str, more: Mapping[str, Any] | None = None) -> str:
    """The list behind a figure."""
    return address("people", month, area, {"measure": measure, **(more or {})})


def months_to_choose(month: Month) -> list[tuple[str, str]]:
    """The latest months, newest first, and the one that is shown."""
    latest = [Month.current()]
    while len(latest) < SHOWN_MONTHS:
        latest.append(latest[-1].previous)
    return [(str(each), each.words) for each in sorted({*latest, month}, reverse=True)]
