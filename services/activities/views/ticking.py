"""Ticks, hours, taking off: the acts of the list. Without htmx each leads back to the page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.errors import RuleBroken, require
from services.activities import actions
from services.activities.models import Participation
from services.activities.permissions import may_run

from .frame import found, url


def _back(request: StaffRequest, pk: int) -> HttpResponse:
    return redirect(url(request, "activity", pk) + "#roll")


def _ids(request: StaffRequest) -> list[int]:
    return [int(key) for key in request.POST.getlist("id") if key.isdecimal()]


def _one(request: StaffRequest, pk: int) -> int:
    """The one person of the list that is meant."""
    listed = Participation.objects.filter(activity=pk, retiree__in=_ids(request))
    keys = list(listed.values_list("retiree_id", flat=True))
    if len(keys) != 1:
        raise RuleBroken("请在名单里选一位老同志。", code="nobody")
    return keys[0]


def _may_run(request: StaffRequest, pk: int) -> None:
    require(may_run(request.user, found(request, pk)))


@require_POST
@staff_page
def tick(request: StaffRequest, pk: int) -> HttpResponse:
    """到了: those ticked, one or many."""
    _may_run(request, pk)
    new = actions.tick(pk, _ids(request), by=request.user)
    messages.success(request, f"登记到场 {new} 人。" if new else "没有新登记的，请先勾选到场的人。")
    return _back(request, pk)


@require_POST
@staff_page
def untick(request: StaffRequest, pk: int) -> HttpResponse:
    """撤销签到."""
    _may_run(request, pk)
    actions.untick(pk, _one(request, pk), by=request.user)
    messages.success(request, "已撤销签到。")
    return _back(request, pk)


@require_POST
@staff_page
def take_off(request: StaffRequest, pk: int) -> HttpResponse:
    """取消报名 for somebody who called."""
    _may_run(request, pk)
    actions.cancel(pk, _one(request, pk), by=request.user)
    messages.success(request, "已取消报名。有人排队的，已自动补上。")
    return _back(request, pk)


@require_POST
@staff_page
def hours(request: StaffRequest, pk: int) -> HttpResponse:
    """改时长, in minutes."""
    _may_run(request, pk)
    minutes = request.POST.get("minutes", "").strip()
    actions.set_minutes(pk, _one(request, pk), int(minutes) if minutes.isdecimal() else 0, by=request.user)
    messages.success(request, "时长已改。")
    return _back(request, pk)
