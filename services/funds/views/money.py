"""Funds: what they hold, what went in and out."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from members.people import looks
from services.ledger.models import Entry

from .. import actions, sums
from ..forms import FundForm, GrantForm
from ..models import Application
from ..permissions import may_open_fund
from .frame import go, own_fund, own_funds, page


@staff_page
def index(request: StaffRequest) -> HttpResponse:
    """The funds of the office with their sums; how much waits for us; a new fund."""
    ours = request.acting.organisation
    may = may_open_fund(request.user, ours)
    form = FundForm(request.POST or None) if may else None
    if request.method == "POST" and form is not None and form.is_valid():
        said = form.cleaned_data
        fund = actions.open_fund(ours.pk, said["name"], by=request.user)
        actions.grant(fund.pk, said["amount"], key=said["key"], by=request.user)
        messages.success(request, f"已设立“{fund.name}”，拨入 {sums.yuan(said['amount'])} 元。")
        return go(request, "fund", fund.pk)
    turn = Application.objects.visible_to(request.user).filter(desk=ours).count()
    context = {"sums": sums.of_funds(own_funds(request)), "turn": turn, "form": form, "may": may}
    return page(request, "index", context, status=422 if form is not None and form.errors else 200)


@staff_page
def fund(request: StaffRequest, pk: int) -> HttpResponse:
    """One fund: its sum, every entry, and more money."""
    row = own_fund(request, pk)
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        actions.grant(row.pk, said["amount"], key=said["key"], by=request.user, note=said["note"])
        messages.success(request, f"已拨入 {sums.yuan(said['amount'])} 元。")
        return go(request, "fund", row.pk)
    rows = Entry.objects.filter(sums.entries_of(row)).select_related("retiree", "by", "reverses")
    part = slices.cut(rows, ("-pk",), request.GET)
    gone = set(Entry.objects.filter(reverses__in=part.rows).values_list("reverses_id", flat=True))
    looks.listed(request, sum(entry.retiree is not None for entry in part.rows), {"fund": row.pk})
    context = {
        "sum": sums.of_fund(row),
        "slice": part,
        "lines": [(entry, entry.to_account_id == row.pk, entry.pk in gone) for entry in part.rows],
        "form": form,
    }
    return page(request, "fund", context, status=422 if form.errors else 200)


@require_POST
@staff_page
def reverse_grant(request: StaffRequest, pk: int) -> HttpResponse:
    """冲销 a grant that was entered wrongly."""
    ours = request.acting.organisation
    entry = get_object_or_404(Entry, pk=pk, organisation=ours, to_account__kind="fund", retiree=None)
    actions.reverse_grant(entry.pk, reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, f"已冲销 {sums.yuan(entry.amount)} 元。")
    return go(request, "fund", entry.to_account_id)
