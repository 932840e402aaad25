from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from communities.organisations.acting import StaffRequest
from huifeng.display.frames import frame_of

from .. import wording
from ..models import Request

RELATED = ("preset", "desk", "taken_for", "answered_by", "answered_for", "raised_by")


def page(request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A staff page of the room in the frame of its area."""
    return render(request, f"staff/{template}", {**frame_of(request), **context}, status=status)


def url(request: StaffRequest, name: str, *args: Any) -> str:
    """An address among the pages of the same area."""
    assert request.resolver_match is not None
    return reverse(f"requests:{name}", args=args, current_app=request.resolver_match.namespace)


def found(request: StaffRequest, pk: int) -> Request:
    """The request, if the user may see it, with its person; else 404."""
    row = get_object_or_404(Request.objects.visible_to(request.user).select_related(*RELATED), pk=pk)
    wording.name_all([row])
    return row
