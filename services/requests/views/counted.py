"""Figures of an area for bureau and street, and the requests behind a figure of the monthly statistics."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from checkin.statistics.months import Month
from communities.divisions.models import Division
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from members.people import looks

from .. import figures as counting
from .. import wording
from ..models import Request
from .frame import RELATED, page, url

BELOW = {4: 6, 6: 9, 9: 12, 12: 12}  # digits of the places one level down


def _area(request: StaffRequest) -> str:
    if request.acting.area != "bureau":
        raise Http404
    return request.acting.organisation.area


def _place(request: StaffRequest) -> str:
    """The area asked for within the own one; else the own one."""
    area, asked = _area(request), request.GET.get("place", "")
    return asked if asked.isdigit() and len(asked) <= 12 and asked.startswith(area) else area


@require_safe
@staff_page
def figures(request: StaffRequest) -> HttpResponse:
    """受理, 办结率, 按时率, 满意度 of a month or a year, by kind and by place one level down."""
    place = _place(request)
    span, start, end = _span(request.GET.get("month", ""))
    rows = Request.objects.filter(received_at__gte=start, received_at__lt=end, area__code__startswith=place)
    by_kind = counting.lines(rows, "preset__name")
    digits = BELOW.get(len(place), 12)
    by_place = counting.lines(rows, "area", digits=digits)
    names = _names([line.key for line in by_place])
    context = {
        "span": span,
        "month": request.GET.get("month", ""),
        "months": _months(),
        "place_name": _names([place]).get(place, request.acting.organisation.name),
        "kinds": [(line.key, "", line) for line in by_kind],
        "places": [
            (names.get(line.key, line.key), _deeper(request, line.key, digits), line) for line in by_place
        ],
        "total": counting.total(by_kind),
        "board_url": url(request, "board"),
    }
    return page(request, "request_figures.html", context)


def _deeper(request: StaffRequest, key: str, digits: int) -> str:
    if digits == 12:
        return ""
    asked = request.GET.copy()
    asked["place"] = key
    return f"?{asked.urlencode()}"


def _span(text: str) -> tuple[str, Any, Any]:
    """The month asked for, else the last 365 days: words, and its two ends."""
    if text:
        month = Month.parse(text)
        return month.words, month.start, month.end
    end = timezone.now() + timedelta(days=1)
    return "近一年", end - timedelta(days=366), end


def _months() -> list[Month]:
    found = [Month.current()]
    while len(found) < 12:
        found.append(found[-1].previous)
    return found


def _names(areas: list[str]) -> dict[str, str]:
    """Names of areas by their prefix."""
    codes = {area: area.ljust(12, "0") for area in areas}
    names = dict(Division.objects.filter(pk__in=codes.values()).values_list("pk", "name"))
    return {area: names[code] for area, code in codes.items() if code in names}


@require_safe
@staff_page
def counted(request: StaffRequest) -> HttpResponse:
    """The requests behind one figure of the monthly statistics: as many as it says."""
    place = _place(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in counting.KINDS else "received"
    asked = request.GET.get("month", "")
    month = Month.parse(asked) if asked else Month.current()
    rows = counting.in_time(kind, month.start, month.end).filter(area__code__startswith=place)
    total = rows.count()
    shown = rows if request.acting.is_bureau else rows.exclude(retiree__is_restricted=True)
    part = slices.cut(shown.select_related(*RELATED), ("priority", "-pk"), request.GET)
    looks.listed(request, len(part.rows), {"kind": kind, "month": str(month), "place": place})
    context = {
        "title": f"{month.words}{counting.KINDS[kind]}的需求",
        "place_name": _names([place]).get(place, request.acting.organisation.name),
        "total": total,
        "hidden": total - shown.count(),
        "slice": part,
        "items": wording.items(part.rows, timezone.localdate()),
        "board_url": url(request, "figures"),
    }
    return page(request, "request_counted.html", context)
