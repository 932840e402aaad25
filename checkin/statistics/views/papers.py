"""Official papers: choose one, it is made in the background."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from checkin.statistics import actions
from checkin.statistics.counting.tables import LENGTHS, LEVELS
from checkin.statistics.months import Month
from checkin.statistics.paper_forms import PaperForm
from checkin.statistics.ranking import Quarter
from communities.divisions.models import Division
from communities.organisations.acting import StaffRequest

from . import asked

SHOWN_QUARTERS, SHOWN_YEARS = 12, 6


@asked.statistics_page
def papers(request: StaffRequest) -> HttpResponse:
    """Choose paper, time and area; then look at how it is made. `month`, `area` and `kind` may be given."""
    area = asked.area_of(request)
    initial = {
        "kind": request.GET.get("kind", actions.WORKBOOK),
        "area": area,
        "month": str(asked.month_of(request) if request.GET.get("month") else Month.current().previous),
        "quarter": str(Quarter.of(Month.current()).previous),
    }
    form = PaperForm(request.POST or None, choices=_choices(request, area), initial=initial)
    if request.method == "POST" and form.is_valid():
        job = actions.ask_for_paper(
            form.cleaned_data["kind"], form.period, form.cleaned_data["area"], by=request.user
        )
        return redirect(reverse("jobs:job", args=[job.pk]))
    crumbs = [("月度统计", asked.address("overview", Month.current(), area)), ("报表", "")]
    status = 422 if request.method == "POST" else 200
    return asked.page(request, "papers", {"form": form, "crumbs": crumbs}, status=status)


def _choices(request: StaffRequest, area: str) -> dict[str, list[tuple[str, str]]]:
    month = Month.current()
    quarters = [Quarter.of(month)]
    while len(quarters) < SHOWN_QUARTERS:
        quarters.append(quarters[-1].previous)
    latest = month.year if month.month == 12 else month.year - 1
    return {
        "area": _areas(request, area),
        "month": asked.months_to_choose(month),
        "quarter": [(str(quarter), quarter.words) for quarter in quarters],
        "year": [(str(year), f"{year}年") for year in range(latest, latest - SHOWN_YEARS, -1)],
    }


def _areas(request: StaffRequest, area: str) -> list[tuple[str, str]]:
    """One's own area, the one looked at, and the parts of both at the next level."""
    own = asked.own_area(request)
    found = dict(asked.way_to(request, area)) | {own: asked.way_to(request, own)[-1][1]}
    for whole in dict.fromkeys((own, area)):
        level = next((name for name in LEVELS if LENGTHS[name] > len(whole)), None)
        if level is not None:
            parts = Division.objects.within(whole).open().filter(level=level, is_virtual=False)
            found |= {code[: LENGTHS[level]]: name for code, name in parts.values_list("code", "short_name")}
    return sorted(found.items(), key=lambda pair: (len(pair[0]), pair[0]))
