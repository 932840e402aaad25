"""Supervision for bureaus and streets: how many reports are out and answered, who is late, and this month's run."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from checkin.feedback import actions, permissions, supervision
from checkin.feedback.forms import ReportFilters
from checkin.feedback.models import FeedbackReport
from checkin.statistics.months import Month, require_begun
from communities.divisions.models import Division
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from huifeng.display.frames import frame_of
from huifeng.errors import RuleBroken, require
from huifeng.jobs.models import Job

MOST_LATE = 50
SHOWN_MONTHS = 13
TITLES = {
    "expected": "应发",
    "sent": "已发",
    "on_time": "按时",
    "answered": "已复",
    "late": "逾期",
    "disputed": "有意见",
}
STATES = {
    "expected": "",
    "sent": "sent",
    "on_time": "on_time",
    "answered": "answered",
    "late": "late",
    "disputed": "disputed",
}


def _page(request: StaffRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"feedback/{name}.html", {**frame_of(request), **context}, status=status)


def _url(name: str, more: dict[str, Any] | None = None) -> str:
    address = reverse(f"bureau-feedback:{name}")
    return f"{address}?{urlencode(more)}" if more else address


def month_of(request: StaffRequest) -> Month:
    text = request.GET.get("month") or request.POST.get("month")
    try:
        month = Month.parse(text) if text else Month.current().previous
        require_begun(month)
    except RuleBroken as refused:
        raise Http404(refused.message) from None
    return month


def area_of(request: StaffRequest) -> str:
    """A part of one's own area, else one's own."""
    own, asked = request.acting.organisation.area, request.GET.get("place", "")
    fits = asked.isascii() and asked.isdigit() and asked.startswith(own) and len(asked) in (4, 6, 9, 12)
    return asked if fits else own


def home(request: StaffRequest) -> HttpResponse:
    """应发、已发、按时、已复 by the parts of the area; each figure leads to its list."""
    month, own = month_of(request), request.acting.organisation
    area = area_of(request)
    if len(area) == 12:
        return redirect(_url("list", {"month": month, "place": area}))
    lines, total = supervision.figures(month, area)
    late = supervision.listed(month, area, "", "late").select_related("receiver").defer("content")
    mine = FeedbackReport.objects.sent().filter(receiver=own).current()
    context = {
        "month": month,
        "months": _months(month),
        "titles": TITLES.values(),
        "lines": [(line, _cells(month, line.code, line.figures), _down(month, line)) for line in lines],
        "total": _cells(month, area, total),
        "late": list(late.order_by("due_on", "pk")[:MOST_LATE]),
        "late_count": total["late"],
        "mine": list(supervision.with_matters(mine).order_by("-pk")[:SHOWN_MONTHS]),
        "may_make": permissions.may_make(request.user) and request.acting.is_bureau and month.is_over,
        "job": _job_of(request, month),
        "is_done": total["expected"] and total["expected"] == total["sent"],
        "crumbs": _crumbs(month, own.area, area),
        "place": area,
    }
    return _page(request, "supervision", context)


def _cells(month: Month, code: str, figures: dict[str, int]) -> list[tuple[str, int, str]]:
    """Title, figure and its list for each figure."""
    return [
        (title, figures[key], _url("list", {"month": month, "place": code, "state": STATES[key]}))
        for key, title in TITLES.items()
    ]


def _down(month: Month, line: supervision.Line) -> str:
    return _url("index", {"month": month, "place": line.code}) if line.opens else ""


def _months(month: Month) -> list[tuple[str, str]]:
    latest = [Month.current().previous]
    while len(latest) < SHOWN_MONTHS:
        latest.append(latest[-1].previous)
    return [(str(each), each.words) for each in sorted({*latest, month}, reverse=True)]


def _job_of(request: StaffRequest, month: Month) -> Job | None:
    rows = Job.objects.visible_to(request.user).filter(kind=actions.JOB, args__month=str(month))
    return rows.select_related("by", "file").defer("file__content").order_by("-pk").first()


def _crumbs(month: Month, own: str, area: str) -> list[tuple[str, str]]:
    codes = [area[:length] for length in (4, 6, 9) if len(own) <= length <= len(area)]
    names = dict(
        Division.objects.filter(code__in=[code.ljust(12, "0") for code in codes]).values_list("code", "name")
    )
    way = [
        (names.get(code.ljust(12, "0"), code), _url("index", {"month": month, "place": code}))
        for code in codes
    ]
    return [("双向反馈", _url("index", {"month": month})), *way[1:]] if len(way) > 1 else []


@require_safe
@staff_page
def reports(request: StaffRequest) -> HttpResponse:
    """The reports behind a figure."""
    require(request.acting.area == "bureau")
    month, filters = month_of(request), ReportFilters(request.GET)
    filters.is_valid()
    side, state = (filters.cleaned_data.get(name, "") for name in ("side", "state"))
    area = area_of(request)
    # receivers of an area itself, its units, stand at its own code: 370202000 of district 370202
    rows = supervision.listed(month, area, side, state)
    seen = FeedbackReport.objects.visible_to(request.user).filter(pk__in=rows.values("pk"))
    context = {
        "month": month,
        "place": request.GET.get("place", ""),
        "filters": filters,
        "slice": slices.cut(supervision.with_matters(seen), ("pk",), request.GET),
        "count": rows.count(),
        "crumbs": [("双向反馈", _url("index", {"month": month})), ("反馈单清单", "")],
    }
    return _page(request, "list", context)


@staff_page
@require_POST
def make(request: StaffRequest) -> HttpResponse:
    """生成并发送: a worker does it."""
    month = month_of(request)
    page = _url("index", {"month": month})
    actions.start(month, by=request.user, page=page)
    return redirect(page)


@staff_page
@require_POST
def remind(request: StaffRequest) -> HttpResponse:
    """提醒 who is late; each report once a day."""
    require(request.acting.area == "bureau")
    chosen = [int(pk) for pk in request.POST.getlist("id") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    if not chosen:
        messages.warning(request, "请先勾选要提醒的反馈单")
    else:
        told = actions.urge(request.acting.organisation.pk, chosen, by=request.user)
        rest = len(chosen) - told
        messages.success(
            request, f"已提醒 {told} 份" + (f"，{rest} 份今天提醒过，或对方在系统外，请寄函" if rest else "")
        )
    return redirect(_url("index", {"month": month_of(request)}))


@staff_page
@require_POST
def close_agreed(request: StaffRequest) -> HttpResponse:
    """办结 every answer without objection in the area."""
    require(request.acting.is_bureau)
    month = month_of(request)
    rows = supervision.listed(month, request.acting.organisation.area, "", "answered")
    done = actions.close_agreed(rows.values_list("pk", flat=True), by=request.user)
    messages.success(request, f"已办结 {done} 份没有意见的反馈单")
    return redirect(_url("index", {"month": month}))
