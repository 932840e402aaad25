"""党组织: the branches of a community, a unit or an area, each with its three scopes of management (三重管理)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Organisation
from huifeng.display import slices
from huifeng.display.frames import frame_of
from members.people import looks, registry
from members.people.models import Retiree

from . import actions, standing
from .forms import DetailsForm, NewBranchForm, PostForm
from .models import PartyAffiliation, PartyOrganisation
from .permissions import may_keep

SHOWS = {"all": "全部", "due": "90 天内换届", "joint": "联合党支部"}
MOST = 300


def _page(request: StaffRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"party/{name}.html", {**frame_of(request), **context}, status=status)


def _go(request: StaffRequest, name: str, *args: Any) -> HttpResponse:
    assert request.resolver_match is not None
    return redirect(reverse(f"party:{name}", args=args, current_app=request.resolver_match.namespace))


@staff_page
def branches(request: StaffRequest) -> HttpResponse:
    """The branches with kind, members, secretary and term; the figures of the area; a new one of our own."""
    office, today = request.acting.organisation, timezone.localdate()
    keeps = office.kind in (Organisation.Kind.COMMUNITY, Organisation.Kind.UNIT, Organisation.Kind.BUREAU)
    form = NewBranchForm(request.POST or None) if keeps else None
    if request.method == "POST" and form is not None and form.is_valid():
        made = actions.add_organisation(**form.cleaned_data, host_id=office.pk, by=request.user)
        messages.success(request, f"已登记“{made.name}”。请填届期和班子职数。")
        return _go(request, "branch", made.pk)
    show = request.GET.get("show", "all")
    show = show if show in SHOWS else "all"
    rows = standing.of_office(office).select_related("host")
    if show == "due":
        rows = standing.due(rows, today)
    elif show == "joint":
        rows = rows.filter(kind=PartyOrganisation.Kind.JOINT_BRANCH)
    part = slices.cut(rows, ("term_ends_on", "pk") if show == "due" else ("pk",), request.GET)
    found = standing.lines(part.rows, today)
    looks.listed(request, sum(bool(line.secretary) for line in found), {"show": show})
    context = {
        "slice": part,
        "lines": found,
        "figures": standing.figures_of(office),
        "due": standing.due(standing.of_office(office), today).count(),
        "show": show,
        "shows": list(SHOWS.items()),
        "form": form,
    }
    return _page(request, "branches", context, status=422 if form is not None and form.errors else 200)


def _found(request: StaffRequest, pk: int) -> PartyOrganisation:
    rows = standing.of_office(request.acting.organisation)
    return get_object_or_404(rows.select_related("host__division", "parent", "assisted_by"), pk=pk)


@staff_page
def branch(request: StaffRequest, pk: int) -> HttpResponse:
    """One branch: who manages it, in three scopes; who belongs to it and who takes part; its posts and its term."""
    row, today = _found(request, pk), timezone.localdate()
    keeps = may_keep(request.user, row.host)
    form = DetailsForm(
        request.POST or None,
        initial={
            "seats": row.seats,
            "term_from": row.term_from,
            "term_ends_on": row.term_ends_on,
            "assisted_by": row.assisted_by_id,
        },
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        helper = said["assisted_by"]
        actions.describe(
            row.pk, seats=said["seats"], term_from=said["term_from"], term_ends_on=said["term_ends_on"],
            assisted_by_id=helper.pk if helper else None, by=request.user,
        )  # fmt: skip
        messages.success(request, f"已改好“{row.name}”。")
        return _go(request, "branch", row.pk)
    held = PartyAffiliation.objects.filter(organisation=row, valid_until=None).select_related("retiree")
    people = list(held.exclude(retiree=None).order_by("post_from", "pk")[:MOST])
    posts = [held for held in people if held.post]
    looks.listed(request, len(people), {"party": row.pk})
    context = {
        "line": standing.lines([row], today)[0],
        "row": row,
        "overseer": registry.units.bureau_for(row.host.division_id),
        "homes": standing.formal_homes(row),
        "posts": posts,
        "members": [held for held in people if not held.post],
        "keeps": keeps,
        "form": form,
    }
    return _page(request, "branch", context, status=422 if form.errors else 200)


@staff_page
def post(request: StaffRequest, pk: int) -> HttpResponse:
    """Assign or end the post of one member."""
    rows = PartyAffiliation.objects.filter(retiree__in=Retiree.objects.visible_to(request.user))
    held = get_object_or_404(rows.select_related("retiree", "organisation__host"), pk=pk, valid_until=None)
    row = _found(request, held.organisation_id)
    if not may_keep(request.user, row.host):
        raise Http404
    form = PostForm(request.POST or None, initial={"post": held.post, "on": held.post_from})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        actions.set_post(held.pk, said["post"], on=said["on"], by=request.user)
        messages.success(request, f"已改好{held.retiree.name}同志的职务。")
        return _go(request, "branch", row.pk)
    looks.viewed(request, held.retiree)
    return _page(
        request, "post", {"held": held, "row": row, "form": form}, status=422 if form.errors else 200
    )


@require_safe
@staff_page
def fifty_years(request: StaffRequest) -> HttpResponse:
    """光荣在党50年: who has been a member for 50 years on 1 July."""
    year = timezone.localdate().year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and abs(int(asked) - year) <= 5 else year
    people = Retiree.objects.visible_to(request.user)
    rows = standing.fifty_years(people, year)
    part = slices.cut(rows, ("pk",), request.GET, size=50)
    unclear = list(standing.fifty_years_unclear(people, year).order_by("pk")[:50])
    looks.listed(request, len(part.rows) + len(unclear), {"year": year})
    context = {"slice": part, "count": rows.count(), "unclear": unclear, "year": year}
    return _page(request, "fifty_years", context)
