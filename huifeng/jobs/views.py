"""The download centre: what one asked for, how far it is, and the files. Each sees only one's own."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from huifeng.accounts.homes import homes_of
from huifeng.display.frames import frame_of
from huifeng.errors import require

from . import actions
from .attachments import attachment
from .models import Job

MOST_SHOWN = 50


def _for_staff[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Strangers log in; whoever acts for nobody, any more or at all, is refused. Browsers keep nothing of it."""

    @wraps(view)
    def opened(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        require(any(home.staff for home in homes_of(request.user)))
        return view(request, *args, **kwargs)

    return login_required(never_cache(opened))


@require_safe
@_for_staff
def jobs(request: HttpRequest) -> HttpResponse:
    """One's own work of the last days, newest first."""
    rows = Job.objects.visible_to(request.user).with_file().order_by("-created_at", "-pk")
    return _page(request, "jobs/list.html", jobs=rows[:MOST_SHOWN], most=MOST_SHOWN)


@require_safe
@_for_staff
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece of work, how far it is, and what it made."""
    return _page(request, "jobs/job.html", job=_found(request, pk))


@require_safe
@_for_staff
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """What pages that show a job ask for every two seconds.

    When it is over: from the list (`?in=list`) that page is loaded again; elsewhere one goes to the page of
    the result if there is one, else the part says how it ended.
    """
    job = _found(request, pk)
    in_list = request.GET.get("in") == "list"
    response = render(request, "jobs/progress.html", {"job": job, "in_list": in_list})
    if not job.is_open and in_list:
        response["HX-Refresh"] = "true"
    elif job.state == Job.State.DONE and job.page:
        response["HX-Redirect"] = job.page
    return response


@require_GET
@_for_staff
def download(request: HttpRequest, pk: int) -> FileResponse:
    """The file, plain."""
    _found(request, pk)
    return attachment(*actions.fetch_file(pk, by=request.user))


@require_POST
@_for_staff
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Once more; then look at how it goes."""
    _found(request, pk)
    actions.retry(pk, by=request.user)
    return redirect("jobs:job", pk)


@require_POST
@_for_staff
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    _found(request, pk)
    job = actions.cancel(pk, by=request.user)
    messages.success(request, f"已取消：{job.title}")
    return redirect("jobs:list")


def _found(request: HttpRequest, pk: int) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).with_file(), pk=pk)


def _page(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    return render(request, template, frame_of(request) | context)
