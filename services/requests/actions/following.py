"""What becomes of requests when something else happens to the person or to an organisation (rules Q9).

Called by registries of the rooms below, in the transaction of the act, with the people locked.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from checkin.proposals.owners import community_of
from communities.notices.actions import post_each
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.people.registry import Change
from members.units.actions import bureau_for
from members.units.models import UnitMembership, UnitReorganisation

from .. import desks, notices
from ..models import Request, RequestWords
from .steps import WHY, Move, State, begin, open_of, set_dates, write

Kind = Organisation.Kind
MOVES_HOME = frozenset(["residence_id", "is_restricted"])


@as_program(WHY)
def close_at_death(retiree: Retiree, died_on: date, by: User) -> None:
    """Nobody waits for an answer any more: what is open is closed by the program, and the desk is told."""
    for request in open_of(retiree):
        request.move_to(State.CLOSED)
        request.closed_at, request.why_closed = timezone.now(), Request.Why.DIED
        write(
            request,
            Move.CLOSED,
            by=User.objects.system(),
            fields=["state", "closed_at", "why_closed"],
            after={"why": "died"},
        )
        notices.over(request)


@as_program(WHY)
def reopen_after_death(retiree: Retiree, by: User) -> None:
    """恢复在世: what the death closed is open again with a new day, on the desk it lay on."""
    rows = Request.objects.select_related("preset", "desk").filter(retiree=retiree)
    for request in rows.filter(why_closed=Request.Why.DIED).order_by("pk"):
        request.retiree = retiree
        begun = request.events.filter(move__in=(Move.BEGUN, Move.REOPENED)).exists()
        request.state = State.WORKING if begun else State.NEW
        request.closed_at, request.why_closed = None, ""
        set_dates(request, timezone.now())
        write(
            request,
            Move.RESTORED,
            by=by,
            fields=[
                "state",
                "closed_at",
                "why_closed",
                "due_on",
                "bureau_on",
                "dates_provisional",
                "escalation",
            ],
        )
        notices.arrived(request, again=True)


@as_program(WHY)
def follow_change(retiree: Retiree, names: frozenset[str], by: User) -> None:
    """The person moved house: what the old community has not begun goes to the new one; what is begun stays.

    Whoever becomes restricted (限制查看) is the bureau's business: all of it goes there.
    """
    if not names & MOVES_HOME:
        return
    for request in open_of(retiree):
        if retiree.is_restricted:
            if request.desk.kind != Kind.BUREAU:
                _redesk(request, bureau_for(desks.place_of(retiree)), by=by)
        elif request.state == State.NEW and request.desk.kind == Kind.COMMUNITY:
            _redesk(request, community_of(retiree) or bureau_for(desks.place_of(retiree)), by=by)


@as_program(WHY)
def follow_joined(retiree: Retiree, membership: UnitMembership, left: int | None, by: User) -> None:
    """The person has another unit: what lay on the old one's desk lies there now."""
    for request in open_of(retiree):
        if left is not None and request.desk_id == left:
            to = membership.unit if membership.unit.kind == Kind.UNIT else community_of(retiree)
            _redesk(request, to or bureau_for(desks.place_of(retiree)), by=by)


@as_program(WHY)
def follow_moved_people(reorganisation: UnitReorganisation, by: User, back: bool) -> dict[str, int]:
    """Many people changed their unit: what lay on its desk goes with them; one notice a desk.

    To a unit outside nothing goes: that is the community's, person by person. Few requests lie with units.
    """
    left, reached = ("target", "source") if back else ("source", "target")
    row = reorganisation.moved().filter(retiree=OuterRef("retiree_id"))
    rows = Request.objects.open().annotate(
        old=Subquery(row.values(left)[:1]), new=Subquery(row.values(reached)[:1])
    )
    going = dict(rows.filter(desk_id=F("old")).order_by("pk").values_list("pk", "new"))
    units = Organisation.objects.filter(kind=Kind.UNIT).in_bulk(set(going.values()))
    told: Counter[int] = Counter()
    for pk, unit in going.items():
        request = begin(pk)
        if unit not in units:
            home = community_of(request.retiree) if request.retiree is not None else None
            _redesk(request, home or bureau_for(request.area_id), by=by)
            continue
        before, request.desk = request.desk_id, units[unit]
        write(request, Move.REDIRECTED, by=by, fields=["desk"], before={"desk": before}, after={"desk": unit})
        told[unit] += 1
    post_each(
        {unit: f"单位撤并，转来 {count} 件需求，请答复。" for unit, count in told.items()},
        key=f"requests-reorganisation-{reorganisation.pk}-{'undone' if back else 'done'}",
        kind="request.arrived",
        link="page:requests/",
    )
    return {"requests": len(going)}


@as_program(WHY)
def follow_closed(organisation: Organisation, successor: Organisation | None, on: date, by: User) -> None:
    """An organisation closed: what lay on its desk goes to the successor, else to where it would go today."""
    rows = Request.objects.open().filter(desk=organisation).order_by("retiree_id", "pk")
    for pk in list(rows.values_list("pk", flat=True)):
        request = begin(pk)
        if successor is not None and successor.kind in (*Organisation.PLACE_KINDS, Kind.UNIT):
            to = successor
        elif request.retiree is not None:
            to = community_of(request.retiree) or bureau_for(request.area_id)
        else:
            to = bureau_for(request.area_id)
        _redesk(request, to, by=by)


def _redesk(request: Request, to: Organisation, *, by: User) -> None:
    """Lay an open request on another desk, which is told. The day stays."""
    if to.pk == request.desk_id:
        return
    if request.is_private and to.kind == Kind.UNIT:
        to = bureau_for(request.area_id)
    before = request.desk_id
    request.desk = to
    write(request, Move.REDIRECTED, by=by, fields=["desk"], before={"desk": before}, after={"desk": to.pk})
    notices.arrived(request)


def plan_merge(kept: Retiree, other: Retiree) -> list[Change]:
    """Every request goes over to the row that stays; none is lost and none is closed by it."""
    rows = Request.objects.filter(retiree=other).order_by("pk")
    return [Change(row, {"retiree_id": kept.pk}, "需求转到保留的一份。") for row in rows]


@as_program(WHY)
@transaction.atomic
def reschedule_year(year: int, by: User) -> int:
    """The holidays of `year` were announced: work out provisional days again. Returns how many changed."""
    changed = 0
    rows = Request.objects.open().filter(dates_provisional=True).order_by("retiree_id", "pk")
    for pk in list(rows.values_list("pk", flat=True)):
        request = begin(pk)
        if not request.is_open:
            continue
        before, told = str(request.due_on), request.escalation
        again = request.events.filter(move__in=(Move.RECEIVED, Move.REOPENED, Move.RESTORED)).latest("pk")
        set_dates(request, again.at)
        request.escalation = told
        request.save(update_fields=["due_on", "bureau_on", "dates_provisional"])
        if before != str(request.due_on):
            write(
                request,
                Move.RESCHEDULED,
                by=by,
                before={"due_on": before},
                after={"due_on": str(request.due_on)},
            )
            changed += 1
    return changed


@as_program("what is erased of a person is erased whoever asks")
@transaction.atomic
def forget(retiree_id: int) -> int:
    """Erase what was said in a person's requests; that there were requests, and their figures, stay.

    Returns how many texts went. The caller has locked the person. Repeating it changes nothing.
    """
    gone = RequestWords.objects.filter(request__retiree=retiree_id).delete()[0]
    Request.objects.filter(retiree=retiree_id).update(provider="", form_key=None)
    return gone


def people_of_units(unit_ids: Collection[int]) -> QuerySet[Request, int | None]:
    """Whose open requests lie on the desk of one of the units: they are locked before the units are."""
    rows = Request.objects.open().filter(desk__in=unit_ids, retiree__isnull=False)
    return rows.values_list("retiree_id", flat=True)
