"""社区管理: the bureau looks places up, and adds, renames, merges and closes communities."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from communities.divisions import actions as divisions
from communities.divisions.models import Division, NamedPlace
from communities.divisions.names import tidy
from huifeng.audit.actions import entries_about
from huifeng.display.forms import Form
from huifeng.rowscope.scope import as_program

from . import actions
from .forms import CloseForm, ContactForm, MergeForm, NameForm, PlacesForm
from .models import Organisation
from .pages import BureauRequest, bureau_page, page
from .permissions import in_areas

MOST_FOUND, MOST_ENTRIES = 50, 20
ACTS = {
    "community.added": "新增",
    "community.renamed": "更名",
    "community.merged": "并入其他社区",
    "community.closed": "撤销",
    "community.places_added": "增加小区和道路",
    "community.place_removed": "删去小区或道路",
}


@bureau_page
def places(request: BureauRequest) -> HttpResponse:
    """Streets with how many communities they have, or the communities found by name."""
    query = tidy(request.GET.get("q", ""))[:60]
    context: dict[str, Any] = {"q": query, "crumbs": [("社区管理", "")]}
    if query:
        found = list(_communities(request).filter(_named(query)).distinct()[: MOST_FOUND + 1])
        context |= {"found": found[:MOST_FOUND], "more": len(found) > MOST_FOUND}
    else:
        context["streets"] = _streets(request)
    return page(request, "places.html", context)


@bureau_page
def street(request: BureauRequest, code: str) -> HttpResponse:
    """The communities of a street, closed ones too."""
    place = get_object_or_404(_within(request, Division.Level.STREET), pk=code)
    communities = _with_contact(place.children.order_by("closed_on", "code"))
    crumbs = [("社区管理", "/bureau/places/"), (place.name, "")]
    return page(
        request, "places_street.html", {"street": place, "communities": communities, "crumbs": crumbs}
    )


@bureau_page
def add(request: BureauRequest, code: str) -> HttpResponse:
    """A new community of a street."""
    place = get_object_or_404(_within(request, Division.Level.STREET), pk=code)
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        community = divisions.add_community(
            code, form.cleaned_data["name"], by=request.user, reason=_why(form)
        )
        messages.success(request, f"已在{place.name}新增{community.short_name}，代码{community.code}。")
        return redirect("places:community", community.code)
    crumbs = [
        ("社区管理", "/bureau/places/"),
        (place.name, f"/bureau/places/street/{code}/"),
        ("新增社区", ""),
    ]
    context = {"street": place, "form": form, "crumbs": crumbs}
    return page(request, "places_add.html", context, status=_status(form))


@bureau_page
def community(request: BureauRequest, code: str) -> HttpResponse:
    """Everything about one community, and the forms that change it."""
    return _show(request, _community(request, code))


@bureau_page
@require_POST
def rename(request: BureauRequest, code: str) -> HttpResponse:
    form = NameForm(request.POST)
    place = _community(request, code)
    if not form.is_valid():
        return _show(request, place, rename_form=form)
    renamed = divisions.rename(code, form.cleaned_data["name"], by=request.user, reason=_why(form))
    messages.success(request, f"已更名为{renamed.name}。原名称仍能查到。")
    return redirect("places:community", code)


@bureau_page
@require_POST
def merge(request: BureauRequest, code: str) -> HttpResponse:
    place = _community(request, code)
    form = MergeForm(request.POST, community=place)
    if not form.is_valid():
        return _show(request, place, merge_form=form)
    said = form.cleaned_data
    closed = divisions.merge(code, into=said["into"], on=said["on"], by=request.user, reason=_why(form))
    messages.success(request, f"{closed.short_name}已并入{closed.successor}。小区、道路和名称都转了过去。")
    return redirect("places:community", code)


@bureau_page
@require_POST
def close(request: BureauRequest, code: str) -> HttpResponse:
    form = CloseForm(request.POST)
    place = _community(request, code)
    if not form.is_valid():
        return _show(request, place, close_form=form)
    divisions.close(code, on=form.cleaned_data["on"], by=request.user, reason=_why(form))
    messages.success(request, f"{place.short_name}已撤销。")
    return redirect("places:community", code)


@bureau_page
@require_POST
def contact(request: BureauRequest, code: str) -> HttpResponse:
    form = ContactForm(request.POST)
    place = _community(request, code)
    if not form.is_valid():
        return _show(request, place, contact_form=form)
    organisation = get_object_or_404(Organisation, division=place, kind=Organisation.Kind.COMMUNITY)
    actions.update_contact(organisation.pk, by=request.user, **form.cleaned_data)
    messages.success(request, "联系方式已保存。")
    return redirect("places:community", code)


@bureau_page
@require_POST
def add_places(request: BureauRequest, code: str) -> HttpResponse:
    form = PlacesForm(request.POST)
    place = _community(request, code)
    if not form.is_valid():
        return _show(request, place, places_form=form)
    new = divisions.add_places(code, form.cleaned_data["lines"], by=request.user)
    messages.success(request, f"新增{new}个小区或道路。")
    return redirect("places:community", code)


@bureau_page
@require_POST
def remove_place(request: BureauRequest, code: str, place_id: int) -> HttpResponse:
    place = _community(request, code)
    if NamedPlace.objects.filter(pk=place_id, community=place).exists():
        divisions.remove_place(place_id, by=request.user)
        messages.success(request, "已删去。")
    return redirect("places:community", code)


def _show(request: BureauRequest, place: Division, **forms: Form) -> HttpResponse:
    """The page of a community; `forms` are those that came back with errors."""
    organisation = place.organisations.filter(kind=Organisation.Kind.COMMUNITY).first()
    today = timezone.localdate()
    with as_program("who looks after a place reads what was done to it, whoever did it"):
        entries = [(entry, ACTS.get(entry.action, "")) for entry in entries_about(place)[:MOST_ENTRIES]]
    context: dict[str, Any] = {
        "place": place,
        "community": organisation,
        "named_places": place.places.all(),
        "aliases": place.aliases.all(),
        "entries": entries,
        "crumbs": [
            ("社区管理", "/bureau/places/"),
            (str(place.parent), f"/bureau/places/street/{place.parent_id}/"),
            (place.short_name, ""),
        ],
        "has_errors": bool(forms),
    }
    if place.closed_on is None:
        context |= {
            "rename_form": NameForm(initial={"name": place.name}),
            "merge_form": MergeForm(community=place, initial={"on": today}),
            "close_form": CloseForm(initial={"on": today}),
            "contact_form": ContactForm.of(organisation) if organisation else None,
            "places_form": PlacesForm(),
        }
    return page(request, "places_community.html", context | forms, status=422 if forms else 200)


def _within(request: BureauRequest, level: Division.Level) -> QuerySet[Division]:
    return Division.objects.filter(in_areas("code", request.areas), level=level)


def _communities(request: BureauRequest) -> QuerySet[Division]:
    return _within(request, Division.Level.COMMUNITY).select_related("parent__parent", "successor")


def _community(request: BureauRequest, code: str) -> Division:
    return get_object_or_404(_communities(request), pk=code)


def _named(query: str) -> Q:
    return Q(name__contains=query) | Q(aliases__alias__contains=query) | Q(code=query)


def _streets(request: BureauRequest) -> QuerySet[Division]:
    living = Q(children__closed_on=None, children__is_virtual=False)
    streets = _within(request, Division.Level.STREET).open().select_related("parent")
    return streets.annotate(communities=Count("children", filter=living)).order_by("code")


def _with_contact(communities: QuerySet[Division]) -> list[tuple[Division, Organisation | None]]:
    """Each community with its organisation. Two queries."""
    rows = list(communities.select_related("successor"))
    of = {o.division_id: o for o in Organisation.objects.filter(division__in=rows, kind="community")}
    return [(row, of.get(row.pk)) for row in rows]


def _why(form: Form) -> str:
    return str(form.cleaned_data["reason"])


def _status(form: Form) -> int:
    return 422 if form.errors else 200
