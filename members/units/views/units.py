"""单位管理: the units of an area, one unit with its history, and a new one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme

from communities.organisations.acting import StaffRequest
from communities.organisations.actions import add_unit
from communities.organisations.models import Organisation
from huifeng.codes.labels import label

from .. import lists
from ..forms import UnitForm
from ..models import UnitMembership, UnitReorganisation
from .frame import bureau_page, page

PAGE = 50


@bureau_page
def units(request: StaffRequest) -> HttpResponse:
    """The units of the area: open ones, or those that were closed."""
    words, closed = request.GET.get("q", "").strip()[:60], request.GET.get("state") == "closed"
    rows = lists.units_of(request.acting.organisation.area, words, closed=closed)
    found = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "units": found,
        "q": words,
        "closed": closed,
        "most": lists.MOST_COUNTED,
        "crumbs": [("单位管理", "")],
    }
    return page(request, "units.html", context)


@bureau_page
def unit(request: StaffRequest, pk: int) -> HttpResponse:
    """One unit: how many people, who works there, what became of it and where it came from."""
    found = _unit(request, pk)
    members = UnitMembership.objects.open().filter(unit=found)
    context = {
        "unit": found,
        "people": members.count(),
        "staff": lists.staff_of(found),
        "history": lists.history_of(found),
        "predecessors": found.predecessors.order_by("closed_on", "pk"),
        "crumbs": [("单位管理", "/bureau/units/"), (found.name, "")],
        "facts": [
            ("统一社会信用代码", found.credit_code),
            ("所在地", found.division),
            ("主管", found.parent),
            ("单位性质", label("unit_nature", found.nature)),
            ("层级", label("unit_tier", found.tier)),
            ("联系人", found.contact),
            ("电话", found.phone),
        ],
    }
    return page(request, "units_unit.html", context)


@bureau_page
def add(request: StaffRequest) -> HttpResponse:
    """A new unit; `then` is the step of a reorganisation it was needed for."""
    form = UnitForm(request.POST or None, area=request.acting.organisation.area)
    then = request.GET.get("then", "")
    if form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        made = add_unit(
            name=said["name"],
            credit_code=said["credit_code"],
            division_code=said["seat"],
            nature=said["nature"],
            tier=said["tier"],
            by=request.user,
        )
        messages.success(request, f"已新增单位“{made.name}”。")
        return redirect(_back(request, then, made))
    crumbs = [("单位管理", "/bureau/units/"), ("新增单位", "")]
    return page(request, "units_add.html", {"crumbs": crumbs, "then": then}, form=form)


@bureau_page
def history(request: StaffRequest) -> HttpResponse:
    """办理记录: every reorganisation that concerns the area, the newest first."""
    rows = (
        UnitReorganisation.objects.within(request.acting.organisation.area)
        .select_related("rest_to", "created_by", "started_by", "job")
        .prefetch_related("sources", "targets")
        .order_by("-pk")
    )
    found = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    crumbs = [("单位管理", "/bureau/units/"), ("办理记录", "")]
    return page(request, "units_history.html", {"reorganisations": found, "crumbs": crumbs})


def _unit(request: StaffRequest, pk: int) -> Organisation:
    """A unit of the area, or one outside the system."""
    kinds = (Organisation.Kind.UNIT, Organisation.Kind.EXTERNAL_UNIT)
    rows = Organisation.objects.filter(kind__in=kinds).select_related("division", "parent", "successor")
    area = request.acting.organisation.area
    return get_object_or_404(rows.within(area) | rows.filter(division=None), pk=pk)


def _back(request: StaffRequest, then: str, made: Organisation) -> str:
    """To the reorganisation that needs the unit as a target, else to the unit itself."""
    if then and url_has_allowed_host_and_scheme(then, allowed_hosts=None, require_https=request.is_secure()):
        return f"{then}{'&' if '?' in then else '?'}{urlencode({'target': made.pk})}"
    return f"/bureau/units/{made.pk}/"
