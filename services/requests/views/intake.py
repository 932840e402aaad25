"""Writing down what somebody asks on the phone, at the counter, in a letter or at home."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from checkin.record import lists
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.errors import RuleBroken
from members.people import looks
from members.people.models import Retiree

from .. import actions
from ..forms import CALL, PRIVATE, URGENT, FindForm, IntakeForm
from ..models import Request, RequestPreset
from ..permissions import may_raise
from .frame import page, url

MOST = 20
HOTLINE = "hotline"  # what most calls are


@sensitive_post_parameters("q")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def find(request: StaffRequest) -> HttpResponse:
    """Who calls? By name or phone among those we may see; whoever is not found is written down all the same."""
    form = FindForm(request.POST or None)
    people: list[Retiree] = []
    if form.is_valid():
        rows = Retiree.objects.visible_to(request.user).alive()
        rows = rows.filter(lists.matching(form.cleaned_data["q"], number="")).select_related("residence")
        people = list(rows.order_by("name", "pk")[:MOST])
        looks.listed(request, len(people), {"q": form.cleaned_data["q"]})
    context = {
        "form": form,
        "asked": form.is_bound and form.is_valid(),
        "people": [(person, url(request, "new", person.pk)) for person in people],
        "unknown_url": url(request, "unknown"),
        "board_url": url(request, "board"),
    }
    return page(request, "request_find.html", context, status=422 if form.errors else 200)


@sensitive_post_parameters("words", "caller", "caller_phone")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: StaffRequest, retiree_id: int) -> HttpResponse:
    """What the person asks."""
    retiree = get_object_or_404(Retiree.objects.visible_to(request.user), pk=retiree_id)
    looks.viewed(request, retiree)
    return _intake(request, retiree)


@sensitive_post_parameters("words", "caller", "caller_phone")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def unknown(request: StaffRequest) -> HttpResponse:
    """What a caller asks whom nobody knows, or an organisation."""
    return _intake(request, None)


def _intake(request: StaffRequest, retiree: Retiree | None) -> HttpResponse:
    of_unit = request.acting.area == "unit"
    hotline = RequestPreset.objects.filter(key=HOTLINE).first()
    initial = {"preset": hotline, "channel": Request.Channel.PHONE}
    form = IntakeForm(request.POST or None, unknown=retiree is None, of_unit=of_unit, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            made = _write(request, retiree, form.cleaned_data)
        except RuleBroken as refused:  # said over the form, so that nothing typed is lost
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"已登记，由{made.desk.name}在 {made.due_on:%-m月%-d日} 前答复。")
            return redirect(url(request, "request", made.pk))
    context = {
        "form": form,
        "retiree": retiree,
        "form_key": request.POST.get("form_key") or uuid4(),
        "may": may_raise(request.user, retiree, request.acting.organisation),
        "back_url": url(request, "find"),
    }
    return page(request, "request_new.html", context, status=422 if form.errors else 200)


def _write(request: StaffRequest, retiree: Retiree | None, data: dict[str, Any]) -> Request:
    marks = data["marks"]
    return actions.receive(
        data["preset"].pk,
        retiree.pk if retiree is not None else None,
        words=data["words"],
        by=request.user,
        channel=data["channel"],
        organisation_id=request.acting.organisation.pk,
        item=data["code"],
        wanted_desk=data["desk"],
        is_urgent=URGENT in marks,
        is_private=PRIVATE in marks,
        wants_call=CALL in marks,
        caller=data.get("caller", ""),
        caller_phone=data.get("caller_phone", ""),
        form_key=key_of(request.POST.get("form_key", "")),
    )


def key_of(text: str) -> UUID | None:
    """The key of the page a form was sent from; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None
