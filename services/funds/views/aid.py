"""困难帮扶: the applications, whose turn each is, and every step of one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from checkin.statistics.months import Month
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from huifeng.display.forms import Form
from huifeng.errors import RuleBroken
from members.people import looks
from members.people.models import Retiree

from .. import actions, counting
from ..forms import ApplicationForm, PlanForm, WordsForm
from ..models import Application
from ..permissions import funds_for, may_apply, may_file, may_handle, may_read_words
from .frame import go, page

State = Application.State
SHOWS = {"turn": "轮到我们办", "open": "正在办理", "done": "已办结", "all": "全部"}


def _rows(request: StaffRequest, show: str) -> QuerySet[Application]:
    rows = Application.objects.visible_to(request.user)
    match show:
        case "turn":
            return rows.filter(desk=request.acting.organisation)
        case "open":
            return rows.open()
        case "done":
            return rows.filter(desk=None)
        case _:
            return rows


@require_safe
@staff_page
def applications(request: StaffRequest) -> HttpResponse:
    """The applications about our people, the newest first; with `paid` and `area` those behind a figure."""
    show = request.GET.get("show", "turn")
    show = show if show in SHOWS else "turn"
    paid, area = request.GET.get("paid", ""), request.GET.get("area", "")
    if paid:
        show = "all"
        behind = counting.paid_in(Month.parse(paid)).filter(place__startswith=area)
        rows = _rows(request, "all").filter(pk__in=behind)
    else:
        rows = _rows(request, show)
    related = rows.select_related("retiree", "preset", "organisation", "desk", "fund__organisation")
    part = slices.cut(related, ("-pk",), request.GET)
    looks.listed(request, len(part.rows), {"show": show, "paid": paid, "area": area})
    context = {"slice": part, "show": show, "shows": list(SHOWS.items()), "paid": paid}
    return page(request, "applications", context)


def _found(request: StaffRequest, pk: int) -> Application:
    rows = Application.objects.visible_to(request.user).select_related(
        "retiree", "preset", "organisation", "desk", "fund__organisation", "payment", "planned_by", "approved_by",
        "applied_by",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


@require_safe
@staff_page
def application(request: StaffRequest, pk: int) -> HttpResponse:
    """One application: what was said, as far as one may read it, and the step that comes next."""
    row = _found(request, pk)
    looks.viewed(request, row.retiree)
    return _show(request, row)


def _show(
    request: StaffRequest, row: Application, form: Form | None = None, *, status: int = 200
) -> HttpResponse:
    user = request.user
    handles, files = may_handle(user, row), may_file(user, row)
    forms: dict[str, Form] = {State.APPLIED: WordsForm(), State.CHECKED: PlanForm(), State.PAID: WordsForm()}
    if row.state == State.PLANNED:
        forms[State.PLANNED] = PlanForm(
            initial={"words": row.plan, "amount": f"{(row.amount or 0) / 100:.2f}".removesuffix(".00")}
        )
    context = {
        "row": row,
        "handles": handles,
        "files": files,
        "reads": may_read_words(user, row),
        "approves": handles and row.state == State.PLANNED and row.planned_by_id != user.pk,
        "may_refuse": handles and row.state in (State.APPLIED, State.CHECKED, State.PLANNED),
        "may_withdraw": files and row.state in Application.AT_OFFICE,
        "form": form or forms.get(row.state),
    }
    return page(request, "application", context, status=status)


@staff_page
def new(request: StaffRequest, retiree_id: int) -> HttpResponse:
    """Ask for help for somebody of ours."""
    retiree = get_object_or_404(Retiree.objects.visible_to(request.user), pk=retiree_id)
    ours = request.acting.organisation
    if not may_apply(request.user, retiree, ours):
        raise Http404
    form = ApplicationForm(request.POST or None)
    funds = funds_for(ours)
    form.fields["fund"].queryset = funds
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = actions.apply(
            retiree.pk, said["fund"].pk, preset_id=said["preset"].pk, organisation_id=ours.pk,
            reason=said["reason"], asked=said["asked"], household=said["household"], by=request.user,
        )  # fmt: skip
        messages.success(request, f"已提交，请{made.office.name}核实。")
        return go(request, "application", made.pk)
    looks.viewed(request, retiree)
    context = {"form": form, "retiree": retiree, "has_funds": funds.exists()}
    return page(request, "new", context, status=422 if form.errors else 200)


def _words(step: Callable[..., Application], name: str) -> Callable[[int, dict[str, Any], Any], Application]:
    return lambda pk, said, by: step(pk, by=by, **{name: said["words"]})


type Step = Callable[[int, dict[str, Any], Any], Application]
STEPS: dict[str, tuple[type[Form] | None, Step, str]] = {  # by the act in the address
    "check": (WordsForm, _words(actions.check, "found"), "已记下核实情况，下一步定方案。"),
    "plan": (
        PlanForm,
        lambda pk, said, by: actions.plan(pk, plan=said["words"], amount=said["amount"], by=by),
        "方案已定，请本单位另一位同志审批。",
    ),
    "pay": (None, lambda pk, said, by: actions.pay(pk, by=by), "已记账。请申报单位回访。"),
    "close": (WordsForm, _words(actions.close, "result"), "已办结。"),
    "refuse": (WordsForm, _words(actions.refuse, "reason"), "已答复不批准，申报单位会收到通知。"),
    "withdraw": (WordsForm, _words(actions.withdraw, "reason"), "已撤回。"),
    "unpay": (WordsForm, _words(actions.take_back_payment, "reason"), "已撤销支付，钱回到资金里。"),
}


@require_POST
@staff_page
def act(request: StaffRequest, pk: int, step: str) -> HttpResponse:
    """One step, with what was said to it."""
    row = _found(request, pk)
    if step not in STEPS:
        raise Http404
    kind, do, words = STEPS[step]
    form = kind(request.POST) if kind else None
    if form is not None and not form.is_valid():
        looks.viewed(request, row.retiree)
        return _show(request, row, form, status=422)
    do(row.pk, form.cleaned_data if form else {}, request.user)
    messages.success(request, words)
    return go(request, "application", row.pk)


@require_POST
@staff_page
def approve(request: StaffRequest, pk: int) -> HttpResponse:
    """The second person agrees to the amount that the page showed."""
    row = _found(request, pk)
    shown = request.POST.get("amount", "")
    if not shown.isdecimal():
        raise RuleBroken("请看过方案的金额再审批。", code="stale")
    actions.approve(row.pk, amount=int(shown), by=request.user)
    messages.success(request, "已批准，可以支付了。")
    return go(request, "application", row.pk)
