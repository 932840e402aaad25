"""One request: what was asked, what was done, and what can be done now."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from checkin.record import lists
from communities.organisations.acting import StaffRequest, staff_page
from members.people import looks
from members.people.models import Retiree

from .. import actions, desks, wording
from ..forms import AnswerForm, FindForm, FollowUpForm, PassForm, RatingForm
from ..models import Request
from ..permissions import events_of, may_handle, may_pass_on, may_urge, words_for
from .frame import found, page, url

State = Request.State


@require_safe
@staff_page
def request_page(request: StaffRequest, pk: int) -> HttpResponse:
    row = found(request, pk)
    _looked(request, row)
    return _show(request, row)


def _looked(request: StaffRequest, row: Request) -> None:
    if row.retiree is not None:
        looks.viewed(request, row.retiree)


def _show(
    request: StaffRequest,
    row: Request,
    *,
    forms: dict[str, Any] | None = None,
    phone: str = "",
    status: int = 200,
) -> HttpResponse:
    user = request.user
    mine = may_handle(user, row)
    places = desks.elsewhere(row) if row.is_open and may_pass_on(user, row) else []
    context: dict[str, Any] = {
        **_facts(request, row),
        "may_begin": mine and row.is_open,
        "may_rate": mine and row.answered_at is not None and not row.rating and row.state != State.CLOSED,
        "may_follow_up": mine and row.state in (State.ANSWERED, State.RATED) and row.followed_up_at is None,
        "may_close": mine
        and row.state in (State.ANSWERED, State.RATED)
        and (row.followed_up_at is not None or not row.preset.follow_up_days),
        "may_urge": row.is_open and may_urge(user, row),
        "may_reveal": mine and not phone and bool(row.caller_phone or (row.retiree and row.retiree.phone)),
        "may_link": mine and row.retiree is None,
        "phone": phone,
        "answer_form": AnswerForm(answers=row.preset.answers) if mine and row.is_open else None,
        "pass_form": PassForm(places=[(p.pk, p.name) for p in places]) if places else None,
        "follow_form": FollowUpForm(),
        "rating_form": RatingForm(),
        "find_form": FindForm(),
        **(forms or {}),
    }
    return page(request, "request.html", context, status=status)


def _facts(request: StaffRequest, row: Request) -> dict[str, Any]:
    words = words_for(request.user, row)
    events = events_of(row)
    hidden = row.is_private and not words
    return {
        "row": row,
        "item": wording.Item(
            row,
            wording.title(row),
            wording.state(row),
            wording.KINDS[State(row.state)],
            wording.due(row, timezone.localdate()),
            "",
        ),
        "steps": wording.steps(events, words, of_person=False),
        "asked": next(
            (words[event.pk] for event in events if event.move == "received" and event.pk in words), ""
        ),
        "hidden": hidden,
        "board_url": url(request, "board"),
    }


@require_safe
@staff_page
def printed(request: StaffRequest, pk: int) -> HttpResponse:
    """One sheet for the file or for signing; printed from the browser."""
    row = found(request, pk)
    _looked(request, row)
    return page(request, "request_print.html", _facts(request, row))


@require_POST
@staff_page
def begin(request: StaffRequest, pk: int) -> HttpResponse:
    """开始办理, and who does it."""
    found(request, pk)
    row = actions.take_up(pk, by=request.user, provider=request.POST.get("provider", ""))
    messages.success(request, f"已开始办理，请在 {row.due_on:%-m月%-d日} 前答复。")
    return redirect(url(request, "request", pk))


@sensitive_post_parameters("words")
@require_POST
@staff_page
def answer(request: StaffRequest, pk: int) -> HttpResponse:
    row = found(request, pk)
    form = AnswerForm(request.POST, answers=row.preset.answers)
    if not form.is_valid():
        return _show(request, row, forms={"answer_form": form}, status=422)
    data = form.cleaned_data
    actions.answer(
        pk,
        words=data["words"],
        outcome=data["outcome"],
        by_call=data["by_call"],
        by=request.user,
        seen_desk=_seen(request),
    )
    messages.success(
        request, f"已答复{row.who}。" if row.retiree is None else f"已答复{row.who}，本人会收到短信。"
    )
    return redirect(url(request, "request", pk))


@require_POST
@staff_page
def pass_on(request: StaffRequest, pk: int) -> HttpResponse:
    """转办."""
    row = found(request, pk)
    places = [(place.pk, place.name) for place in desks.elsewhere(row)]
    form = PassForm(request.POST, places=places)
    if not form.is_valid():
        return _show(request, row, forms={"pass_form": form}, status=422)
    to = int(form.cleaned_data["to"])
    done = actions.pass_on(
        pk, to, reason=form.cleaned_data["reason"], by=request.user, seen_desk=_seen(request)
    )
    messages.success(request, f"已转给{done.desk.name}，期限不变，本人能看到。")
    return redirect(url(request, "board"))


@sensitive_post_parameters("words")
@require_POST
@staff_page
def follow_up(request: StaffRequest, pk: int) -> HttpResponse:
    """回访."""
    row = found(request, pk)
    form = FollowUpForm(request.POST)
    if not form.is_valid():
        return _show(request, row, forms={"follow_form": form}, status=422)
    actions.follow_up(pk, words=form.cleaned_data["words"], by=request.user)
    messages.success(request, "回访已记下。")
    return redirect(url(request, "request", pk))


@sensitive_post_parameters("words")
@require_POST
@staff_page
def rate(request: StaffRequest, pk: int) -> HttpResponse:
    """What the person said on the phone about the answer."""
    row = found(request, pk)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _show(request, row, forms={"rating_form": form}, status=422)
    actions.rate(pk, rating=form.cleaned_data["rating"], words=form.cleaned_data["words"], by=request.user)
    messages.success(request, "评价已记下。")
    return redirect(url(request, "request", pk))


@require_POST
@staff_page
def close(request: StaffRequest, pk: int) -> HttpResponse:
    """办结."""
    row = found(request, pk)
    actions.close(pk, by=request.user)
    messages.success(request, f"{row.who}的这件事已办结。")
    return redirect(url(request, "board"))


@require_POST
@staff_page
def urge(request: StaffRequest, pk: int) -> HttpResponse:
    """督办."""
    row = found(request, pk)
    actions.urge(pk, by=request.user)
    messages.success(request, f"已请{row.desk.name}尽快办。")
    return redirect(url(request, "request", pk))


@require_POST
@staff_page
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """The whole number, to call; the look is written down."""
    row = found(request, pk)
    phone = actions.phone_to_call(pk, by=request.user)
    return _show(request, row, phone=phone)


@sensitive_post_parameters("q")
@require_POST
@staff_page
def link(request: StaffRequest, pk: int) -> HttpResponse:
    """Say who the caller was: searched first, then chosen by key."""
    row = found(request, pk)
    if request.POST.get("retiree", "").isdecimal():
        actions.link(pk, int(request.POST["retiree"]), by=request.user)
        messages.success(request, "已记在这位老同志名下。")
        return redirect(url(request, "request", pk))
    form = FindForm(request.POST)
    if not form.is_valid():
        return _show(request, row, forms={"find_form": form}, status=422)
    people = (
        Retiree.objects.visible_to(request.user)
        .alive()
        .filter(lists.matching(form.cleaned_data["q"], number=""))
    )
    hits = list(people.order_by("name", "pk")[:20])
    looks.listed(request, len(hits), {"q": "1"})
    return _show(request, row, forms={"find_form": form, "hits": hits, "searched": True})


def _seen(request: StaffRequest) -> int | None:
    text = request.POST.get("seen_desk", "")
    return int(text) if text.isdecimal() else None
