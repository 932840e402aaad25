"""What the staff pages of activities share (unit, community, bureau): frame, addresses, what one may open."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from communities.organisations.acting import StaffRequest
from huifeng.display.frames import frame_of
from services.activities.models import Activity


def page(request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"activities/{template}", {**frame_of(request), **context}, status=status)


def url(request: StaffRequest, name: str, *args: Any) -> str:
    """An address among the pages of the same area."""
    assert request.resolver_match is not None
    return reverse(f"activities:{name}", args=args, current_app=request.resolver_match.namespace)


def found(request: StaffRequest, pk: int) -> Activity:
    """The activity, if the user may open it; else 404."""
    rows = Activity.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("preset", "organiser", "branch", "venue", "series", "division"), pk=pk
    )


def sees_hidden(request: StaffRequest) -> bool:
    """Restricted people are named to bureaus only (docs/rules.md, C31)."""
    return request.acting.is_bureau
