"""What the pages of the audit share: who may open them, the frame, the tabs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from checkin.access.permissions import alerts_within, may_read_audit
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display.frames import frame_of
from huifeng.errors import require

MOST_WAITING = 99


def audit_page[**P](
    view: Callable[Concatenate[StaffRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page for who leads the bureau acted for; others are refused with 403."""

    @wraps(view)
    def opened(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        require(may_read_audit(request.user, request.acting.organisation))
        return view(request, *args, **kwargs)

    return staff_page(opened)


def page(request: StaffRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page with its tabs: entries, alerts (with how many wait), the chain."""
    waiting = (
        alerts_within(request.acting.organisation.area).filter(checked_at=None)[: MOST_WAITING + 1].count()
    )
    here = request.resolver_match.url_name if request.resolver_match else ""
    tabs = [
        ("查留痕", reverse("access:entries"), here == "entries", 0),
        ("异常查看", reverse("access:alerts"), here in ("alerts", "check"), waiting),
        ("封存和核对", reverse("access:chain"), here == "chain", 0),
    ]
    return render(
        request, f"bureau/{name}.html", {**frame_of(request), "tabs": tabs, **context}, status=status
    )
