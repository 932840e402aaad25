"""线下登记: a visitor is found in the register, or entered, and checked in, in one act.

The register is searched by exact name and birth date, or ID number, typed from the visitor's card. The answer
is masked, and the next page is reached by a signed address, so that nobody can leaf through the register.
Every field that is left is kept in the cache for this clerk and this person until they are registered (kept.py).
"""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from checkin.record import actions, consent, kept, lists
from checkin.record.forms.staff import FindForm, NewPersonForm, RegisterForm, SeasonForm
from checkin.record.models import Channel, CheckIn, State
from communities.organisations.acting import StaffRequest, staff_page
from communities.organisations.models import Organisation
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program
from members.people import actions as people
from members.people import looks
from members.people.models import Retiree
from members.people.permissions import may_see

from .desk import recommended, where_is
from .frame import page

SALT = "checkin.record.counter"
GOOD_FOR = 4 * 3600  # seconds a found person may be worked on
REGISTERED = "registered"  # in the session: the check-in whose result page may be seen
MOST = 5


@staff_page
def find(request: StaffRequest) -> HttpResponse:
    """Find the visitor first; a POST, because name and ID number must not stand in an address."""
    form = FindForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        found = _look_up(form)
        audit.record(
            "people.looked_up",
            request.acting.organisation,
            by=request.user,
            organisation_id=request.acting.organisation.pk,
            note=f"线下登记，找到 {len(found)} 人",
        )
        rows = lists.with_checkins(found, timezone.localdate())
        context["people"] = [(row, _token(row.retiree)) for row in rows]
    return page(request, "register_find.html", context, status=422 if form.errors else 200)


@as_program("staff look for whoever stands before them, in the whole register")
def _look_up(form: FindForm) -> list[Retiree]:
    data = form.cleaned_data
    if data["id_number"]:
        rows = Retiree.objects.with_id_number(data["id_number"])
    else:
        rows = Retiree.objects.people().filter(name=data["name"].strip(), birth_date=data["born"])
    return list(rows.select_related("residence").order_by("pk")[:MOST])


def _token(retiree: Retiree) -> str:
    return signing.dumps(retiree.pk, salt=SALT, compress=False)


@as_program("who was found at the counter may be of any unit and any place")
def _meant(token: str) -> Retiree:
    try:
        pk = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        raise Http404 from None
    open_to_us = Retiree.objects.people().filter(is_restricted=False)
    return get_object_or_404(open_to_us.select_related("residence", "claimed_unit"), pk=pk)


@staff_page
def new(request: StaffRequest) -> HttpResponse:
    """Somebody in no roster (外地来青, or never reported): entered from the ID card, then checked in."""
    form = NewPersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        unit = (
            Organisation.objects.open()
            .filter(name=data["unit_words"].strip(), kind=Organisation.Kind.UNIT)
            .first()
        )
        try:
            made = people.register_at_counter(by=request.user, unit_id=unit.pk if unit else None, **data)
        except RuleBroken as refused:  # said over the form, so that nothing typed is lost
            form.add_error(None, refused.message)
        else:
            return redirect("community:register", _token(made))
    return page(request, "register_new.html", {"form": form}, status=422 if form.errors else 200)


@staff_page
def register(request: StaffRequest, token: str) -> HttpResponse:
    """Where the person lives, how they came, what they say: from nothing to the receipt in one act."""
    retiree = _meant(token)
    community = request.acting.organisation
    typed = kept.recall(request.user.pk, retiree.pk)
    known = may_see(request.user, retiree)
    initial = _initial(retiree, community, typed, known=known)
    choices = _choices(community, request.POST.get("address") or initial["address"])
    standing = CheckIn.objects.filter(retiree=retiree, state__in=(*CheckIn.AT_DESK, State.CONFIRMED))
    with as_program("who was found at the counter may be with another community"):
        now = list(standing.select_related("community", "desk").order_by("-pk"))
    if request.GET.get("part") == "communities":
        return render(
            request,
            "community/register.html#communities",
            {"form": RegisterForm(initial=initial, communities=choices)},
        )
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RegisterForm(*sent, initial=initial, communities=choices)
    status = 422 if form.errors else 200
    if request.method == "POST" and "find" not in request.POST and form.is_valid():
        try:
            return _register(request, retiree, form)
        except RuleBroken as refused:  # said over the form, so that nothing typed is lost
            form.add_error(None, refused.message)
            status = 409
    looks.viewed(request, retiree)
    context = {
        "form": form,
        "retiree": retiree,
        "token": token,
        "confirmed": next((row for row in now if row.state == State.CONFIRMED), None),
        "under_way": next((row for row in now if row.state != State.CONFIRMED), None),
        "consent": consent.LINES,
        "kept_at": _clock(typed) if typed else "",
    }
    return page(request, "register.html", context, status=status)


def _initial(
    retiree: Retiree, community: Organisation, typed: kept.Kept | None, *, known: bool
) -> dict[str, Any]:
    """What the form begins with: the register's values, and over them what the clerk typed before.

    Where and how somebody lives who is not ours (not `known`) is not told to whoever types a name and a birthday.
    """
    of_register = {
        "address": retiree.residence_address,
        **{name: getattr(retiree, name) for name in RegisterForm.CODES},
    }
    return {
        "channel": Channel.COUNTER.value,
        "address": "",
        "community_id": community.pk,
        **(of_register if known else {}),
        **(typed.fields if typed else {}),
    }


@staff_page
@require_POST
def keep(request: StaffRequest, token: str) -> HttpResponse:
    """Keep what stands in the form now, and say when; sent by the page whenever a field is left."""
    retiree = _meant(token)
    fields = {name: request.POST[name] for name in RegisterForm.KEPT if name in request.POST}
    try:
        made = kept.keep(request.user.pk, retiree.pk, fields)
    except RedisError:
        return HttpResponse(status=503)  # the page says that nothing was reached and offers to try again
    return render(request, "community/register.html#kept", {"kept_at": _clock(made)})


def _clock(typed: kept.Kept) -> str:
    return f"{timezone.localtime(typed.at):%-H:%M}"


def _choices(own: Organisation, address: str) -> list[tuple[str, str]]:
    """Our own community first, then those the address points to."""
    found = [choice for choice in recommended(address, None) if choice.organisation.pk != own.pk]
    others = [
        (str(c.organisation.pk), f"{c.organisation.name}（{where_is(c.organisation)}）：{c.reason}")
        for c in found
    ]
    return [(str(own.pk), f"{own.name}（本社区）"), *others]


def _register(request: StaffRequest, retiree: Retiree, form: RegisterForm) -> HttpResponse:
    data = form.cleaned_data
    checkin = actions.register(
        retiree.pk,
        by=request.user,
        channel=Channel(data["channel"]),
        community_id=data["community_id"],
        address=data["address"],
        remarks=data["remarks"],
        paper=data["paper"],
        **form.declared,
    )
    kept.forget(request.user.pk, retiree.pk)
    request.session[REGISTERED] = checkin.pk
    return redirect("community:registered")


@staff_page
def registered(request: StaffRequest) -> HttpResponse:
    """The result: number, where it stands, what to print."""
    rows = lists.with_people(CheckIn.objects.all())
    with as_program("the clerk who registered reads the outcome, also of another community"):
        checkin = get_object_or_404(rows, pk=request.session.get(REGISTERED), created_by=request.user)
    return page(request, "registered.html", {"checkin": checkin})


@staff_page
def season(request: StaffRequest, token: str) -> HttpResponse:
    """登记季节性居住: the person lives here some months a year and stays checked in elsewhere."""
    retiree = _meant(token)
    form = SeasonForm(request.POST or None, auto_id="season_%s", initial={"from_month": 11, "to_month": 3})
    if request.method == "POST" and form.is_valid():
        actions.add_seasonal_stay(
            retiree.pk, by=request.user, community_id=request.acting.organisation.pk, **form.cleaned_data
        )
        messages.success(request, f"已登记 {retiree.name} 的季节性居住")
        return redirect("community:seasonal")
    context = {"form": form, "retiree": retiree, "back": reverse("community:register", args=[token])}
    return page(request, "season.html", context, status=422 if form.errors else 200)
