"""导出名单: what to take out and for what; what was taken out; the empty table for a roster."""

from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display.frames import frame_of
from huifeng.errors import RuleBroken
from huifeng.spreadsheets.writing import FORMATS

from . import actions, columns, template_book
from .forms import PREFIX, ExportForm, conditions_in
from .models import ExportLog, ExportOrder

PAGE = 20
LISTS = {"unit": "/unit/", "community": "/community/people/", "bureau": "/bureau/people/"}


class Neighbours(NamedTuple):
    """The addresses of the pages before and after; "" where there is none."""

    previous_url: str
    next_url: str


@staff_page
def start(request: StaffRequest) -> HttpResponse:
    """Choose columns, format and purpose for the people whom the page before has listed; a job makes the file."""
    acting = request.acting
    asked = conditions_in(request.POST.dict()) if request.method == "POST" else request.GET.dict()
    chosen = actions.chosen_by(acting.organisation, asked)
    last = ExportOrder.objects.filter(by=request.user, side=acting.area).order_by("-pk").first()
    form = ExportForm(request.POST or None, side=acting.area, last=last)
    if request.method == "POST" and form.is_valid():
        try:
            job = actions.order(acting.organisation.pk, by=request.user, wanted=chosen.wanted, **form.values)
        except RuleBroken as refused:  # said over the form, so that nothing chosen is lost
            form.add_error(None, refused.message)
        else:
            return redirect(reverse("jobs:job", args=[job.pk]))
    context = {
        "form": form,
        "conditions": chosen.words,
        "hidden": [(f"{PREFIX}{name}", value) for name, value in chosen.wanted.items()],
        "list_url": LISTS[acting.area],
    }
    return _page(request, "export.html", context, status=422 if form.errors else 200)


@staff_page
def records(request: StaffRequest) -> HttpResponse:
    """导出记录: one's own; a bureau sees those of its area. Newest first, cut by key."""
    logs = ExportLog.objects.visible_to(request.user).select_related("order__by", "order__organisation")
    before = request.GET.get("before", "")
    if before.isdecimal():
        logs = logs.filter(pk__lt=int(before))
    found = list(logs.order_by("-pk")[: PAGE + 1])
    rows = found[:PAGE]
    context = {
        "rows": [(log, "、".join(columns.titles(columns.in_order(log.order.columns)))) for log in rows],
        "slice": Neighbours("?" if before else "", f"?before={rows[-1].pk}" if len(found) > PAGE else ""),
    }
    return _page(request, "export_records.html", context)


@staff_page
def template(request: StaffRequest) -> HttpResponse:
    """The empty roster table, with drop-downs from the code lists of today."""
    answer = HttpResponse(template_book.make(), content_type=FORMATS["xlsx"].content_type)
    answer["Content-Disposition"] = content_disposition_header(True, template_book.FILE_NAME) or ""
    return answer


def _page(request: StaffRequest, name: str, context: dict[str, object], *, status: int = 200) -> HttpResponse:
    return render(request, f"staff/{name}", {**frame_of(request), **context}, status=status)
