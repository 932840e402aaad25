"""A second home for some months of the year (候鸟). The check-in stays where it is."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from checkin.record import actions
from checkin.record.forms.retiree import MonthsForm, SeasonForm
from checkin.record.models import SeasonalStay
from communities.divisions.models import Division
from members.people.acting import address_of, for_person, go, page
from members.people.models import Retiree

from .steps import communities_of, districts


def _stay_of(person: Retiree) -> SeasonalStay | None:
    return SeasonalStay.objects.filter(retiree=person, ended_at=None).select_related("community").first()


@require_http_methods(["GET", "HEAD"])
@for_person
def season(request: HttpRequest, person: Retiree) -> HttpResponse:
    """The second home there is, or the question for one: months and district."""
    stay = _stay_of(person)
    asked = "district" in request.GET
    form = SeasonForm(request.GET if asked else None, districts=districts())
    if stay is None and asked and form.is_valid():
        months = {name: form.cleaned_data[name] for name in ("from_month", "to_month")}
        place = address_of(request, "my:season_place", code=form.cleaned_data["district"])
        return redirect(f"{place}?{urlencode(months)}")
    status = 422 if asked and form.errors else 200
    return page(request, "retiree/season.html", {"form": form, "stay": stay}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_person
def place(request: HttpRequest, person: Retiree, code: str) -> HttpResponse:
    """The streets of a district, or the communities of a street; one press chooses."""
    here = get_object_or_404(
        Division.objects.open().select_related("parent"),
        pk=code,
        level__in=(Division.Level.DISTRICT, Division.Level.STREET),
    )
    months = MonthsForm(request.POST or request.GET)
    if not months.is_valid():
        raise Http404
    chosen = request.POST.get("community", "")
    is_street = here.level == Division.Level.STREET
    places = communities_of(here) if is_street else []
    if chosen in {str(place.pk) for place in places}:
        actions.add_seasonal_stay(person.pk, by=request.user, community_id=int(chosen), **months.cleaned_data)
        messages.success(request, "已经登记。您的报到社区不变。")
        return go(request, "my:season")
    streets = (
        [] if is_street else list(here.children.open().filter(level=Division.Level.STREET).order_by("code"))
    )
    query = urlencode(months.cleaned_data)
    up = address_of(request, "my:season_place", code=here.parent_id) + f"?{query}" if is_street else ""
    context = {
        "here": here,
        "streets": streets,
        "places": places,
        "months": months.cleaned_data,
        "query": query,
        "previous": up or address_of(request, "my:season"),
    }
    return page(request, "retiree/season_place.html", context)


@require_POST
@for_person
def stop(request: HttpRequest, person: Retiree) -> HttpResponse:
    """The second home is given up."""
    stay = _stay_of(person)
    if stay is not None:
        actions.end_seasonal_stay(stay.pk, by=request.user)
        messages.success(request, "已经停止。")
    return go(request, "my:season")
