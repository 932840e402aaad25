"""What the pages about units share: they are for bureaus, in the frame of the bureau's pages."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from communities.organisations.acting import StaffRequest, View, staff_page
from huifeng.display.forms import Form
from huifeng.display.frames import frame_of
from huifeng.errors import require


def bureau_page[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A staff page for whoever acts for a bureau; a street sees the same area but manages no units."""

    @wraps(view)
    def opened(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        require(request.acting.is_bureau)
        return view(request, *args, **kwargs)

    return staff_page(opened)


def page(
    request: StaffRequest, template: str, context: dict[str, Any], *, form: Form | None = None
) -> HttpResponse:
    """`template` in its frame; 422 when `form` came back with errors."""
    if form is not None:
        context["form"] = form
    status = 422 if form is not None and form.errors else 200
    return render(request, f"bureau/{template}", {**frame_of(request), **context}, status=status)
