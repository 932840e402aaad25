"""What the bureau's pages of this floor share: who may open them, and the frame around them."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from huifeng.accounts.models import User
from huifeng.display.frames import frame_of
from huifeng.errors import require

from .models import Organisation
from .permissions import bureaus_of


class BureauRequest(HttpRequest):
    """A request by somebody who works for `bureaus`; `areas` are their code prefixes."""

    user: User
    bureaus: list[Organisation]
    areas: tuple[str, ...]


def bureau_page[**P](
    view: Callable[Concatenate[BureauRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page for bureaus: strangers log in, others are refused with 403. Browsers keep nothing of it."""

    @wraps(view)
    def opened(request: BureauRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request.bureaus = bureaus_of(request.user)
        require(bool(request.bureaus))
        request.areas = tuple(bureau.area for bureau in request.bureaus)
        return view(request, *args, **kwargs)

    return login_required(never_cache(opened))  # type: ignore[return-value]


def page(
    request: BureauRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """`template` of the bureau in its frame."""
    frame = {"organisation": request.bureaus[0], **frame_of(request)}
    return render(request, f"bureau/{template}", frame | context, status=status)
