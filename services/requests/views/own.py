"""我要帮助: the person, or a helper, asks; reads how it stands; says how good the answer was."""

from dataclasses import dataclass
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huifeng.display import words as say
from huifeng.errors import RuleBroken
from members.people.acting import address_of, for_person, go, page, user_of
from members.people.models import Retiree

from .. import actions, desks, wording
from ..forms import AgainForm, AskForm, KindForm, RatingForm
from ..models import Request, RequestPreset
from ..permissions import events_of, words_for
from .intake import key_of

MOST = 50
State, Rating = Request.State, Request.Rating


@dataclass(frozen=True)
class Mine:
    """One of the person's requests in plain words."""

    row: Request
    title: str
    kind: str
    state: str
    answer: str
    url: str


def _stands(row: Request) -> str:
    """Where it stands: who answers until when, or that there is an answer."""
    if row.is_open:
        return f"{row.desk.name}在办，最晚{say.short_day(row.due_on)}答复您。"
    if row.why_closed == Request.Why.WITHDRAWN:
        return "您说不用办了。"
    if row.answered_at is None:
        return "已经结束。"
    who = row.answered_for or row.desk
    return f"{say.short_day(row.answered_at)}，{who}已经答复。"


def _mine(request: HttpRequest, row: Request) -> Mine:
    return Mine(
        row,
        wording.title(row),
        wording.KINDS[State(row.state)],
        wording.state(row),
        _stands(row),
        address_of(request, "own_requests:request", pk=row.pk),
    )


def _found(person: Retiree, pk: int) -> Request:
    row = get_object_or_404(
        Request.objects.select_related("preset", "desk", "answered_for"), pk=pk, retiree=person
    )
    row.retiree = person
    return row


@require_GET
@for_person
def mine(request: HttpRequest, person: Retiree) -> HttpResponse:
    """What was asked, the newest first."""
    rows = Request.objects.filter(retiree=person).select_related("preset", "desk", "answered_for")
    found = list(rows.order_by("-pk")[:MOST])
    return page(request, "retiree/requests.html", {"mine": [_mine(request, row) for row in found]})


@require_GET
@for_person
def choose(request: HttpRequest, person: Retiree) -> HttpResponse:
    """您需要什么帮助？"""
    form = KindForm(request.GET if "kind" in request.GET else None)
    if form.is_bound and form.is_valid():
        return go(request, "own_requests:new", kind=form.cleaned_data["kind"])
    return page(request, "retiree/request_kind.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters("words")
@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def new(request: HttpRequest, person: Retiree, kind: str) -> HttpResponse:
    """In words or by phone; looked over once more; sent. The same page sent twice is one request."""
    preset = get_object_or_404(RequestPreset.objects.filter(is_active=True).exclude(asked_as=""), key=kind)
    form = AskForm(request.POST or None)
    checked = form.is_bound and form.is_valid()
    if checked and "send" in request.POST:
        try:
            made = actions.receive(
                preset.pk,
                person.pk,
                words=form.cleaned_data["words"],
                wants_call=form.cleaned_data["call"],
                by=user_of(request),
                form_key=key_of(request.POST.get("form_key", "")),
            )
        except RuleBroken as refused:  # said over the form, so that nothing typed is lost
            form.add_error(None, refused.message)
            checked = False
        else:
            messages.success(request, f"已经收到，最晚{say.short_day(made.due_on)}答复您。")
            return go(request, "own_requests:request", pk=made.pk)
    context = {
        "form": form,
        "preset": preset,
        "form_key": request.POST.get("form_key") or uuid4(),
        "desk": desks.first_desk(preset.first_desk, person, None),
        "said": form.cleaned_data if checked else {},
    }
    if checked and "change" not in request.POST:
        return page(request, "retiree/request_check.html", context)
    return page(request, "retiree/request_new.html", context, status=422 if form.errors else 200)


@require_GET
@for_person
def one(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    """How it stands: every step with its words, and what can be said to it."""
    return _show(request, _found(person, pk))


def _show(
    request: HttpRequest,
    row: Request,
    *,
    rating: RatingForm | None = None,
    again: AgainForm | None = None,
) -> HttpResponse:
    words = words_for(user_of(request), row)
    steps = wording.steps(events_of(row), words, of_person=True)
    if row.is_open:
        due = f"最晚{say.short_day(row.due_on)}答复您"
        steps.append(wording.Step(f"{row.desk.name}在办", "now", None, "", due, phone=row.desk.phone))
    may_again = row.rating == Rating.POOR and not row.was_reopened and row.state == State.RATED
    context = {
        "item": _mine(request, row),
        "steps": steps,
        "rating_form": rating or (RatingForm() if row.state == State.ANSWERED else None),
        "again_form": again or (AgainForm() if may_again else None),
        "may_withdraw": row.is_open,
        "hidden": row.is_private and not words,
    }
    bad = (rating is not None and rating.errors) or (again is not None and again.errors)
    return page(request, "retiree/request.html", context, status=422 if bad else 200)


@sensitive_post_parameters("words")
@require_POST
@for_person
def rate(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    """满意、一般、不满意."""
    row = _found(person, pk)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _show(request, row, rating=form)
    rated = actions.rate(
        pk, rating=form.cleaned_data["rating"], words=form.cleaned_data["words"], by=user_of(request)
    )
    poor = rated.rating == Rating.POOR
    messages.success(request, "记下了。没办好的，可以请再办一次。" if poor else "谢谢您，记下了。")
    return go(request, "own_requests:request", pk=pk)


@sensitive_post_parameters("words")
@require_POST
@for_person
def again(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    """请再办一次."""
    row = _found(person, pk)
    form = AgainForm(request.POST)
    if not form.is_valid():
        return _show(request, row, again=form)
    done = actions.reopen(pk, words=form.cleaned_data["words"], by=user_of(request))
    messages.success(request, f"已经请{done.desk.name}再办，最晚{say.short_day(done.due_on)}答复您。")
    return go(request, "own_requests:request", pk=pk)


@require_POST
@for_person
def withdraw(request: HttpRequest, person: Retiree, pk: int) -> HttpResponse:
    """不用办了."""
    _found(person, pk)
    actions.withdraw(pk, by=user_of(request))
    messages.success(request, "好的，不用办了。")
    return go(request, "own_requests:list")
