"""封存: what is done and what is missing before a month is closed, the closing itself, and opening it again.

The city's bureau closes; a district's bureau sees its own figures here and submits them.
"""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from checkin.statistics import actions, catalogue, counting, wording
from checkin.statistics.actions.submitting import require_over
from checkin.statistics.facts import city_area, statement_of
from checkin.statistics.forms import CloseForm, ReopenForm
from checkin.statistics.models import MonthlyStatement
from checkin.statistics.months import Month
from communities.divisions.models import Division
from communities.organisations.acting import StaffRequest
from huifeng.errors import require
from huifeng.jobs.models import Job

from . import asked


def _page_of(month: Month) -> str:
    return reverse("statistics:closing", args=[str(month)])


@asked.statistics_page
def latest(request: StaffRequest) -> HttpResponse:
    """The month that is due: the last one that is over."""
    require(request.acting.is_bureau)
    return redirect(_page_of(Month.current().previous))


@asked.statistics_page
def closing(request: StaffRequest, text: str) -> HttpResponse:
    """The work list of a month."""
    require(request.acting.is_bureau)
    month = asked.month_named(text)
    if asked.is_city(request):
        return _city_page(request, month, ReopenForm())
    return _district_page(request, month)


def _shared(request: StaffRequest, month: Month, statement: MonthlyStatement | None) -> dict[str, Any]:
    """What both pages show: the figures that are still open, and whether the identities hold."""
    area = asked.own_area(request)
    checks = counting.identities(month, area)
    pending = counting.table(month, area, None, ("pending", "overdue")).total.figures
    return {
        "month": month,
        "months": asked.months_to_choose(month),
        "previous_month": str(month.previous),
        "area": area,
        "statement": statement,
        "state": wording.state_of(statement, month),
        "checks": _named(checks),
        "wrong": [check for check in checks if not check.holds],
        "pending": pending["pending"],
        "pending_url": asked.people_url(month, area, "pending"),
        "crumbs": [("月度统计", asked.address("overview", month, area)), (f"{month.words}月报", "")],
    }


def _named(checks: list[counting.Identity]) -> list[dict[str, Any]]:
    """The identities, each with the name of the first place (or figure) in which it does not hold."""
    places = [check.where.ljust(12, "0") for check in checks if check.where.isdecimal()]
    rows = Division.objects.filter(code__in=places) if places else Division.objects.none()
    names = dict(rows.values_list("code", "short_name"))
    return [
        check.as_json()
        | {
            "first": catalogue.title(check.where)
            if catalogue.is_known(check.where)
            else names.get(check.where.ljust(12, "0"), check.where)
        }
        for check in checks
    ]


def _district_page(request: StaffRequest, month: Month) -> HttpResponse:
    area = asked.own_area(request)
    ours = next((item for item in actions.submissions(month) if item.area == area), None)
    keys = ("total", "expected", "checked_in", "new", "moved_in", "moved_out", "died_in", "withdrawn")
    return asked.page(
        request,
        "submit",
        _shared(request, month, statement_of(month))
        | {
            "ours": ours,
            "rows": _rows(month, area, keys),
            "table_url": asked.address("table", month, area),
        },
    )


def _city_page(request: StaffRequest, month: Month, form: ReopenForm, *, status: int = 200) -> HttpResponse:
    statement = statement_of(month)
    districts = actions.submissions(month)
    before = statement_of(month.previous)
    any_closed = MonthlyStatement.objects.filter(area=city_area(), closing__gt=0, month__lt=month.first)
    context = _shared(request, month, statement) | {
        "submissions": districts,
        "missing": [item.name for item in districts if not item.is_there],
        "there": sum(item.is_there for item in districts),
        "is_first": not any_closed.exists(),
        "previous_is_closed": before is not None and before.is_closed,
        "previous_url": _page_of(month.previous),
        "job": _job_of(month),
        "form": form,
        "asked_by_me": statement is not None and statement.reopen_asked_by_id == request.user.pk,
    }
    return asked.page(request, "closing", context, status=status)


def _rows(month: Month, area: str, keys: tuple[str, ...]) -> list[tuple[str, str, str, str]]:
    """Title, figure, difference from the month before, definition."""
    both = counting.compare(month, month.previous, area, None, keys)
    return [
        (
            catalogue.title(key),
            wording.figure(key, both.now.total.value(key)),
            wording.change(key, both.change_of_total(key)),
            catalogue.sentence(key),
        )
        for key in keys
    ]


def _job_of(month: Month) -> Job | None:
    """The newest closing that was asked for, by whomever."""
    rows = Job.objects.filter(kind=actions.CLOSE, args__month=str(month)).select_related("by", "file")
    return rows.order_by("-created_at", "-pk").first()


# Acts -------------------------------------------------------------------------------------------------------------


@asked.statistics_page
def check(request: StaffRequest, text: str) -> HttpResponse:
    """The totals once more beside those of the month before; closed when the words are typed."""
    require(asked.is_city(request))
    month = asked.month_named(text)
    require_over(month)
    statement = statement_of(month)
    if statement is not None and statement.is_closed:
        return redirect(_page_of(month))
    missing = [item.name for item in actions.submissions(month) if not item.is_there]
    area = asked.own_area(request)
    wrong = [each for each in counting.identities(month, area) if not each.holds]
    form = CloseForm(request.POST or None, month=month, needs_explanation=bool(missing or wrong))
    if request.method == "POST" and form.is_valid():
        return _start(request, month, form.cleaned_data.get("explanation", ""))
    context = {
        "month": month,
        "form": form,
        "missing": missing,
        "wrong": wrong,
        "rows": _rows(month, area, catalogue.M1),
        "before": month.previous,
        "crumbs": [
            ("月度统计", asked.address("overview", month, area)),
            (f"{month.words}月报", _page_of(month)),
            ("核对并封存", ""),
        ],
    }
    return asked.page(request, "check", context, status=422 if form.errors else 200)


def _start(request: StaffRequest, month: Month, explanation: str) -> HttpResponse:
    """Hand the closing over to a worker."""
    actions.start_closing(month, by=request.user, explanation=explanation, page=_page_of(month))
    return redirect(_page_of(month))


@asked.statistics_page
@require_POST
def remind(request: StaffRequest, text: str) -> HttpResponse:
    """催报: a notice to every district that is missing."""
    told = actions.remind(asked.month_named(text), by=request.user)
    if told:
        messages.success(request, f"已催报：{'、'.join(told)}")
    else:
        messages.info(request, "今天已经催报过，或没有缺报的区市。")
    return redirect(_page_of(asked.month_named(text)))


@asked.statistics_page
@require_POST
def submit(request: StaffRequest, text: str) -> HttpResponse:
    """上报: the district says that its figures are right."""
    month = asked.month_named(text)
    actions.submit(asked.own_area(request), month, by=request.user)
    messages.success(request, f"{month.words}月报已上报")
    return redirect(_page_of(month))


@asked.statistics_page
@require_POST
def ask_reopen(request: StaffRequest, text: str) -> HttpResponse:
    """The first person asks, with the reason."""
    require(asked.is_city(request))
    month, form = asked.month_named(text), ReopenForm(request.POST)
    if not form.is_valid():
        return _city_page(request, month, form, status=422)
    actions.ask_reopen(month, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(request, "已申请重开，请另一位同事在本页同意")
    return redirect(_page_of(month))


@asked.statistics_page
@require_POST
def reopen(request: StaffRequest, text: str) -> HttpResponse:
    """The second person opens the month."""
    month = asked.month_named(text)
    actions.reopen(month, by=request.user)
    messages.success(request, f"{month.words}已重开，改好后请重新上报和封存")
    return redirect(_page_of(month))
