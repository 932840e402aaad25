"""What follows for check-ins when a reorganisation gives many people another unit: a few statements for all."""

from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import JSONObject, Now

from checkin.record import notices
from checkin.record.models import CheckIn, CheckInEvent, CheckInQuerySet, State
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.setwise import insert_from
from members.units.actions import overseer_of
from members.units.models import UnitMembership, UnitReorganisation

from .steps import Move, begin, finish, office_of

Kind = Organisation.Kind


def follow_moved_people(reorganisation: UnitReorganisation, by: User, back: bool) -> dict[str, int]:
    """Open requests of people who changed their unit go with them; confirmed records keep the unit they had.

    Communities get one notice each. `back`: the reorganisation is taken back. Called inside its transaction,
    with the people locked and in their new unit. Source: docs/rules.md, C29.
    """
    left, reached = ("target", "source") if back else ("source", "target")
    found = _waiting(reorganisation, left, reached)
    units = Organisation.objects.filter(pk__in={pk for row in found for pk in row[1:]})
    words = f"单位{reorganisation.get_kind_display()}{'撤回' if back else ''}，改由现管单位办理"
    if units.filter(kind=Kind.EXTERNAL_UNIT).exists():
        figures = _one_by_one(found, words, by=by)
    else:
        rows = CheckIn.objects.filter(pk__in=[pk for pk, _, _ in found])
        figures = _all_at_once(_with_units(rows, reorganisation, left, reached), words, by=by)
    if back:
        _claimants_back(reorganisation, words, by=by)
    told = _people_of_communities(reorganisation.moved().values("retiree"))
    notices.tell_communities(reorganisation, told, back=back)
    return {**figures, "communities": len(told)}


def count_for_units(reorganisation: UnitReorganisation) -> dict[str, int]:
    """For the preview: open requests, those on the desk of an old unit, communities that would be told."""
    people = UnitMembership.objects.leaving(reorganisation).values("retiree")
    waiting = CheckIn.objects.open().filter(retiree__in=people, unit__in=reorganisation.sources.values("pk"))
    return {
        "checkins": waiting.count(),
        "desk": CheckIn.objects.filter(
            retiree__in=people, desk__in=reorganisation.sources.values("pk"), state__in=CheckIn.AT_DESK
        ).count(),
        "communities": len(_people_of_communities(people)),
    }


def decided_since(reorganisation: UnitReorganisation) -> str:
    """Requests that were verified or confirmed under the new unit: that cannot be taken back."""
    decided = CheckIn.objects.filter(
        Q(verified_at__gt=reorganisation.done_at) | Q(confirmed_at__gt=reorganisation.done_at),
        retiree__in=reorganisation.moved().values("retiree"),
        unit__in=reorganisation.moved().values("target"),
    ).count()
    return f"有 {decided} 件报到已经在新单位名下核实或确认" if decided else ""


def _waiting(reorganisation: UnitReorganisation, left: str, reached: str) -> list[tuple[int, int, int]]:
    """Open requests that name the unit left or lie on its desk, each with the old and the new unit."""
    rows = _with_units(CheckIn.objects.open(), reorganisation, left, reached)
    rows = rows.filter(retiree__in=reorganisation.moved().values("retiree"))
    rows = rows.filter(Q(unit_id=F("old")) | Q(desk_id=F("old"))).order_by("retiree_id")
    return list(rows.values_list("pk", "old", "new"))


def _with_units(
    checkins: CheckInQuerySet, reorganisation: UnitReorganisation, left: str, reached: str
) -> QuerySet[Any, Any]:
    """`old` and `new`: the unit the person left and the one reached."""
    row = reorganisation.moved().filter(retiree=OuterRef("retiree_id"))
    return checkins.annotate(
        old=Subquery(row.values(left)[:1]),
        new=Subquery(row.values(reached)[:1]),
        old_kind=Subquery(row.values(f"{left}__kind")[:1]),
    )


# Where the desk is the managing unit's, in the words of desks.next_desk. A bureau has desks of other sorts too.
_UNITS_DESK = Q(retiree__is_restricted=False) & (
    Q(state=State.SUBMITTED)
    | Q(state=State.VERIFIED, community__kind=Kind.EXTERNAL_COMMUNITY)
    | Q(state=State.VERIFIED, community=None, area=None)
    | Q(state=State.RETURNED, old_kind=Kind.UNIT)
)


def _all_at_once(rows: QuerySet[Any, Any], words: str, *, by: User) -> dict[str, int]:
    """Event and audit entry for each, then units and desks. Dates stay: the clock does not begin again."""
    role, organisation = office_of(by)
    key = BigIntegerField()
    office = Value(organisation.pk if organisation else None, key)
    desks = list(rows.filter(_UNITS_DESK, desk_id=F("old")).values_list("pk", flat=True))
    event: dict[str, Any] = {
        "checkin": F("pk"),
        "move": Value(str(Move.REDIRECTED)),
        "from_state": F("state"),
        "to_state": F("state"),
        "at": Now(),
        "actor": Value(by.pk),
        "actor_name": Value(by.display_name[:60]),
        "role": Value(role[:40]),
        "organisation": office,
        "reason": Value(""),
        "words": Value(words[:300]),
        "before": JSONObject(unit=F("old")),
        "after": JSONObject(unit=F("new"), told=Value(False, BooleanField())),
    }
    named = {f"event_{name}": value for name, value in event.items()}
    insert_from(CheckInEvent, list(event), rows.annotate(**named).order_by().values_list(*named))
    entries = rows.annotate(
        entry_target=F("pk"),
        entry_organisation=office,
        entry_before=JSONObject(state=F("state"), unit=F("old")),
        entry_after=JSONObject(state=F("state"), unit=F("new")),
    )
    audit.record_from(f"checkin.{Move.REDIRECTED}", CheckIn, entries, by=by, note=words[:200])
    moved = rows.update(
        version=F("version") + 1,
        unit=Case(When(unit_id=F("old"), then=F("new")), default=F("unit_id"), output_field=key),
        desk=Case(When(pk__in=desks, then=F("new")), default=F("desk_id"), output_field=key),
    )
    return {"checkins": moved, "desk": len(desks)}


def _one_by_one(found: list[tuple[int, int, int]], words: str, *, by: User) -> dict[str, int]:
    """Where a unit outside the system is left or reached, the desk depends on each request (C8): few people."""
    units = Organisation.objects.select_related("division", "parent").in_bulk(
        {pk for row in found for pk in row[1:]}
    )
    desks = 0
    for pk, old, new in found:
        checkin = begin(pk)
        desk_before = checkin.desk_id
        if checkin.unit_id == old:
            checkin.unit = units[new]
        if checkin.desk_id == old and units[old].kind == Kind.UNIT:
            checkin.desk = overseer_of(units[new]) if units[new].is_external else units[new]
        finish(checkin, Move.REDIRECTED, by=by, from_state=checkin.state, words=words, tell=False)
        desks += checkin.desk_id != desk_before
    return {"checkins": len(found), "desk": desks}


def _claimants_back(reorganisation: UnitReorganisation, words: str, *, by: User) -> None:
    """Requests of people who only say to be of a unit that is open again: few, as in follow_closed_unit."""
    people = [person for person, _ in reorganisation.kept["claimants"]]
    rows = CheckIn.objects.open().filter(retiree__in=people).exclude(unit=F("retiree__claimed_unit"))
    for pk in list(rows.order_by("retiree_id").values_list("pk", flat=True)):
        checkin = begin(pk)
        checkin.unit = checkin.retiree.claimed_unit
        finish(checkin, Move.REDIRECTED, by=by, from_state=checkin.state, words=words, tell=False)


def _people_of_communities(people: QuerySet[Any, Any]) -> dict[int, int]:
    """How many of `people` each community looks after, or is asked to. Restricted people are no business of one."""
    present = CheckIn.objects.filter(
        retiree__in=people,
        retiree__is_restricted=False,
        state__in=(*CheckIn.AT_DESK, State.CONFIRMED),
        community__kind=Kind.COMMUNITY,
        community__closed_on=None,
    )
    return dict(present.order_by().values_list("community").annotate(n=Count("retiree", distinct=True)))
