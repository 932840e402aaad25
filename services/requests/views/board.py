"""需求与服务: what lies with us by state, what we wrote down, what our people or our area asked for."""

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Organisation
from huifeng.display import slices
from members.people import looks
from members.units.models import UnitMembership

from .. import wording
from ..forms import BoardFilters
from ..models import Request, RequestPreset
from .frame import RELATED, page, url

State, Kind = Request.State, Organisation.Kind
TABS = (
    (State.NEW, "新"),
    (State.WORKING, "办理中"),
    (State.ANSWERED, "已回复"),
    (State.RATED, "已评价"),
    (State.CLOSED, "已办结"),
)
SCOPES = {
    Kind.COMMUNITY: [("", "我们办的"), ("taken", "我们登记的")],
    Kind.UNIT: [("", "转给我们办的"), ("people", "本单位老同志的"), ("taken", "我们登记的")],
    Kind.STREET: [("", "辖区全部"), ("desk", "我们办的"), ("taken", "我们登记的")],
    Kind.BUREAU: [("", "辖区全部"), ("desk", "我们办的"), ("taken", "我们登记的")],
}


@require_safe
@staff_page
def board(request: StaffRequest) -> HttpResponse:
    """One state of the board; urgent ones first, then by the day of the answer, so that overdue ones lead."""
    organisation = request.acting.organisation
    filters = BoardFilters(
        request.GET,
        scope=SCOPES[Kind(organisation.kind)],
        preset=[("", "不限"), *RequestPreset.objects.values_list("key", "name")],
    )
    wanted = dict(filters.wanted)
    show = request.GET.get("state", "")
    show = show if show in State.values else State.NEW
    rows = _narrowed(_scope(request, wanted["scope"]), wanted)
    tabs = _tabs(rows, show, request)
    part = slices.cut(rows.filter(state=show).select_related(*RELATED), _keys(show), request.GET)
    looks.listed(request, len(part.rows), {"state": show, **wanted})
    context = {
        "filters": filters,
        "show": show,
        "tabs": tabs,
        "slice": part,
        "items": wording.items(part.rows, timezone.localdate()),
        "new_url": url(request, "find"),
        "figures_url": url(request, "figures") if request.acting.area == "bureau" else "",
    }
    return page(request, "requests.html", context)


def _keys(show: str) -> tuple[str, ...]:
    return ("priority", "due_on", "pk") if show in Request.OPEN else ("priority", "-pk")


def _scope(request: StaffRequest, scope: str) -> QuerySet[Request]:
    """Never more than one may see; of restricted people only a bureau's pages show anything."""
    organisation = request.acting.organisation
    rows = Request.objects.all()
    if organisation.kind != Kind.BUREAU:
        rows = rows.exclude(retiree__is_restricted=True)
    if scope == "taken":
        return rows.filter(taken_for=organisation)
    if scope == "people":
        members = UnitMembership.objects.open().filter(unit=organisation)
        return rows.filter(retiree__in=members.values("retiree"))
    if not scope and request.acting.area == "bureau":
        return rows.filter(area__code__startswith=organisation.area)
    return rows.filter(desk=organisation)


def _narrowed(rows: QuerySet[Request], wanted: dict[str, str]) -> QuerySet[Request]:
    if wanted["preset"]:
        rows = rows.filter(preset__key=wanted["preset"])
    if wanted["channel"]:
        rows = rows.filter(channel=wanted["channel"])
    if wanted["only"] == "urgent":
        rows = rows.filter(priority=Request.Priority.URGENT)
    if wanted["only"] == "late":
        rows = rows.filter(state__in=Request.OPEN, due_on__lt=timezone.localdate())
    return rows


def _tabs(rows: QuerySet[Request], show: str, request: StaffRequest) -> list[tuple[str, str, int, bool]]:
    """State, words, how many, whether it is shown. One query."""
    counts = dict(rows.order_by().values("state").annotate(number=Count("pk")).values_list("state", "number"))
    found = []
    for state, words in TABS:
        asked = request.GET.copy()
        for gone in ("after", "before", "org"):
            asked.pop(gone, None)
        asked["state"] = state
        found.append((f"?{asked.urlencode()}", words, counts.get(state, 0), state == show))
    return found
