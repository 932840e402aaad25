"""The community's counter (积分超市): find the person, goods, check, done; and the shelf."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from checkin.record import areas, lists
from checkin.record.forms.staff import LONGEST_QUERY
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display.frames import frame_of
from members.people import looks
from members.people.models import Retiree

from .. import actions, wording
from ..forms import CreditForm, GoodsForm, RedeemForm, StockForm
from ..models import Entry, Goods, Redemption
from ..permissions import may_credit
from ..places import community_of

MOST = 20


def _page(request: StaffRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"points/{name}.html", {**frame_of(request), **context}, status=status)


def _person(request: StaffRequest, retiree_id: int) -> Retiree:
    people = Retiree.objects.visible_to(request.user).select_related("residence")
    return get_object_or_404(people, pk=retiree_id)


def _goods(request: StaffRequest, goods_id: int) -> Goods:
    rows = Goods.objects.select_related("community")
    return get_object_or_404(rows, pk=goods_id, community=request.acting.organisation)


@require_safe
@staff_page
def home(request: StaffRequest) -> HttpResponse:
    """Find somebody; the newest redemptions, with their undo."""
    ours, query = request.acting.organisation, request.GET.get("q", "").strip()[:LONGEST_QUERY]
    people = []
    if query:
        found = areas.reach(ours).filter(lists.matching(query, number=""), died_on=None)
        people = sorted(found[:MOST], key=lambda person: (person.name, person.pk))
    rows = Redemption.objects.filter(community=ours).select_related("goods", "retiree", "by", "entry")
    recent = list(rows.order_by("-pk")[:MOST])
    looks.listed(request, len(people) + len(recent), {"q": query})
    context = {"query": query, "people": people, "recent": recent}
    return _page(request, "home", context)


@staff_page
def person(request: StaffRequest, retiree_id: int) -> HttpResponse:
    """One person's points: give some, or choose goods."""
    retiree, ours = _person(request, retiree_id), request.acting.organisation
    form = CreditForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        entry = actions.credit_points(
            retiree.pk, form.number, f"counter-{form.cleaned_data['key']}",
            organisation_id=ours.pk, by=request.user, note=form.words,
        )  # fmt: skip
        messages.success(request, f"已给{retiree.name}同志记 {entry.amount} 分。")
        return redirect("points:person", retiree.pk)
    looks.viewed(request, retiree)
    account = wording.account_of(retiree)
    is_ours = community_of(retiree) == ours
    context = {
        "retiree": retiree,
        "balance": (account.balance or 0) if account else 0,
        "lines": wording.lines_of(account),
        "goods": Goods.objects.filter(community=ours, is_active=True).order_by("points", "pk")
        if is_ours
        else [],
        "is_ours": is_ours,
        "may_credit": retiree.died_on is None and may_credit(request.user, retiree, ours),
        "form": form,
    }
    return _page(request, "person", context, status=422 if form.errors else 200)


@staff_page
def redeem(request: StaffRequest, retiree_id: int, goods_id: int) -> HttpResponse:
    """Check, then give: what it costs and what is left afterwards."""
    retiree, goods = _person(request, retiree_id), _goods(request, goods_id)
    form = RedeemForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = actions.redeem(retiree.pk, goods.pk, **form.cleaned_data, by=request.user)
        messages.success(
            request, f"已给{retiree.name}同志兑换{goods.name} {made.count} 件。24 小时内可以在下面取消。"
        )
        return redirect("points:home")
    looks.viewed(request, retiree)
    account = wording.account_of(retiree)
    context = {"retiree": retiree, "goods": goods, "form": form, "balance": account.balance if account else 0}
    return _page(request, "redeem", context, status=422 if form.errors else 200)


@require_POST
@staff_page
def cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """取消兑换, within a day."""
    made = get_object_or_404(Redemption, pk=pk, community=request.acting.organisation)
    actions.cancel_redemption(made.pk, by=request.user)
    messages.success(request, "已取消兑换，积分和库存都已退回。")
    return redirect("points:home")


@require_POST
@staff_page
def reverse(request: StaffRequest, pk: int) -> HttpResponse:
    """冲销 points that were given by mistake."""
    entry = get_object_or_404(Entry, pk=pk, organisation=request.acting.organisation, retiree__isnull=False)
    actions.reverse_points(entry.pk, reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, f"已冲销 {entry.amount} 分。")
    return redirect("points:person", entry.retiree_id)


@staff_page
def shelf(request: StaffRequest) -> HttpResponse:
    """Everything the shop has; something new."""
    ours = request.acting.organisation
    form = GoodsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        goods = actions.change_goods(ours.pk, **form.cleaned_data, by=request.user)
        messages.success(request, f"已上架{goods.name}，请填库存。")
        return redirect("points:goods", goods.pk)
    rows = Goods.objects.filter(community=ours).order_by("-is_active", "points", "pk")
    return _page(request, "shelf", {"goods": rows, "form": form}, status=422 if form.errors else 200)


@staff_page
def goods(request: StaffRequest, pk: int) -> HttpResponse:
    """One goods: name, points, whether it is offered, and how many there are."""
    row = _goods(request, pk)
    is_stock = "counted" in request.POST
    form = GoodsForm.of(row, None if is_stock else request.POST or None)
    stock = StockForm(request.POST if is_stock else None, initial={"counted": row.stock, "seen": row.stock})
    if request.method == "POST" and (stock if is_stock else form).is_valid():
        if is_stock:
            actions.stock_goods(row.pk, **stock.cleaned_data, by=request.user)
        else:
            actions.change_goods(row.community_id, **form.cleaned_data, by=request.user, goods_id=row.pk)
        messages.success(request, f"已改好{row.name}。")
        return redirect("points:shelf")
    context = {"row": row, "form": form, "stock": stock}
    return _page(request, "goods", context, status=422 if form.errors or stock.errors else 200)
