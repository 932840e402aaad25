"""What the pages of visits share."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from communities.organisations.acting import StaffRequest
from huifeng.display.frames import frame_of
from members.people.models import Retiree


def page(request: StaffRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """templates/visits/<name>.html in the frame of the area."""
    return render(request, f"visits/{name}.html", {**frame_of(request), **context}, status=status)


def url(request: StaffRequest, name: str, *args: object) -> str:
    """An address among the pages of the same area."""
    assert request.resolver_match is not None
    return reverse(f"visits:{name}", args=args, current_app=request.resolver_match.namespace)


def go(request: StaffRequest, name: str, *args: object) -> HttpResponse:
    return redirect(url(request, name, *args))


def person_of(request: StaffRequest, retiree_id: int) -> Retiree:
    """The person, if the user may see them; else 404."""
    return get_object_or_404(Retiree.objects.visible_to(request.user), pk=retiree_id)
