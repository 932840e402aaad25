"""A month on a calendar, the figures of a year, branches, venues, and the people behind a figure of the statistics."""

from datetime import datetime
from itertools import groupby

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from checkin.statistics.months import Month
from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Organisation
from huifeng.display import slices
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program
from members.party.models import PartyOrganisation
from members.people import looks
from services.activities import actions, columns, figures, roll
from services.activities.forms import VenueForm, venues_near
from services.activities.models import Activity, Venue

from .frame import page, sees_hidden, url

Kind = Organisation.Kind
BRANCHES = 100


def _area(organisation: Organisation) -> Q:
    """Its own activities; of a bureau or street all that are held in its area."""
    if organisation.kind in (Kind.BUREAU, Kind.STREET):
        return Q(division__code__startswith=organisation.area)
    return Q(organiser=organisation)


def _month(request: StaffRequest) -> Month:
    asked = request.GET.get("month", "")
    return Month.parse(asked) if asked else Month.current()


@require_safe
@staff_page
def calendar(request: StaffRequest) -> HttpResponse:
    """What is on in a month, day by day: all of one's own, or all in one of its venues (`venue`)."""
    month, organisation = _month(request), request.acting.organisation
    rows = Activity.objects.filter(starts_at__gte=month.start, starts_at__lt=month.end)
    venue = None
    asked = request.GET.get("venue", "")
    if asked.isdecimal():
        venue = get_object_or_404(Venue.objects.filter(venues_near(organisation)), pk=int(asked))
        rows = rows.planned().filter(venue=venue)
    else:
        rows = rows.filter(organiser=organisation)
    rows = rows.select_related("preset", "organiser").order_by("starts_at", "pk")
    days = [(day, list(on)) for day, on in groupby(rows, key=lambda row: row.day)]
    context = {"month": month, "days": days, "venue": venue, "today": timezone.localdate()}
    return page(request, "calendar.html", context)


@require_safe
@staff_page
def year(request: StaffRequest) -> HttpResponse:
    """What was held in a year and who came, by kind."""
    organisation, today = request.acting.organisation, timezone.localdate()
    asked = request.GET.get("year", "")
    number = int(asked) if asked.isdecimal() and 2000 <= int(asked) <= 2100 else today.year
    lines = figures.by_preset(_area(organisation), *_of_year(number))
    context = {"year": number, "lines": lines, "years": range(today.year, today.year - 4, -1)}
    return page(request, "year.html", context)


def _of_year(number: int) -> tuple[datetime, datetime]:
    return timezone.make_aware(datetime(number, 1, 1)), timezone.make_aware(datetime(number + 1, 1, 1))


@require_safe
@staff_page
def branches(request: StaffRequest) -> HttpResponse:
    """组织生活 of the year, branch by branch: who belongs there, who takes part, who came."""
    organisation, today = request.acting.organisation, timezone.localdate()
    rows = PartyOrganisation.objects.filter(closed_on=None)
    if organisation.kind in (Kind.BUREAU, Kind.STREET):
        rows = rows.filter(host__division__code__startswith=organisation.area)
    else:
        rows = rows.filter(host=organisation)
    part = slices.cut(rows, ("pk",), request.GET, size=BRANCHES)
    shown = PartyOrganisation.objects.filter(pk__in=[row.pk for row in part.rows]).order_by("pk")
    lines = figures.by_branch(shown, *_of_year(today.year))
    context = {"lines": lines, "slice": part, "formal": figures.formal_members(rows), "year": today.year}
    return page(request, "branches.html", context)


@require_safe
@staff_page
def people(request: StaffRequest) -> HttpResponse:
    """Who is behind a figure of the statistics: as many lines as it says."""
    organisation = request.acting.organisation
    kind = columns.KINDS.get(request.GET.get("kind", ""))
    if kind is None or organisation.kind == Kind.UNIT:
        raise Http404
    month, place = _month(request), request.GET.get("place", "") or organisation.area
    if not place.startswith(organisation.area):
        raise PermissionDenied
    with as_program("the organiser's place decides who reads this list, not where its people live"):
        rows = columns.arrivals(month, kind.which).filter(activity__division__code__startswith=place)
        rows = rows.select_related("activity__organiser")
        part = slices.cut(rows, ("pk",), request.GET)
        number = rows.count()
    lines = roll.lines(part.rows, sees_hidden=sees_hidden(request))
    looks.listed(request, len(lines), {"kind": kind.key, "place": place, "month": str(month)})
    context = {"kind": kind, "month": month, "lines": lines, "slice": part, "number": number}
    return page(request, "people.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def venues(request: StaffRequest) -> HttpResponse:
    """活动场所: one's own, and those of the street that one may use; a new one."""
    organisation = request.acting.organisation
    form = VenueForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_venue(organisation.pk, by=request.user, **form.cleaned_data)
        except RuleBroken as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"“{made.name}”已登记，发布活动时可以选。")
            return redirect(url(request, "venues"))
    rows = Venue.objects.filter(venues_near(organisation), closed_on=None).select_related("keeper")
    part = slices.cut(rows, ("pk",), request.GET)
    context = {"form": form, "slice": part, "month": Month.current()}
    return page(request, "venues.html", context, status=422 if form.errors else 200)


@require_POST
@staff_page
def close_venue(request: StaffRequest, pk: int) -> HttpResponse:
    """停用."""
    get_object_or_404(Venue, pk=pk, keeper=request.acting.organisation)
    venue = actions.close_venue(pk, by=request.user)
    messages.success(request, f"“{venue.name}”已停用。")
    return redirect(url(request, "venues"))
