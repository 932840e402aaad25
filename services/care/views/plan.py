"""走访计划: what is due, a paper for the walk, and the record of one visit."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from huifeng.errors import RuleBroken
from members.people import looks
from members.people.models import Retiree

from .. import actions, lists
from ..forms import VisitForm
from ..models import CareNote, Obligation, VisitDraft
from ..permissions import may_undo, may_visit
from .frame import go, page

WALK = 60  # lines on paper
NOT_KEPT = ("csrfmiddlewaretoken", "keep")


@require_safe
@staff_page
def plan(request: StaffRequest) -> HttpResponse:
    """What we have to visit: today, this week, later; who needs it most comes first."""
    organisation, today = request.acting.organisation, timezone.localdate()
    shows = dict(lists.SHOWS) | (dict([lists.OURS]) if request.acting.area == "unit" else {})
    show = request.GET.get("show", "now")
    show = show if show in shows else "now"
    part = slices.cut(lists.plan(organisation, show, today), lists.keys(show), request.GET)
    looks.listed(request, len(part.rows), {"show": show})
    context = {
        "slice": part,
        "lines": [lists.line(row, today) for row in part.rows],
        "show": show,
        "shows": list(shows.items()),
        "homes": lists.homes_today(organisation, today),
    }
    return page(request, "plan", context)


@require_safe
@staff_page
def walk(request: StaffRequest) -> HttpResponse:
    """The plan on paper: today's and the week's, with room to write; caught up later by the record page."""
    organisation, today = request.acting.organisation, timezone.localdate()
    rows = [
        *lists.plan(organisation, "now", today).order_by(*lists.keys("now"))[:WALK],
        *lists.plan(organisation, "week", today).order_by(*lists.keys("week"))[:WALK],
    ][:WALK]
    looks.listed(request, len(rows), {"page": "walk"})
    return page(request, "walk", {"lines": [lists.line(row, today) for row in rows]})


def _found(request: StaffRequest, pk: int) -> Obligation:
    rows = Obligation.objects.filter(retiree__in=Retiree.objects.visible_to(request.user))
    return get_object_or_404(
        rows.select_related("retiree", "preset", "organisation", "visit__by", "visit__organisation"), pk=pk
    )


@sensitive_post_parameters("words")
@staff_page
def record(request: StaffRequest, pk: int) -> HttpResponse:
    """One line: the form while we owe it, what was done afterwards."""
    row = _found(request, pk)
    may = row.state == Obligation.State.DUE and may_visit(request.user, row)
    draft = VisitDraft.objects.filter(obligation=row, user=request.user).first() if may else None
    form = VisitForm(request.POST if request.method == "POST" else None, initial=_initial(draft))
    if request.method == "POST" and may_visit(request.user, row):
        if "keep" in request.POST:
            _keep(request, row)
            messages.success(request, "已先存着，回来接着写。")
            return go(request, "plan")
        if form.is_valid():
            try:
                actions.record_visit(row.pk, by=request.user, **form.values)
            except RuleBroken as refused:  # said over the form, so that nothing typed is lost
                form.add_error(None, refused.message)
            else:
                messages.success(request, f"已记下走访{row.retiree.name}同志。")
                return go(request, "plan")
    if request.method != "POST":
        looks.viewed(request, row.retiree)
    visit = row.visit
    context = {
        "row": row,
        "line": lists.line(row, timezone.localdate()),
        "form": form if may else None,
        "draft": draft,
        "note": CareNote.objects.filter(visit=visit).first() if visit else None,
        "why": CareNote.objects.filter(obligation=row).first(),
        "may_undo": visit is not None
        and may_undo(request.user, visit)
        and timezone.now() - visit.recorded_at <= actions.UNDO,
    }
    return page(request, "record", context, status=422 if form.errors else 200)


def _initial(draft: VisitDraft | None) -> dict[str, object]:
    """What the form begins with: today, or what was kept."""
    if draft is None:
        return {"visited_on": timezone.localdate(), "condition": ""}
    kept = VisitForm(json.loads(draft.values))
    kept.is_valid()
    return {name: kept.cleaned_data.get(name, kept[name].value()) for name in kept.fields}


def _keep(request: StaffRequest, row: Obligation) -> str:
    values = {name: value for name, value in request.POST.items() if name not in NOT_KEPT}
    texts = {name: str(value)[:1000] for name, value in values.items()}
    at = actions.keep_draft(row.pk, texts, by=request.user)
    return f"{timezone.localtime(at):%-H:%M}"


@sensitive_post_parameters("words")
@require_POST
@staff_page
def save(request: StaffRequest, pk: int) -> HttpResponse:
    """Keep what is typed, field by field: 「已保存 9:12」."""
    return render(request, "visits/saved.html", {"at": _keep(request, _found(request, pk))})


@require_POST
@staff_page
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    """撤销: the visit that answered this line."""
    row = _found(request, pk)
    if row.visit_id is not None:
        actions.undo_visit(row.visit_id, by=request.user)
        messages.success(request, f"已撤销，{row.retiree.name}同志又在走访计划里。")
    return go(request, "record", row.pk)
