"""The four steps of a check-in. Each is a page that asks one thing and saves it at once."""

from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods, require_POST

from checkin.record import actions, consent
from checkin.record.forms.retiree import (
    FIND_MYSELF,
    AddressForm,
    CommunityForm,
    ConsentForm,
    ElsewhereForm,
    FamilyForm,
    InformationForm,
)
from checkin.record.models import CheckIn, State
from communities.divisions import matching
from communities.divisions.models import Division
from communities.organisations import actions as organisations
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.codes import labels
from huifeng.display import words
from members.people import actions as people
from members.people.acting import address_of, for_person, go, page
from members.people.models import Retiree

SAVED = "已为您保存，什么时候接着办都可以。"
show_and_take = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
@for_person
def start(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Begin, or go on with what was begun; somebody who moves starts at the address."""
    checkin = actions.start(person.pk, by=request.user)
    return go(request, "my:address" if checkin.previous_id else next_page(checkin))


def next_page(checkin: CheckIn) -> str:
    """The name of the first page that still asks for something."""
    if checkin.data_correct is None and checkin.previous_id is None:
        return "my:information"
    if not checkin.address or not (checkin.area_id or checkin.community_id):
        return "my:address"
    return "my:check" if checkin.community_id else "my:community"


def step_number(checkin: CheckIn) -> int:
    return {"my:information": 1, "my:address": 2, "my:community": 3, "my:check": 4}[next_page(checkin)]


@show_and_take
@for_person
def information(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Step 1: what the roster says of the person."""
    checkin = _being_written(person)
    if checkin is None:
        return go(request, "my:home")
    known = {None: "", True: InformationForm.YES, False: InformationForm.NO}[checkin.data_correct]
    form = InformationForm(_sent(request), initial={"correct": known, "remarks": checkin.remarks})
    if answered := _take(request, checkin, form, InformationForm.written):
        return answered
    if form.is_valid():
        return _on(request, "my:family")
    return _page(request, "information", checkin, form, previous="my:home", rows=_rows_of(person))


@show_and_take
@for_person
def family(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Step 1b: whom the community may call at home. Nobody has to answer."""
    checkin = _being_written(person)
    if checkin is None:
        return go(request, "my:home")
    fields = ("emergency_name", "emergency_relation", "emergency_phone")
    form = FamilyForm(_sent(request), initial={name: getattr(person, name) for name in fields})
    later = "later" in request.POST
    if form.is_valid() or (later and not form.errors):
        if form.has_changed():
            people.correct_contact(person.pk, form.cleaned_data, by=request.user)
        if later:
            return _later(request)
        return _on(request, "my:address")
    if later:
        return _later(request)
    return _page(request, "family", checkin, form, previous="my:information")


@show_and_take
@for_person
def address(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Step 2: where the person lives now."""
    checkin = _being_written(person)
    if checkin is None:
        return go(request, "my:home")
    here = district_of(checkin) or (person.residence_id or "")[:6]
    form = AddressForm(
        _sent(request),
        districts=districts(),
        initial={"district": f"{here}000000" if here else "", "address": checkin.address},
    )
    if answered := _take(request, checkin, form, lambda form: _place_written(checkin, form.cleaned_data)):
        return answered
    if form.is_valid():
        kept = _place_written(checkin, form.cleaned_data)
        return _on(
            request, "my:community" if "community_id" in kept or not checkin.community_id else "my:check"
        )
    previous = "my:home" if checkin.previous_id else "my:family"
    return _page(request, "address", checkin, form, previous=previous)


def districts() -> list[Division]:
    return list(Division.objects.open().filter(level=Division.Level.DISTRICT).order_by("code"))


def district_of(checkin: CheckIn) -> str:
    """The six digits of the district the request is for, "" when it is not known or outside the city."""
    if checkin.community is not None:
        return (checkin.community.division_id or "")[:6]
    return (checkin.area_id or "")[:6]


def _place_written(checkin: CheckIn, given: dict[str, Any]) -> dict[str, Any]:
    """What write_down keeps of step 2. A community chosen for another place is forgotten.

    While a returned request is mended, the community stays unless the district changes.
    """
    kept: dict[str, Any] = {}
    if "address" in given:
        kept["address"] = given["address"].strip()
    district = given.get("district", "")
    moved = bool(district) and district[:6] != district_of(checkin)
    rewritten = checkin.state == State.DRAFT and kept.get("address", checkin.address) != checkin.address
    if district and (moved or (rewritten and checkin.community_id)):
        kept |= {"community_id": None, "area_id": district}
    return kept


@show_and_take
@for_person
def elsewhere(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Step 2 for somebody who lives outside the city: the unit writes to the community there."""
    checkin = _being_written(person)
    if checkin is None:
        return go(request, "my:home")
    chosen = checkin.community if checkin.community and checkin.community.is_external else None
    first = {"address": checkin.address} if chosen is None else {
        "region": chosen.region, "name": chosen.name, "phone": chosen.phone, "address": checkin.address,
    }  # fmt: skip
    form = ElsewhereForm(_sent(request), initial=first)
    if form.is_valid():
        given = form.cleaned_data
        place = organisations.add_external(
            Organisation.Kind.EXTERNAL_COMMUNITY,
            name=given["name"],
            region=given["region"],
            phone=given["phone"],
            by=User.objects.system(),  # the retiree only names the place
        )
        actions.write_down(
            checkin.pk,
            by=request.user,
            version=_version(request),
            address=given["address"],
            community_id=place.pk,
        )
        return go(request, "my:check")
    return _page(request, "elsewhere", checkin, form, previous="my:address")


@show_and_take
@for_person
def community(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Step 3: which community. Up to three that fit the address, each with its reason."""
    checkin = _being_written(person)
    if checkin is None:
        return go(request, "my:home")
    if not district_of(checkin):
        return go(request, "my:address")
    if "find" in request.POST:
        return _find_for_me(request, checkin, checkin.area_id)
    offers, sure = _offers(checkin)
    chosen = str(checkin.community_id or (offers[0][0].pk if sure else ""))
    form = CommunityForm(_sent(request), offers=offers, initial={"community": chosen})
    if form.is_valid() and form.cleaned_data["community"] == FIND_MYSELF and "later" not in request.POST:
        return go(request, "my:streets")
    if answered := _take(request, checkin, form, _community_written):
        return answered
    if form.is_valid():
        return go(request, "my:check")
    return _page(request, "community", checkin, form, previous="my:address", offers=offers)


def _offers(checkin: CheckIn) -> tuple[list[tuple[Organisation, str]], bool]:
    """Communities to choose from, each with why, best first; and whether the address names the first."""
    found = matching.recommend(checkin.address, district=district_of(checkin))
    places = {
        place.division_id: place
        for place in Organisation.objects.open()
        .filter(kind=Organisation.Kind.COMMUNITY, division__in=[one.community.pk for one in found])
        .select_related("division__parent")
    }
    offers = [(places[one.community.pk], one.reason) for one in found if one.community.pk in places]
    chosen = checkin.community
    if chosen is not None and chosen.pk not in {place.pk for place, _ in offers}:
        offers.insert(0, (chosen, "您选过这个社区"))
    return offers, bool(found and offers and found[0].exact)


def _community_written(form: CommunityForm) -> dict[str, Any]:
    chosen = form.cleaned_data.get("community", "")
    return {"community_id": int(chosen)} if chosen not in ("", FIND_MYSELF) else {}


def _find_for_me(request: HttpRequest, checkin: CheckIn, area: str | None) -> HttpResponse:
    """「请社区帮我找」: go on without a community; the street or bureau of `area` will find it."""
    actions.write_down(
        checkin.pk, by=request.user, version=_version(request), community_id=None, area_id=area
    )
    return go(request, "my:check")


@require_http_methods(["GET", "HEAD"])
@for_person
def streets(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Step 3, looking oneself: the streets of the district."""
    checkin = _being_written(person)
    if checkin is None:
        return go(request, "my:home")
    district = Division.objects.filter(pk=f"{district_of(checkin)}000000").first()
    if district is None:
        return go(request, "my:address")
    found = district.children.open().filter(level=Division.Level.STREET).order_by("code")
    return _page(
        request, "streets", checkin, None, previous="my:community", district=district, streets=list(found)
    )


@show_and_take
@for_person
def street(request: HttpRequest, person: Retiree, code: str) -> HttpResponse:
    """Step 3, looking oneself: the communities of a street; one press chooses."""
    checkin = _being_written(person)
    if checkin is None:
        return go(request, "my:home")
    here = Division.objects.open().filter(pk=code, level=Division.Level.STREET).first()
    if here is None:
        raise Http404
    if "find" in request.POST:
        return _find_for_me(request, checkin, here.pk)
    places = communities_of(here)
    chosen = {str(place.pk) for place in places} & {request.POST.get("community", "")}
    if chosen:
        actions.write_down(
            checkin.pk, by=request.user, version=_version(request), community_id=int(chosen.pop())
        )
        return go(request, "my:check")
    return _page(request, "street", checkin, None, previous="my:streets", street=here, places=places)


def communities_of(street: Division) -> list[Organisation]:
    return list(
        Organisation.objects.open()
        .filter(code__startswith=street.area, kind=Organisation.Kind.COMMUNITY)
        .select_related("division")
        .order_by("division_id")
    )


@show_and_take
@for_person
def check(request: HttpRequest, person: Retiree) -> HttpResponse:
    """Step 4: look at everything once more, agree, submit. Submitting twice is submitting once."""
    checkin = _being_written(person)
    if checkin is None:
        return go(request, "my:receipt" if under_way(person) else "my:home")
    if next_page(checkin) in ("my:information", "my:address"):
        return go(request, next_page(checkin))
    if "later" in request.POST:
        return _later(request)
    form = ConsentForm(_sent(request))
    if form.is_valid():
        actions.submit(checkin.pk, by=request.user, version=_version(request), consented=True)
        return go(request, "my:receipt")
    return _page(
        request,
        "check",
        checkin,
        form,
        previous="my:community" if district_of(checkin) else "my:elsewhere",
        rows=_rows_of(person),
        family_rows=_family_rows(person),
        consent_lines=consent.LINES,
    )


def under_way(person: Retiree) -> CheckIn | None:
    """The request under way, whatever its state."""
    return (
        CheckIn.objects.open()
        .filter(retiree=person)
        .select_related("community__division__parent", "area", "desk", "unit", "previous__community")
        .first()
    )


def _being_written(person: Retiree) -> CheckIn | None:
    """The draft or returned request of the person; None when there is nothing to write."""
    checkin = under_way(person)
    return checkin if checkin is not None and checkin.state in (State.DRAFT, State.RETURNED) else None


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, for a form; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _take(request: HttpRequest, checkin: CheckIn, form: BaseForm, written: Any) -> HttpResponse | None:
    """Save what was filled in. With 「先存着」 also the right half of a wrong form; then go home."""
    later = "later" in request.POST
    if not form.is_valid() and not later:
        return None
    kept = written(form)
    if kept:
        actions.write_down(checkin.pk, by=request.user, version=_version(request), **kept)
    return _later(request) if later else None


def _later(request: HttpRequest) -> HttpResponse:
    messages.success(request, SAVED)
    return go(request, "my:home")


def _on(request: HttpRequest, name: str) -> HttpResponse:
    """The next page; or the check page, where 「修改」 was pressed, unless a community must be chosen."""
    if request.POST.get("back") == "check" and name != "my:community":
        return go(request, "my:check")
    return go(request, name)


def _page(
    request: HttpRequest, name: str, checkin: CheckIn, form: BaseForm | None, *, previous: str, **context: Any
) -> HttpResponse:
    back = request.POST.get("back") or request.GET.get("back", "")
    back = "check" if back == "check" else ""
    values = {
        "form": form,
        "checkin": checkin,
        "version": request.POST.get("version") or checkin.version,
        "back": back,
        "previous": address_of(request, "my:check" if back and name != "check" else previous),
    }
    status = 422 if form is not None and form.errors else 200
    return page(
        request, f"retiree/steps/{name}.html", values | context, community=checkin.community, status=status
    )


def _rows_of(person: Retiree) -> list[tuple[str, str]]:
    """What the roster says, as the person reads it."""
    return [
        ("姓名", person.name),
        ("出生年月", words.day(person.birth_date.strftime("%Y-%m")) if person.birth_date else ""),
        ("原工作单位", person.original_unit),
        ("退休类别", person.get_kind_display()),
        ("手机", words.phone(person.phone)),
    ]


def _family_rows(person: Retiree) -> list[tuple[str, str]]:
    name = person.emergency_name
    relation = labels.label("relation", person.emergency_relation)
    return [
        ("家里联系人", f"{name}（{relation}）" if name and relation else name),
        ("联系人手机", words.phone(person.emergency_phone)),
    ]
