"""The bureau's list of requests for erasure; and consent and erasure for somebody at a counter, on a paper."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from huifeng.display.frames import frame_of
from huifeng.errors import require
from members.people import looks
from members.people.models import Retiree

from .. import actions, consents
from ..forms import AskForm, DecideForm
from ..models import ErasureRequest
from ..permissions import may_ask, may_decide, visible_to

State = ErasureRequest.State


@require_safe
@staff_page
def requests(request: StaffRequest) -> HttpResponse:
    """What waits first is the default, the soonest due on top; everything with ?show=all."""
    require(request.acting.is_bureau)
    show_all = request.GET.get("show") == "all"
    rows = visible_to(request.user).select_related("retiree", "desk", "decided_by")
    order = ("-pk",) if show_all else ("due_on", "pk")
    part = slices.cut(rows if show_all else rows.filter(state=State.OPEN), order, request.GET)
    if part.rows:
        looks.listed(request, len(part.rows), {"show": "all" if show_all else "waiting"})
    today = timezone.localdate()
    context = {"slice": part, "rows": [(row, row.is_late(today)) for row in part.rows], "show_all": show_all}
    return render(request, "bureau/rights.html", {**frame_of(request), **context})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def request_page(request: StaffRequest, pk: int) -> HttpResponse:
    """One request: who, why, what keeps the data, and the decision."""
    require(request.acting.is_bureau)
    found = get_object_or_404(visible_to(request.user).select_related("retiree", "desk", "decided_by"), pk=pk)
    require(found.state == State.DONE or may_decide(request.user, found))
    form = DecideForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if form.cleaned_data["decision"] == DecideForm.ERASE:
            actions.erase(pk, reason=reason, by=request.user)
            messages.success(request, "已经删除。请告诉当事人。")
        else:
            actions.refuse(pk, reason=reason, by=request.user)
            messages.success(request, "已经答复：不同意删除。")
        return redirect(reverse("bureau-rights:list"))
    if found.state != State.DONE:
        looks.viewed(request, found.retiree)
    context = {
        "asked": found,
        "form": form,
        "is_late": found.is_late(timezone.localdate()),
        "keeps": actions.what_keeps(found.retiree) if found.state == State.OPEN else "",
    }
    return render(
        request,
        "bureau/rights_request.html",
        {**frame_of(request), **context},
        status=422 if form.errors else 200,
    )


@require_safe
@staff_page
def person(request: StaffRequest, pk: int) -> HttpResponse:
    """For somebody at the counter: what they agreed to, and the two things they may want."""
    retiree = _person(request, pk)
    looks.viewed(request, retiree)
    given, _ = consents.given_at(retiree)
    context = {
        "retiree": retiree,
        "given": given,
        "agreed": consents.story(retiree),
        "asked": retiree.erasure_requests.select_related("desk").order_by("-pk").first(),
        "form": AskForm(),
        "urls": {
            "consent": reverse(f"{request.acting.area}-rights:withdraw_consent", args=[pk]),
            "ask": reverse(f"{request.acting.area}-rights:ask", args=[pk]),
            "person": reverse(f"{request.acting.area}:person", args=[pk]),
        },
    }
    return render(request, "staff/rights_person.html", {**frame_of(request), **context})


@require_POST
@staff_page
def withdraw_consent(request: StaffRequest, pk: int) -> HttpResponse:
    retiree = _person(request, pk)
    actions.withdraw_consent(retiree.pk, by=request.user)
    messages.success(request, "已经登记撤回同意，报到已经结束。请收好本人签字的书面材料。")
    return redirect(reverse(f"{request.acting.area}-rights:person", args=[pk]))


@require_POST
@staff_page
def ask(request: StaffRequest, pk: int) -> HttpResponse:
    retiree = _person(request, pk)
    form = AskForm(request.POST)
    asked = actions.ask(
        retiree.pk, words=form.cleaned_data["words"] if form.is_valid() else "", by=request.user
    )
    messages.success(request, f"已经收下，由{asked.desk.name}决定。")
    return redirect(reverse(f"{request.acting.area}-rights:person", args=[pk]))


def _person(request: StaffRequest, pk: int) -> Retiree:
    """The person, for whoever may do this for them; else 404 or 403."""
    retiree = Retiree.objects.visible_to(request.user).filter(pk=pk).first()
    if retiree is None:
        looks.refused(request, Retiree(pk=pk))
        raise Http404
    require(may_ask(request.user, retiree))
    return retiree
