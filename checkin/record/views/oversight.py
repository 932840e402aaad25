"""Bureau and street: the figures of an area, the lists behind them, what is overdue or waits for a place.

One set of pages; a bureau's area is a city or a district, a street's is the street.
"""

import time
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from checkin.record import areas, lists
from checkin.record.actions.reminders import URGED, urge
from checkin.record.forms.staff import AreaFilters
from checkin.record.models import CheckIn
from communities.divisions.models import Division
from communities.notices.models import Notice
from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Assignment, Organisation
from huifeng.display import slices
from members.people import looks

from .frame import newest_notices, page

SLOW = 0.2  # seconds; figures that take longer are kept for KEPT
KEPT = 60


@staff_page
def home(request: StaffRequest) -> HttpResponse:
    """总览: one sentence, four figures, and a line for each part of the area; figures lead to lists."""
    area = _asked_area(request)
    found = _figures(request, area)
    context = {
        **found,
        "place": area,
        "place_name": areas.name_of(area),
        "crumbs": _crumbs(request.acting.organisation, area),
        "duplicates": lists.duplicates_of(request.acting.organisation),
        "notices": newest_notices(request.acting),
        "measures": areas.MEASURE_WORDS,
        "figures": _cards(found, "" if area == request.acting.organisation.area else area),
    }
    return page(request, "home.html", context)


def _cards(found: dict[str, Any], place: str) -> list[tuple[str, int, str]]:
    """The figures at the top: words, value, and the list behind it."""
    people = reverse("bureau:people")
    cards = [("在册", found["people"], people)] if "people" in found else []
    for name in ("confirmed", "open", "late"):
        wanted = {"state": name, **({"place": place} if place else {})}
        cards.append((areas.MEASURE_WORDS[name], found["total"][name], f"{people}?{urlencode(wanted)}"))
    return cards


def _asked_area(request: StaffRequest) -> str:
    """The area to look at: a part of one's own, else one's own."""
    own, asked = request.acting.organisation.area, request.GET.get("place", "")
    return asked if asked.isdecimal() and asked.startswith(own) and len(asked) in (4, 6, 9) else own


def _figures(request: StaffRequest, area: str) -> dict[str, Any]:
    """The figures of `area`; where counting takes long, as they were within the last minute."""
    own = request.acting.organisation
    key = f"oversight:{own.pk}:{area}"
    kept: dict[str, Any] | None = _kept(key)
    if kept is not None:
        return kept
    began = time.monotonic()
    today = timezone.localdate()
    lines = areas.figures_of(area, today)
    found = {"lines": lines, "total": areas.total_of(lines, today), "counted_at": timezone.now()}
    if area == own.area:
        found["people"] = areas.count_register(area, restricted=request.acting.is_bureau)
    if time.monotonic() - began > SLOW:
        _keep(key, found)
    return found


def _kept(key: str) -> Any:
    try:
        return cache.get(key)
    except RedisError:
        return None


def _keep(key: str, found: Any) -> None:
    with suppress(RedisError):
        cache.set(key, found, KEPT)


def _crumbs(own: Organisation, area: str) -> list[tuple[str, str]]:
    """The way from one's own area down to `area`."""
    codes = [code for n in (4, 6, 9) if len(own.area) <= n <= len(area) for code in (area[:n],)]
    if len(codes) < 2:
        return []
    names = dict(
        Division.objects.filter(code__in=[c.ljust(12, "0") for c in codes]).values_list("code", "name")
    )
    home = reverse("bureau:home")
    way = [(names.get(c.ljust(12, "0"), c), f"{home}?{urlencode({'place': c})}") for c in codes]
    return [(way[0][0], home), *way[1:-1], (way[-1][0], "")]


@staff_page
def people(request: StaffRequest) -> HttpResponse:
    """名单: the people behind a figure, or of the whole area; masked."""
    own, today = request.acting.organisation, timezone.localdate()
    filters = AreaFilters(request.GET, place=areas.places(own, request.GET.get("place", "")))
    wanted, area = filters.wanted, filters.wanted["place"] or own.area
    if wanted["state"] in areas.MEASURE_WORDS:
        checkins = areas.in_area(area, wanted, today)
        if not request.acting.is_bureau:
            checkins = checkins.filter(retiree__is_restricted=False)
        part: Any = slices.cut(checkins, ("-pk",), request.GET)
        found = [lists.Person(c.retiree, c, c.unit, lists.due_words(c.due_on, today)) for c in part.rows]
    else:
        rows = areas.registered(own, wanted).select_related("residence")
        part = slices.cut(rows, ("pk",), request.GET)
        found = lists.with_checkins(part.rows, today)
    looks.listed(request, len(found), wanted)
    context = {"filters": filters, "slice": part, "people": found, "found": f"本页 {len(found)} 人"}
    return page(request, "bureau/people.html#list" if request.htmx else "people.html", context)


@staff_page
def overdue(request: StaffRequest) -> HttpResponse:
    """督办: which organisation lets how many wait, for how long, and who answers for it."""
    own, today = request.acting.organisation, timezone.localdate()
    everyone = list(
        areas.overdue_by_desk(own.area, today)
    )  # one row an organisation, so a few thousand at most
    rows = everyone[: lists.CAP]
    desks = Organisation.objects.in_bulk([row["desk"] for row in rows])
    leads = _leads(list(desks))
    urged = dict(
        Notice.objects.filter(receiver__in=desks, kind=URGED)
        .order_by()
        .values("receiver")
        .annotate(last=Max("created_at"))
        .values_list("receiver", "last")
    )
    found = [
        {
            **row,
            "desk": desks[row["desk"]],
            "lead": leads.get(row["desk"]) or desks[row["desk"]].contact,
            "days": (today - row["oldest"]).days,
            "level": lists.late_level((today - row["oldest"]).days),
            "urged": urged.get(row["desk"]),
        }
        for row in rows
    ]
    total = sum(row["count"] for row in everyone)
    return page(request, "overdue.html", {"rows": found, "total": total, "desks": len(everyone)})


def _leads(organisations: list[int]) -> dict[int, str]:
    """Who answers for each organisation today."""
    rows = Assignment.objects.active(timezone.localdate()).filter(
        organisation__in=organisations, role=Assignment.Role.LEAD
    )
    return dict(rows.order_by("-pk").values_list("organisation", "user__display_name"))


@staff_page
@require_POST
def remind(request: StaffRequest) -> HttpResponse:
    """发提醒 to the chosen organisations, once a day each."""
    chosen = [int(pk) for pk in request.POST.getlist("id") if pk.isdecimal()]
    if not chosen:
        messages.warning(request, "请先勾选要提醒的单位")
        return redirect("bureau:overdue")
    told = urge(request.acting.organisation.pk, chosen, by=request.user)
    rest = len(chosen) - told
    messages.success(request, f"已提醒 {told} 家" + (f"，{rest} 家今天已经提醒过" if rest else ""))
    return redirect("bureau:overdue")


@staff_page
def place(request: StaffRequest) -> HttpResponse:
    """待分社区: people who asked us to find their community (请社区帮我找)."""
    rows = lists.with_people(CheckIn.objects.at_desk(request.acting.organisation)).filter(
        lists.WAITS_FOR_PLACE
    )
    part = slices.cut(rows, ("due_on", "pk"), request.GET)
    looks.listed(request, len(part.rows))
    today = timezone.localdate()
    return page(
        request, "place.html", {"slice": part, "items": [lists.item(row, today) for row in part.rows]}
    )
