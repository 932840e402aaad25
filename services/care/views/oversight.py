"""Coverage (应访, 已访, 逾期) of an area or a unit, the people behind each figure, and empty seats."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from checkin.statistics.months import Month, require_begun
from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Organisation
from huifeng.display import slices
from members.people import looks
from members.people.models import Retiree
from members.people.naming import named
from members.units.models import UnitMembership

from .. import figures
from ..models import CareSeat
from .frame import page

PAGE = 50


def _month(request: StaffRequest) -> Month:
    text = request.GET.get("month", "")
    month = Month.parse(text) if text else Month.current()
    require_begun(month)
    return month


def _area(organisation: Organisation) -> str:
    """The code prefix that the organisation may look into; a community or unit has its own place only."""
    return "" if organisation.kind == Organisation.Kind.UNIT else organisation.area


@require_safe
@staff_page
def coverage(request: StaffRequest) -> HttpResponse:
    """应访, 已访, 逾期 by the parts of the area; a unit sees its people as a whole."""
    organisation, month = request.acting.organisation, _month(request)
    if request.acting.area == "unit":
        parts: list[figures.Part] = []
        total = {name: _ours(request, month, name).count() for name in figures.MEASURES}
    else:
        parts, total = figures.coverage(month, _area(organisation))
    context = {"month": month, "parts": parts, "total": total, "measures": list(figures.MEASURES.items())}
    return page(request, "coverage", context)


@require_safe
@staff_page
def rows(request: StaffRequest) -> HttpResponse:
    """The people behind a figure: as many rows as it says."""
    month, show = _month(request), request.GET.get("show", "missed")
    show = show if show in figures.MEASURES else "missed"
    if request.acting.area == "unit":
        found, place = _ours(request, month, show), ""
    else:
        area, place = _area(request.acting.organisation), request.GET.get("place", "")
        place = place if place.startswith(area) else area
        found = figures.lines(month, place, show)
    key = "-visited_on" if show == "visits" else "due_on"
    joined = ("organisation",) if show == "visits" else ("organisation", "preset", "visit")
    part: Any = slices.cut(found.select_related(*joined), (key, "pk"), request.GET, size=PAGE)
    looks.listed(request, len(part.rows), {"show": show, "place": place})
    if request.acting.is_bureau:
        named(part.rows, why="who is behind a figure of visits of one's area")
    context = {
        "month": month, "show": show, "title": figures.MEASURES[show], "slice": part, "total": found.count(),
        "measures": list(figures.MEASURES.items()), "place": place,
    }  # fmt: skip
    return page(request, "rows", context)


def _ours(request: StaffRequest, month: Month, show: str) -> QuerySet[Any]:
    """The same figure over the unit's own people, whoever visits them."""
    members = UnitMembership.objects.open().filter(unit=request.acting.organisation).values("retiree")
    return figures.lines(month, "", show).filter(retiree__in=members, retiree__is_restricted=False)


@require_safe
@staff_page
def seats(request: StaffRequest) -> HttpResponse:
    """Empty seats of the teams of people we see: who has nobody there."""
    organisation = request.acting.organisation
    people = Retiree.objects.visible_to(request.user).filter(died_on=None)
    if not request.acting.is_bureau:
        people = people.filter(is_restricted=False)
    found = CareSeat.objects.filter(Q(name=""), team__ended_on=None, team__retiree__in=people)
    part = slices.cut(found.select_related("team__retiree", "team__preset"), ("pk",), request.GET, size=PAGE)
    looks.listed(request, len(part.rows), {})
    return page(request, "seats", {"slice": part, "organisation": organisation})
