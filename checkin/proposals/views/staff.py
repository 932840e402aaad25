"""更正建议: what this organisation has to answer, what it proposed, and proposing (unit, community, bureau)."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Organisation
from huifeng.display import slices
from huifeng.display.frames import frame_of
from huifeng.errors import RuleBroken
from members.people import fields, looks
from members.people.models import Retiree

from .. import actions, values, wording
from ..forms import ProposalForm
from ..models import IN_WORDS, ChangeProposal
from ..owners import owner_of
from ..permissions import may_decide, may_propose, may_withdraw, staff_writes

WORDS = "words"  # stands in an address for a proposal in words
SHOWS = {"open": "待答复", "decided": "已答复", "mine": "本方提出"}
LATE = ("late", "辖区逾期")
State = ChangeProposal.State


def _page(
    request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, f"staff/{template}", {**frame_of(request), **context}, status=status)


def url(request: StaffRequest, name: str, *args: Any) -> str:
    """An address among the pages of the same area."""
    assert request.resolver_match is not None
    return reverse(f"proposals:{name}", args=args, current_app=request.resolver_match.namespace)


def _found(request: StaffRequest, pk: int) -> ChangeProposal:
    """The proposal, if the user may read it; else 404."""
    rows = ChangeProposal.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("retiree", "organisation", "desk", "decided_by", "proposed_by"), pk=pk
    )


def _rows(organisation: Organisation, show: str) -> tuple[QuerySet[ChangeProposal], tuple[str, ...]]:
    """What the list shows, and by which keys it is ordered. Restricted people are a bureau's business only."""
    rows = ChangeProposal.objects.select_related("retiree", "organisation", "desk", "decided_by")
    if organisation.kind != Organisation.Kind.BUREAU:
        rows = rows.filter(retiree__is_restricted=False)
    match show:
        case "decided":
            return rows.filter(desk=organisation).exclude(state=State.OPEN), ("-pk",)
        case "mine":
            return rows.filter(organisation=organisation), ("-pk",)
        case "late":
            late = rows.open().filter(due_on__lt=timezone.localdate())
            return late.filter(desk__division__code__startswith=organisation.area), ("due_on", "pk")
        case _:
            return rows.open().filter(desk=organisation), ("due_on", "pk")


@require_safe
@staff_page
def queue(request: StaffRequest) -> HttpResponse:
    """What waits for our answer, the earliest date first; what was answered; what we proposed."""
    organisation = request.acting.organisation
    shows = dict(SHOWS) | (dict([LATE]) if request.acting.is_bureau else {})
    show = request.GET.get("show", "open")
    show = show if show in shows else "open"
    rows, keys = _rows(organisation, show)
    part = slices.cut(rows, keys, request.GET)
    today = timezone.localdate()
    looks.listed(request, len(part.rows), {"show": show})
    context = {
        "slice": part,
        "items": [wording.item(row, today) for row in part.rows],
        "show": show,
        "shows": list(shows.items()),
    }
    return _page(request, "proposals.html", context)


@require_safe
@staff_page
def proposal(request: StaffRequest, pk: int) -> HttpResponse:
    """One proposal: what it says, what the record says, and the answer."""
    row = _found(request, pk)
    looks.viewed(request, row.retiree)
    return _show(request, row)


def _show(request: StaffRequest, row: ChangeProposal, *, in_full: bool = False) -> HttpResponse:
    may = row.state == State.OPEN and may_decide(request.user, row)
    context = {
        "row": row,
        "item": wording.item(row, timezone.localdate()),
        "old": wording.old(row, in_full=in_full),
        "new": wording.new(row, in_full=in_full),
        "now": wording.now(row, in_full=in_full),
        "has_changed": wording.has_changed(row),
        "in_words": row.field == IN_WORDS,
        "may_decide": may,
        "may_reveal": may and wording.numbers(row) and not in_full,
        "may_withdraw": row.state == State.OPEN and may_withdraw(request.user, row),
        "others": _together(request, row) if may else [],
        "edit_url": _edit_url(request, row) if may else "",
    }
    return _page(request, "proposal.html", context)


def _together(request: StaffRequest, row: ChangeProposal) -> list[tuple[ChangeProposal, str]]:
    """What else is open about the person and could be accepted in the same act, in words."""
    rows = ChangeProposal.objects.visible_to(request.user).open().filter(retiree=row.retiree)
    rows = rows.exclude(pk=row.pk).exclude(field__in=[IN_WORDS, row.field])
    found = []
    for other in rows.select_related("organisation", "desk").order_by("pk"):
        other.retiree = row.retiree
        if may_decide(request.user, other):
            words = f"{other.title}：{wording.now(other)} → {wording.new(other)}（{wording.who(other)}）"
            found.append((other, words))
    return found


def _edit_url(request: StaffRequest, row: ChangeProposal) -> str:
    """Where words can be put right: the page on which this area edits the person."""
    area = request.acting.area
    return reverse(f"{area}:edit", args=[row.retiree_id]) if area in ("unit", "community") else ""


@require_POST
@staff_page
def accept(request: StaffRequest, pk: int) -> HttpResponse:
    """采纳."""
    row = _found(request, pk)
    also = [int(key) for key in request.POST.getlist("also") if key.isdecimal()]
    reason = request.POST.get("reason", "")
    actions.accept(pk, by=request.user, version=_version(request), reason=reason, also=also)
    messages.success(request, f"已采纳，{row.retiree.name}的{row.title}已按建议办好，提出的一方会收到通知。")
    return redirect(url(request, "queue"))


@require_POST
@staff_page
def refuse(request: StaffRequest, pk: int) -> HttpResponse:
    """不采纳, with a reason."""
    row = _found(request, pk)
    reason = request.POST.get("reason", "")
    actions.refuse(pk, by=request.user, reason=reason, version=_version(request))
    messages.success(request, f"已答复不改{row.retiree.name}的{row.title}，理由已告诉提出的一方。")
    return redirect(url(request, "queue"))


@require_POST
@staff_page
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    row = _found(request, pk)
    actions.withdraw(pk, by=request.user)
    messages.success(request, f"已撤回对{row.retiree.name}{row.title}的更正建议。")
    return redirect(url(request, "queue") + "?show=mine")


@require_POST
@staff_page
def reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """Numbers in full, once; the look is recorded."""
    row = _found(request, pk)
    actions.reveal(pk, by=request.user, organisation_id=request.acting.organisation.pk)
    return _show(request, row, in_full=True)


def _version(request: StaffRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() else None


# Proposing ------------------------------------------------------------------------------------


def _person(request: StaffRequest, retiree_id: int) -> Retiree:
    return get_object_or_404(Retiree.objects.visible_to(request.user), pk=retiree_id)


@require_safe
@staff_page
def choose(request: StaffRequest, retiree_id: int) -> HttpResponse:
    """Which item is wrong: what this side is shown and does not write itself, with what it says now."""
    retiree = _person(request, retiree_id)
    looks.viewed(request, retiree)
    organisation, user = request.acting.organisation, request.user
    writes = {True: staff_writes(user, retiree, "name"), False: staff_writes(user, retiree, "phone")}
    lines = [
        (
            fields.title(name),
            values.say(name, values.of(retiree, name)),
            url(request, "new", retiree.pk, name),
        )
        for name in (*wording.OF_UNIT, *wording.OF_COMMUNITY)
        if not writes[name in fields.UNIT_OWNS] and may_propose(user, retiree, name, organisation)
    ]
    context = {
        "retiree": retiree,
        "lines": lines,
        "words_url": "" if writes[True] else url(request, "new", retiree.pk, WORDS),
        "owner": owner_of(retiree, IN_WORDS if not writes[True] else "phone"),
    }
    return _page(request, "proposal_choose.html", context)


@sensitive_post_parameters("value")
@staff_page
def new(request: StaffRequest, retiree_id: int, field: str) -> HttpResponse:
    """What it should be, and how we know."""
    retiree = _person(request, retiree_id)
    name = IN_WORDS if field == WORDS else field
    organisation = request.acting.organisation
    if name not in (IN_WORDS, *wording.OF_UNIT, *wording.OF_COMMUNITY) or not may_propose(
        request.user, retiree, name, organisation
    ):
        raise Http404
    form = ProposalForm(request.POST or None, retiree=retiree, name=name)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.propose(
                retiree.pk,
                form.changes,
                why=form.cleaned_data["why"],
                by=request.user,
                organisation_id=organisation.pk,
            )
        except RuleBroken as refused:  # said over the form, so that nothing typed is lost
            form.add_error(None, refused.message)
        else:
            messages.success(
                request, f"已提出，请{made[0].desk.name}答复，最晚 {made[0].due_on:%-m月%-d日}。"
            )
            return redirect(url(request, "proposal", made[0].pk))
    context = {
        "form": form,
        "retiree": retiree,
        "title": fields.title(name) if name else "信息有误（文字说明）",
        "now": values.say(name, values.of(retiree, name)) if name else "",
        "owner": owner_of(retiree, name),
    }
    return _page(request, "proposal_new.html", context, status=422 if form.errors else 200)
