"""工作日历: the years with their special days, and how long things may take."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from communities.organisations.pages import BureauRequest, bureau_page, page
from huifeng.errors import require

from . import actions
from .forms import PeriodForm, YearForm
from .models import AnnouncedYear, Period, SpecialDay
from .periods import declared
from .permissions import may_change_calendar

YEARS_AHEAD = 1
CRUMB = ("工作日历", "/bureau/calendar/")


@bureau_page
def calendar(request: BureauRequest) -> HttpResponse:
    """Every year, announced or not, and every period."""
    context = {
        "years": _years(),
        "periods": _periods(),
        "may_change": may_change_calendar(request.user),
        "crumbs": [("工作日历", "")],
    }
    return page(request, "calendar.html", context)


@bureau_page
def year(request: BureauRequest, number: int) -> HttpResponse:
    """The special days of one year."""
    context = {
        "year": _checked(number),
        "announced": AnnouncedYear.objects.filter(pk=number).first(),
        "days": SpecialDay.objects.filter(date__year=number),
        "may_change": may_change_calendar(request.user),
        "crumbs": [CRUMB, (f"{number}年", "")],
    }
    return page(request, "calendar_year.html", context)


@bureau_page
def enter(request: BureauRequest, number: int) -> HttpResponse:
    """Enter or correct a year: what was read is shown first, and written only when it is confirmed."""
    require(may_change_calendar(request.user))
    form = YearForm(
        request.POST or None, request.FILES or None, year=_checked(number), initial=_as_it_stands(number)
    )
    checked = request.method == "POST" and form.is_valid()
    if checked and "confirm" in request.POST:
        actions.enter_year(number, form.plan.days, source=form.cleaned_data["source"], by=request.user)
        messages.success(request, f"{number}年已录入，暂定的期限已按新安排重新计算。")
        return redirect("calendar:year", number)
    crumbs = [CRUMB, (f"{number}年", f"/bureau/calendar/{number}/"), ("录入", "")]
    context = {"year": number, "form": form, "checked": checked, "crumbs": crumbs}
    return page(request, "calendar_enter.html", context, status=422 if form.errors else 200)


@bureau_page
def period(request: BureauRequest, key: str) -> HttpResponse:
    """Change how long something may take."""
    require(may_change_calendar(request.user))
    row = next((row for row in _periods() if row.key == key), None)
    if row is None:
        raise Http404
    form = PeriodForm(request.POST or None, initial={"length": row.length, "basis": row.basis})
    if request.method == "POST" and form.is_valid():
        changed = actions.change_period(key, by=request.user, **form.cleaned_data)
        messages.success(request, f"已改为：{changed}。已经在走的期限不变。")
        return redirect("calendar:calendar")
    context = {"period": row, "form": form, "crumbs": [CRUMB, (row.title, "")]}
    return page(request, "calendar_period.html", context, status=422 if form.errors else 200)


def _checked(number: int) -> int:
    if not actions.EARLIEST <= number <= actions.LATEST:
        raise Http404
    return number


def _years() -> list[dict[str, Any]]:
    """Announced years and those up to the next one, newest first."""
    announced = {row.year: row for row in AnnouncedYear.objects.all()}
    soon = range(timezone.localdate().year, timezone.localdate().year + YEARS_AHEAD + 1)
    return [{"year": n, "announced": announced.get(n)} for n in sorted({*announced, *soon}, reverse=True)]


def _periods() -> list[Period]:
    """Every declared period as it holds now; unsaved where the bureau has not changed it."""
    rows = Period.objects.in_bulk()
    return [rows.get(key) or Period(key=key, **actions.row_of(key)) for key in sorted(declared)]


def _as_it_stands(number: int) -> dict[str, str]:
    """What stands in the year now, as the form writes it, so that a correction starts from it."""
    row = AnnouncedYear.objects.filter(pk=number).first()
    days = SpecialDay.objects.filter(date__year=number)
    lines = [f"{day.date:%Y-%m-%d},{'放假' if day.kind == 'off' else '上班'},{day.name}" for day in days]
    return {"source": row.source if row else "", "lines": "\n".join(lines)}
