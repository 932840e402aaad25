"""One check-in, and every act of the desk it lies on: community, unit, street and bureau alike.

Which acts a page offers follows from the state and the desk; the action asks again whether it is allowed.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from checkin.record import actions, comparison, lists, notices, periods
from checkin.record.forms import staff as forms
from checkin.record.models import CheckIn, CheckInEvent, EndReason, State
from checkin.record.permissions import is_party, visible_to
from communities.calendar.periods import moment
from communities.divisions.matching import recommend
from communities.organisations.acting import Acting, StaffRequest, staff_page
from communities.organisations.models import Organisation
from members.people import looks

from .frame import offer_undo, page

HELD_SECONDS = 5 * 60
MOST_FOUND = 20

# The page ------------------------------------------------------------------------------------


@staff_page
def checkin(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one check-in, and what may be done with it here and now."""
    row = found(request, pk)
    looks.viewed(request, row.retiree)
    return show(request, row)


def found(request: StaffRequest, pk: int) -> CheckIn:
    """The check-in, if the user may see it; else 404."""
    rows = lists.with_people(visible_to(request.user)).select_related(
        "retiree__residence", "retiree__claimed_unit", "community__division", "unit", "area", "desk",
        "helper",
        "previous__community",
    )  # fmt: skip
    row = rows.filter(pk=pk).first()
    if row is None:
        looks.refused(request, CheckIn(pk=pk))
        raise Http404
    return row


def show(request: StaffRequest, row: CheckIn, *, status: int = 200, **forms_in_use: Any) -> HttpResponse:
    """The page of `row`; a form with errors takes the place of a fresh one."""
    acting = request.acting
    may = acts(request, row)
    missing = lists.missing_titles(row.retiree)
    context: dict[str, Any] = {
        "checkin": row,
        "retiree": row.retiree,
        "item": lists.item(row, timezone.localdate()),
        "compared": comparison.compared(row),
        "proposed": comparison.proposed(row.retiree, request.user, decided=True),
        "items": comparison.timeline(row),
        "may": may,
        "missing": missing,
        "held": _hold(request, row) if may.here else None,
        "text_preview": _text_of_return(row),
        "reveal_form": forms.RevealForm(auto_id="reveal_%s"),
    }
    version = {"version": row.version}
    fresh = {
        "confirm_form": lambda: forms.confirm_form(row, request.user.display_name, missing),
        "return_form": lambda: forms.ReturnForm(initial=version, auto_id="return_%s"),
        "verify_form": lambda: forms.VerifyForm(initial=version, auto_id="verify_%s"),
        "withdraw_form": lambda: forms.WithdrawForm(initial=version, auto_id="withdraw_%s"),
        "end_form": lambda: forms.EndForm(initial=version, auto_id="end_%s"),
    }
    context |= {name: forms_in_use.get(name) or make() for name, make in fresh.items()}
    context["has_errors"] = bool(forms_in_use)
    context["heading"] = f"{row.retiree.name} · {_title(acting, may)}"
    return page(request, "checkin.html", context, status=status)


def _title(acting: Acting, may: "Acts") -> str:
    if may.confirm:
        return "核对报到"
    return "核实身份" if may.verify else "报到情况"


@dataclass(frozen=True)
class Acts:
    """What the page offers. `here`: it lies on a desk of ours and is not our own."""

    here: bool
    party: bool
    verify: bool
    confirm: bool
    send: bool
    place: bool
    give_back: bool
    undo: bool
    end: bool

    @property
    def any(self) -> bool:
        return self.here or self.undo or self.end


def acts(request: StaffRequest, row: CheckIn) -> Acts:
    ours = {organisation.pk for organisation in request.acting.choices}
    party = is_party(request.user, row)
    here = row.desk_id in ours and not party
    received = row.state == State.CONFIRMED and row.community_id in ours and not party
    return Acts(
        here=here,
        party=party,
        verify=here and row.state == State.SUBMITTED,
        confirm=here and row.state == State.VERIFIED and row.community_id is not None,
        send=here and row.state == State.VERIFIED and row.community_id is not None,
        place=here and row.waits_for_place,
        give_back=here and row.state in (State.SUBMITTED, State.VERIFIED),
        undo=received
        and row.confirmed_at is not None
        and timezone.now() <= moment(periods.UNDO, row.confirmed_at),
        end=received,
    )


@dataclass(frozen=True)
class Holder:
    """A colleague who has the page open."""

    name: str
    minutes: int


def _hold(request: StaffRequest, row: CheckIn) -> Holder | None:
    """Mark the check-in as open at this clerk; who else has it open. Only a hint: the version decides."""
    key = f"checkin:open:{row.pk}"
    now = int(timezone.now().timestamp())
    try:
        mark = cache.get(key)
        if mark is None or mark[0] == request.user.pk:
            cache.set(
                key, (request.user.pk, request.user.display_name, mark[2] if mark else now), HELD_SECONDS
            )
            return None
    except RedisError:
        return None
    return Holder(name=mark[1], minutes=(now - mark[2]) // 60)


def _release(row: CheckIn) -> None:
    with suppress(RedisError):
        cache.delete(f"checkin:open:{row.pk}")


def _text_of_return(row: CheckIn) -> str:
    """What the text message of a return will say, word for word."""
    return notices.words_for_person(row, CheckInEvent(checkin=row, move=CheckInEvent.Move.RETURNED))


# The acts ------------------------------------------------------------------------------------


@staff_page
@require_POST
def confirm(request: StaffRequest, pk: int) -> HttpResponse:
    """确认报到, then on to the next one."""
    row = found(request, pk)
    form = forms.confirm_form(row, request.user.display_name, lists.missing_titles(row.retiree), request.POST)
    if not form.is_valid():
        return show(request, row, status=422, confirm_form=form)
    actions.confirm(pk, by=request.user, **form.cleaned_data)
    offer_undo(request, row)
    return _on(request, row)


@staff_page
@require_POST
def verify(request: StaffRequest, pk: int) -> HttpResponse:
    """是本单位."""
    row = found(request, pk)
    form = forms.VerifyForm(request.POST, auto_id="verify_%s")
    if not form.is_valid():
        return show(request, row, status=422, verify_form=form)
    actions.verify(pk, by=request.user, **form.cleaned_data)
    messages.success(request, f"已核实 {row.retiree.name}")
    return _on(request, row)


@staff_page
@require_POST
def give_back(request: StaffRequest, pk: int) -> HttpResponse:
    """退回补充, with a reason from the list and words."""
    row = found(request, pk)
    form = forms.ReturnForm(request.POST, auto_id="return_%s")
    if not form.is_valid():
        return show(request, row, status=422, return_form=form)
    actions.return_to_person(pk, by=request.user, **form.cleaned_data)
    messages.success(request, f"已请 {row.retiree.name} 补充")
    return _on(request, row)


@staff_page
@require_POST
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a request back for the person, who asked by phone or on paper."""
    row = found(request, pk)
    form = forms.WithdrawForm(request.POST, auto_id="withdraw_%s")
    if not form.is_valid():
        return show(request, row, status=422, withdraw_form=form)
    actions.withdraw(pk, by=request.user, **form.cleaned_data)
    messages.success(request, f"已替 {row.retiree.name} 撤回")
    return _on(request, row)


@staff_page
@require_POST
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """End a confirmed check-in because the person wants it, or for a reason in words."""
    row = found(request, pk)
    form = forms.EndForm(request.POST, auto_id="end_%s")
    if not form.is_valid():
        return show(request, row, status=422, end_form=form)
    reason = EndReason(form.cleaned_data.pop("reason"))
    actions.end(pk, by=request.user, reason=reason, **form.cleaned_data)
    messages.success(request, f"{row.retiree.name} 的报到已终止")
    return redirect(f"{request.acting.area}:checkin", pk)


@staff_page
@require_POST
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    """撤销: take the confirmation back."""
    row = found(request, pk)
    actions.undo_confirm(pk, by=request.user)
    messages.success(request, f"已撤销对 {row.retiree.name} 的确认")
    return redirect(f"{request.acting.area}:checkin", pk)


def _on(request: StaffRequest, row: CheckIn) -> HttpResponse:
    """To the next request of the same desk, most urgent first; at the end, to the first page."""
    _release(row)
    area = request.acting.area
    queue = (
        CheckIn.objects.at_desk(request.acting.organisation).exclude(state=State.RETURNED).exclude(pk=row.pk)
    )
    following = queue.first()
    if following is None:
        return redirect(f"{area}:home")
    return redirect(f"{area}:checkin", following.pk)


# To another community ------------------------------------------------------------


@staff_page
def send(request: StaffRequest, pk: int) -> HttpResponse:
    """不是本社区，转给… or, for somebody who asked for it, the community that was found (请社区帮我找)."""
    row = found(request, pk)
    if request.method == "POST":
        return _send(request, row)
    query = request.GET.get("q", "").strip()[: forms.LONGEST_QUERY]
    context = {
        "checkin": row,
        "retiree": row.retiree,
        "may": acts(request, row),
        "q": query,
        "recommended": [] if query else _recommended(row),
        "communities": search_communities(query, beside=row.community_id) if query else [],
        "heading": f"{row.retiree.name} · {'分到社区' if row.waits_for_place else '转到别的社区'}",
    }
    template = "staff/send.html#found" if request.htmx else "staff/send.html"
    return page(request, template, context)


def _recommended(row: CheckIn) -> "list[Choice]":
    """Where the address may lie: in the area the person named, or, when that was wrong, anywhere."""
    return recommended(row.address, row.area_id if row.waits_for_place else None, beside=row.community_id)


def _send(request: StaffRequest, row: CheckIn) -> HttpResponse:
    form = forms.SendForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请先选一个社区")
        return redirect(f"{request.acting.area}:send", row.pk)
    community = get_object_or_404(Organisation.objects.open(), pk=form.cleaned_data["community_id"])
    act = actions.place if row.waits_for_place else actions.forward
    act(row.pk, by=request.user, **form.cleaned_data)
    messages.success(request, f"已把 {row.retiree.name} 转到 {community.name}")
    return _on(request, row)


@dataclass(frozen=True)
class Choice:
    """A community to choose, with where it lies and why it is offered."""

    organisation: Organisation
    where: str
    reason: str = ""


def recommended(address: str, area: str | None, *, beside: int | None = None) -> list[Choice]:
    """The communities the address may lie in, best first; `area` narrows to its district."""
    suggestions = recommend(address, district=area) if address else []
    places = {s.community.pk: s for s in suggestions}
    rows = Organisation.objects.open().filter(kind=Organisation.Kind.COMMUNITY, division__in=places)
    by_place = {
        o.division_id: o for o in rows.exclude(pk=beside or 0).select_related("division__parent__parent")
    }
    return [
        Choice(by_place[code], where_is(by_place[code]), s.reason)
        for code, s in places.items()
        if code in by_place
    ]


def search_communities(query: str, *, beside: int | None = None) -> list[Choice]:
    """Open communities whose name, street or district holds the words; at most MOST_FOUND."""
    rows = Organisation.objects.open().filter(kind=Organisation.Kind.COMMUNITY).exclude(pk=beside or 0)
    for word in query.split():
        rows = rows.filter(name__contains=word) | rows.filter(division__parent__name__contains=word)
    rows = rows.select_related("division__parent__parent").order_by("division_id")[:MOST_FOUND]
    return [Choice(o, where_is(o)) for o in rows]


def where_is(organisation: Organisation) -> str:
    """District and street of a community, in words."""
    street = organisation.division.parent if organisation.division else None
    if street is None:
        return ""
    return f"{street.parent.name if street.parent else ''}{street.name}"
