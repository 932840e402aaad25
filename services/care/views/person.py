"""关心照顾 of one person: class, team, what is due, visits; and what staff write down about it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.errors import RuleBroken
from members.people import looks
from members.people.models import Retiree

from .. import actions, lists
from ..forms import ClassForm, OccasionForm, TeamForm
from ..models import CarePreset, CareTeam
from ..permissions import may_plan
from .frame import go, page, person_of


def _show(
    request: StaffRequest,
    retiree: Retiree,
    *,
    occasion: OccasionForm | None = None,
    classed: ClassForm | None = None,
) -> HttpResponse:
    may = retiree.died_on is None and may_plan(request.user, retiree)
    context = {
        "retiree": retiree,
        "care": lists.care_of(retiree, request.user),
        "may_plan": may,
        "occasion": (occasion or OccasionForm(initial={"on": timezone.localdate()})) if may else None,
        "classed": (classed or ClassForm()) if may else None,
        "presets": CarePreset.objects.filter(mode=CarePreset.Mode.TEAM, is_active=True) if may else [],
    }
    return page(request, "person", context, status=422 if occasion or classed else 200)


@require_safe
@staff_page
def person(request: StaffRequest, retiree_id: int) -> HttpResponse:
    """All that is known of somebody's care."""
    retiree = person_of(request, retiree_id)
    looks.viewed(request, retiree)
    return _show(request, retiree)


@sensitive_post_parameters("words")
@require_POST
@staff_page
def occasion(request: StaffRequest, retiree_id: int) -> HttpResponse:
    """Something happened: a visit is due."""
    retiree = person_of(request, retiree_id)
    form = OccasionForm(request.POST)
    if not form.is_valid():
        return _show(request, retiree, occasion=form)
    try:
        line = actions.note_occasion(
            retiree.pk, by=request.user, office=request.acting.organisation.pk, **form.cleaned_data
        )
    except RuleBroken as refused:
        form.add_error(None, refused.message)
        return _show(request, retiree, occasion=form)
    messages.success(request, f"已记下，由{line.organisation.name}走访，最晚 {line.due_on:%-m月%-d日}。")
    return go(request, "person", retiree.pk)


@sensitive_post_parameters("why")
@require_POST
@staff_page
def classify(request: StaffRequest, retiree_id: int) -> HttpResponse:
    """重点关注, 定期关注 or 日常跟踪, with a reason."""
    retiree = person_of(request, retiree_id)
    form = ClassForm(request.POST)
    if not form.is_valid():
        return _show(request, retiree, classed=form)
    office = request.acting.organisation.pk
    made = actions.set_class(retiree.pk, by=request.user, office=office, **form.cleaned_data)
    messages.success(request, f"{retiree.name}同志现在是{made.get_attention_display()}。")
    return go(request, "person", retiree.pk)


@staff_page
def team(request: StaffRequest, retiree_id: int, key: str) -> HttpResponse:
    """Who sits in which seat of a team."""
    retiree = person_of(request, retiree_id)
    preset = get_object_or_404(CarePreset, key=key, mode=CarePreset.Mode.TEAM, is_active=True)
    known = CareTeam.objects.filter(retiree=retiree, preset=preset, ended_on=None).first()
    initial = {
        f"{name}{seat.place}": getattr(seat, name)
        for seat in (known.seats.all() if known else [])
        for name in ("name", "post", "phone")
    }
    form = TeamForm(request.POST if request.method == "POST" else None, preset=preset, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        seats = [
            actions.Seat(given[f"name{n}"], given[f"post{n}"], given[f"phone{n}"])
            for n in range(1, form.count + 1)
        ]
        actions.seat_team(retiree.pk, preset.key, seats, by=request.user)
        empty = sum(not seat.name.strip() for seat in seats)
        messages.success(request, f"已记下{preset.name}{f'，还空 {empty} 席' if empty else '，席位齐了'}。")
        return go(request, "person", retiree.pk)
    if request.method != "POST":
        looks.viewed(request, retiree)
    context = {"retiree": retiree, "preset": preset, "form": form, "team": known}
    return page(request, "team", context, status=422 if form.errors else 200)


@require_POST
@staff_page
def end_team(request: StaffRequest, retiree_id: int, key: str) -> HttpResponse:
    """The team is over."""
    retiree = person_of(request, retiree_id)
    known = get_object_or_404(CareTeam, retiree=retiree, preset__key=key, ended_on=None)
    actions.end_team(known.pk, by=request.user)
    messages.success(request, f"{retiree.name}同志的{known.preset.name}已结束。")
    return go(request, "person", retiree.pk)
