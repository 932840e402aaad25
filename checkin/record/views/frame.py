"""What every staff page shows around itself: organisation, menu with figures, search box, undo."""

from collections import Counter
from typing import Any

from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from checkin.record import lists
from checkin.record.models import CheckIn
from communities.notices.models import Notice
from communities.organisations.acting import Acting, StaffRequest, acting_of, area_of_pages

UNDO = "undo"  # in the session: the confirmation that the next page offers to take back


def page(
    request: StaffRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A staff page with its frame. `template` without a folder is looked for in that of the area."""
    path = template if "/" in template else f"{request.acting.area}/{template}"
    return render(request, path, {**frame_of(request), **(context or {})}, status=status)


def frame_of(request: HttpRequest) -> dict[str, Any]:
    """What the frame of a staff page needs. Pages of other rooms under the same addresses use it too."""
    acting: Acting | None = getattr(request, "acting", None)
    if acting is None:
        acting = acting_of(request, area_of_pages(request))
    return {
        "acting": acting,
        "area": acting.area,
        "organisation": acting.organisation,
        "frame_template": f"{acting.area}/base.html",
        "waiting": _waiting(acting),
        "search_url": reverse("search:people"),
        "user_links": _elsewhere(acting),
        "undo": request.session.pop(UNDO, None)
        if request.method == "GET" and not _is_fragment(request)
        else None,
        "today": timezone.localdate(),
    }


def _is_fragment(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _waiting(acting: Acting) -> dict[str, str]:
    """How much lies on the desk, for the menu; what waits for a community (待分社区) apart, and notices to sign."""
    place = Case(When(lists.WAITS_FOR_PLACE, then=Value("place")), default=Value("rest"))
    desk = CheckIn.objects.at_desk(acting.organisation).order_by().values_list(place)[: lists.CAP + 1]
    notices = Notice.objects.unsigned([acting.organisation.pk]).values_list(Value("receipts"))
    found = Counter(what for (what,) in desk.union(notices[: lists.CAP + 1], all=True))  # one query for all
    counts = {name: found[name] for name in ("place", "rest", "receipts")}
    counts["all"] = counts["place"] + counts["rest"]
    return {name: lists.capped(count) if count else "" for name, count in counts.items()}


def _elsewhere(acting: Acting) -> list[tuple[str, str]]:
    """The other organisations the user acts for."""
    here = [
        (f"换到 {o.name}", f"/{acting.area}/?org={o.pk}") for o in acting.choices if o != acting.organisation
    ]
    return here + [(f"换到 {o.name}", f"/{area}/") for area, o in acting.homes]


def offer_undo(request: StaffRequest, checkin: CheckIn) -> None:
    """The next page says 「已确认 …」 with a button that takes it back."""
    request.session[UNDO] = {"checkin": checkin.pk, "name": checkin.retiree.name}


def newest_notices(acting: Acting, most: int = 5) -> list[tuple[Notice, str]]:
    """The newest notices of the organisation, each with the page it speaks of."""
    rows = lists.told(Notice.objects.filter(receiver=acting.organisation)).order_by("-created_at")
    found = lists.veiled(rows[:most], acting.organisation)
    return [(notice, notice_url(notice, acting.area)) for notice in found]


def notice_url(notice: Notice, area: str) -> str:
    """The page a notice speaks of, for whoever reads it on the pages of `area`."""
    kind, _, key = notice.link.partition(":")
    if kind == "page":
        return f"/{area}/{key}"
    if kind == "checkin" and key.isdecimal():
        return reverse(f"{area}:checkin", args=[key])
    if kind == "reorganisation" and area == "bureau" and key.isdecimal():
        return reverse("units:reorganisation", args=[key])
    if notice.kind in ("identity_claim", "helper_call", "death_reported"):
        return reverse(f"{area}:verify")
    return reverse(f"{area}:person", args=[notice.person]) if notice.person else ""
