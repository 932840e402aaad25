"""What every page of funds shares."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from communities.organisations.acting import StaffRequest
from huifeng.display.frames import frame_of
from services.ledger.models import Account


def page(request: StaffRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"funds/{name}.html", {**frame_of(request), **context}, status=status)


def go(request: StaffRequest, name: str, *args: Any) -> HttpResponse:
    """To a page of the same area."""
    assert request.resolver_match is not None
    return redirect(reverse(f"funds:{name}", args=args, current_app=request.resolver_match.namespace))


def own_fund(request: StaffRequest, pk: int) -> Account:
    """A fund of the organisation one acts for; else 404."""
    funds = Account.objects.select_related("organisation").filter(kind=Account.Kind.FUND)
    return get_object_or_404(funds, pk=pk, organisation=request.acting.organisation)


def own_funds(request: StaffRequest) -> list[Account]:
    rows = Account.objects.filter(kind=Account.Kind.FUND, organisation=request.acting.organisation)
    return list(rows.select_related("organisation").order_by("-pk"))
