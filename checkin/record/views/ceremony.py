"""荣退仪式: a unit hands over everyone who retires that day, in one act, after a look at every problem.

The steps keep what was typed in the form itself: nothing is written before the act.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from checkin.record import actions, lists
from checkin.record.forms.staff import CeremonyForm, RosterFilters
from checkin.record.models import Ceremony, CheckIn, State
from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Organisation
from huifeng.display import slices
from members.people import looks
from members.people.models import Retiree

from .desk import Choice, recommended, search_communities, where_is
from .frame import page

MOST = 50


@dataclass
class Row:
    """One person of the ceremony: where they go, what may be chosen, and what is still wrong."""

    retiree: Retiree
    address: str
    search: str = ""
    community: Organisation | None = None
    choices: list[Choice] = field(default_factory=list)
    problem: str = ""


@staff_page
def ceremonies(request: StaffRequest) -> HttpResponse:
    """The ceremonies held, newest first."""
    rows = Ceremony.objects.filter(unit=request.acting.organisation).order_by("-held_on", "-pk")
    return page(request, "ceremonies.html", {"slice": slices.cut(rows, ("-held_on", "-pk"), request.GET)})


@staff_page
def new(request: StaffRequest) -> HttpResponse:
    """Step 1: day, place, and who. People without a check-in, the latest to retire first."""
    filters = RosterFilters(request.GET)
    unit = request.acting.organisation
    wanted = {"state": "none", "q": filters.wanted["q"]}
    members = lists.members_of(unit, wanted).order_by("-retiree__retired_on", "-retiree_id")[:MOST]
    form = CeremonyForm(initial={"held_on": timezone.localdate()})
    context = {
        "form": form,
        "filters": filters,
        "retirees": [member.retiree for member in members],
        "most": MOST,
    }
    return page(request, "ceremony_new.html", context)


@staff_page
def check(request: StaffRequest) -> HttpResponse:
    """Step 2: every person with the community found; problems stand at their row. With `hold`: the act."""
    if request.method != "POST":
        return redirect("unit:ceremony_new")
    form = CeremonyForm(request.POST)
    rows = _rows(request)
    if not rows:
        messages.warning(request, "请先勾选要办理的老同志")
        return redirect("unit:ceremony_new")
    troubled = [row for row in rows if row.problem]
    if form.is_valid() and not troubled and "hold" in request.POST:
        return _hold(request, form, rows)
    context = {"form": form, "rows": rows, "troubled": len(troubled)}
    return page(request, "ceremony_check.html", context, status=422 if form.errors else 200)


def _rows(request: StaffRequest) -> list[Row]:
    """What was typed and chosen for each person, judged."""
    data = request.POST
    ids = [int(pk) for pk in data.getlist("id") if pk.isdecimal()][:MOST]
    members = lists.members_of(request.acting.organisation, {}).filter(retiree__in=ids)
    people = {member.retiree_id: member.retiree for member in members}
    chosen = [int(pk) for pk in (data.get(f"community-{i}", "") for i in ids) if pk.isdecimal()]
    communities = (
        Organisation.objects.open()
        .filter(pk__in=chosen, kind__in=(Organisation.Kind.COMMUNITY, Organisation.Kind.EXTERNAL_COMMUNITY))
        .select_related("division__parent__parent")
        .in_bulk()
    )
    busy = _busy(list(people))
    rows = []
    for pk in dict.fromkeys(ids):
        if pk not in people:
            continue
        address = data.get(f"address-{pk}", people[pk].residence_address).strip()[:200]
        picked = data.get(f"community-{pk}", "")
        row = Row(people[pk], address, data.get(f"search-{pk}", "").strip()[:40])
        row.community = communities.get(int(picked)) if picked.isdecimal() else None
        row.choices = _choices(row)
        if row.community is None and len(row.choices) == 1 and "hold" not in data and "looked" not in data:
            row.community = row.choices[0].organisation
        row.problem = _problem(row, busy.get(pk))
        rows.append(row)
    return rows


def _busy(ids: list[int]) -> dict[int, CheckIn]:
    rows = CheckIn.objects.filter(retiree__in=ids, state__in=(*CheckIn.AT_DESK, State.CONFIRMED))
    return {row.retiree_id: row for row in rows}


def _choices(row: Row) -> list[Choice]:
    found = search_communities(row.search) if row.search else recommended(row.address, None)
    if row.community is not None and row.community.pk not in {c.organisation.pk for c in found}:
        found = [Choice(row.community, where_is(row.community), "已选"), *found]
    return found[:5]


def _problem(row: Row, busy: CheckIn | None) -> str:
    if busy is not None:
        return f"已有报到 {busy.number}（{busy.get_state_display()}），请去掉这一行"
    if not row.address:
        return "没有住址，请填写"
    if row.community is None:
        return "请选一个社区" if row.choices else "没有查到社区，请写社区名称再查"
    return ""


def _hold(request: StaffRequest, form: CeremonyForm, rows: list[Row]) -> HttpResponse:
    handed = [(row.retiree.pk, row.community.pk, row.address) for row in rows if row.community is not None]
    ceremony = actions.hold_ceremony(
        request.acting.organisation.pk, by=request.user, people=handed, **_when_and_where(form)
    )
    messages.success(request, f"已办理 {len(handed)} 位老同志的荣退报到")
    return redirect("unit:ceremony", ceremony.pk)


def _when_and_where(form: CeremonyForm) -> dict[str, Any]:
    return {"held_on": form.cleaned_data["held_on"], "place": form.cleaned_data["place"]}


@staff_page
def ceremony(request: StaffRequest, pk: int) -> HttpResponse:
    """The result: who went where, and all the papers (报到单) to print."""
    row = get_object_or_404(Ceremony, pk=pk, unit=request.acting.organisation)
    checkins = list(lists.with_people(CheckIn.objects.filter(ceremony=row)).order_by("pk"))
    looks.listed(request, len(checkins), {"ceremony": row.pk})
    return page(request, "ceremony.html", {"ceremony": row, "checkins": checkins})
