"""异常查看: who looked at people in an unusual way, and 已核实."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from checkin.access import actions, notices
from checkin.access.detection import NIGHT_FROM, NIGHT_UNTIL
from checkin.access.forms import CheckForm
from checkin.access.models import AccessAlert
from checkin.access.permissions import alerts_within, may_check
from communities.organisations.acting import StaffRequest
from huifeng.display import slices

from .frame import audit_page, page


@require_safe
@audit_page
def alerts(request: StaffRequest) -> HttpResponse:
    """What waits first is the default; everything with ?show=all."""
    area, show = request.acting.organisation.area, request.GET.get("show", "")
    rows = alerts_within(area).select_related("reader", "office", "bureau", "checked_by")
    part = slices.cut(rows if show == "all" else rows.filter(checked_at=None), ("-pk",), request.GET)
    actions.note_reading(
        request.acting.organisation, {"alerts": show or "waiting"}, len(part.rows), by=request.user
    )
    context = {
        "slice": part,
        "rows": [
            (row, notices.what_words(row), notices.when_words(row), _entries_url(row)) for row in part.rows
        ],
        "show": show,
        "limits": {
            "many": settings.ACCESS_PEOPLE_AN_HOUR,
            "lists": settings.ACCESS_LISTED_AN_HOUR,
            "outside": settings.ACCESS_PEOPLE_OUTSIDE,
            "from": NIGHT_FROM,
            "until": NIGHT_UNTIL,
        },
    }
    return page(request, "audit_alerts", context)


@require_http_methods(["GET", "HEAD", "POST"])
@audit_page
def check(request: StaffRequest, pk: int) -> HttpResponse:
    """One alert, what the reader did that day, and 已核实."""
    rows = alerts_within(request.acting.organisation.area).select_related(
        "reader", "office", "bureau", "checked_by"
    )
    alert = get_object_or_404(rows, pk=pk)
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.check(pk, words=form.cleaned_data["words"], by=request.user)
        messages.success(request, "已记下核实情况")
        return redirect("access:alerts")
    context = {
        "alert": alert,
        "what": notices.what_words(alert),
        "when": notices.when_words(alert),
        "entries_url": _entries_url(alert),
        "form": form,
        "may_check": alert.checked_at is None and may_check(request.user, alert),
    }
    return page(request, "audit_alert", context, status=422 if form.errors else 200)


def _entries_url(alert: AccessAlert) -> str:
    until = max(alert.day, alert.last_at.date())
    query = {"actor": alert.reader_id, "since": alert.day, "until": until}
    return f"{reverse('access:entries')}?{urlencode(query)}"
