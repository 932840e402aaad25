"""An independent count: what everybody was in a month, in plain Python from rows, intervals and events."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from checkin.record.models import CheckIn, CheckInEvent
from checkin.statistics.months import Month
from communities.calendar.periods import Clock
from communities.organisations.models import Organisation
from huifeng.codes import labels
from members.party.models import PartyAffiliation
from members.people.models import Retiree
from members.units.models import UnitMembership

CITY = "370200000000"
AT_DESK = {"submitted", "verified", "returned"}
PERIOD = {"submitted": "unit_verify", "verified": "community_confirm", "returned": "person_amend"}
CLOCK = {"submitted", "resubmitted", "auto_verified", "verified", "returned", "placed", "forwarded"}


@dataclass
class World:
    """Everything a count needs, read once."""

    people: list[Retiree]
    checkins: dict[int, list[CheckIn]]
    events: dict[int, list[CheckInEvent]]
    memberships: dict[int, list[UnitMembership]]
    affiliations: dict[int, list[PartyAffiliation]]
    organisations: dict[int, Organisation]
    clock: Clock


def read() -> World:
    checkins, events = defaultdict(list), defaultdict(list)
    memberships, affiliations = defaultdict(list), defaultdict(list)
    for checkin in CheckIn.objects.order_by("pk"):
        checkins[checkin.retiree_id].append(checkin)
    for event in CheckInEvent.objects.order_by("pk"):
        events[event.checkin_id].append(event)
    for membership in UnitMembership.objects.all():
        memberships[membership.retiree_id].append(membership)
    for affiliation in PartyAffiliation.objects.select_related("organisation__host"):
        affiliations[affiliation.retiree_id].append(affiliation)
    organisations = {row.pk: row for row in Organisation.objects.select_related("parent")}
    return World(
        list(Retiree.objects.all()), checkins, events, memberships, affiliations, organisations, Clock()
    )


def count(world: World, month: Month) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], set[int]]]:
    """Figures and people by (measure, place), for a month after no closed one."""
    figures: Counter[tuple[str, str]] = Counter()
    people: dict[tuple[str, str], set[int]] = defaultdict(set)
    for person in world.people:
        for key, place in _counts(world, person, month):
            figures[key, place] += 1
            people[key, place].add(person.pk)
    return figures, people


def _in_force(world: World, person: Retiree, at: datetime) -> CheckIn | None:
    found = [
        checkin
        for checkin in world.checkins[person.pk]
        if checkin.confirmed_at is not None
        and checkin.confirmed_at < at
        and (checkin.ended_at is None or checkin.ended_at >= at)
    ]
    return found[-1] if found else None


def _counts(world: World, person: Retiree, month: Month) -> list[tuple[str, str]]:
    as_of = month.as_of
    if not person.statistics_flag or person.merged_into_id is not None:
        return []
    if person.died_on is not None and person.died_on < month.first:
        return []
    opening = _in_force(world, person, month.start)
    closing = _in_force(world, person, month.end)
    dead = person.died_on is not None and person.died_on <= as_of
    within = [
        checkin
        for checkin in world.checkins[person.pk]
        if checkin.confirmed_at is not None
        and checkin.confirmed_at < month.end
        and (checkin.ended_at is None or checkin.ended_at >= month.start)
    ]
    link = closing or (within[-1] if within else None)
    known = person.retired_on or str(timezone.localdate(person.created_at))
    if link is None and known > str(as_of):
        return []
    now = None if dead else closing
    unit = _unit(world, person, link, as_of)
    seat = f"{unit.division_id[:6]}000000" if unit is not None and unit.division_id else None

    def place_of(checkin: CheckIn) -> str:
        return world.organisations[checkin.community_id].division_id or seat or CITY

    place = place_of(link) if link is not None else person.residence_id or seat or CITY
    counts = [("deaths", place)] if dead else []
    if not dead:
        counts += _stock(world, person, month, now, unit, place)
    if opening is not None:
        counts.append(("opening", place_of(opening)))
    counts += _flow(world, person, month, opening, now, link, dead, place_of)
    return counts


def _unit(world: World, person: Retiree, link: CheckIn | None, day: date) -> Organisation | None:
    for membership in world.memberships[person.pk]:
        if membership.valid_from <= day and (membership.valid_until is None or membership.valid_until > day):
            return world.organisations[membership.unit_id]
    pk = (link.unit_id if link is not None else None) or person.claimed_unit_id
    return world.organisations[pk] if pk else None


def _flow(
    world: World,
    person: Retiree,
    month: Month,
    opening: CheckIn | None,
    now: CheckIn | None,
    link: CheckIn | None,
    dead: bool,
    place_of: Any,
) -> list[tuple[str, str]]:
    passed = opening is None and now is None and link is not None and link.confirmed_at >= month.start
    found = []
    if (opening is None and now is not None) or passed:
        place = place_of(link)
        found.append(("new", place))
        channel = {"online": "new_online", "family": "new_family", "ceremony": "new_ceremony"}
        found.append((channel.get(link.channel, "new_counter"), place))
        confirmed = timezone.localdate(link.confirmed_at)
        if confirmed <= world.clock.deadline("community_confirm", link.clock_started_at).day:
            found.append(("on_time", place))
    if opening is not None and now is not None and place_of(opening) != place_of(now):
        found += [("moved_out", place_of(opening)), ("moved_in", place_of(now))]
    if (opening is not None and now is None) or passed:
        found.append(("died_in" if dead else "withdrawn", place_of(opening or link)))
    return found


def _stock(
    world: World, person: Retiree, month: Month, now: CheckIn | None, unit: Organisation | None, place: str
) -> list[tuple[str, str]]:
    age = person.age(month.last)
    level = _level(unit)
    enterprise = unit is not None and unit.nature == "enterprise"
    flags = {
        "total": True,
        "lixiu": person.kind == "lixiu",
        "tuixiu": person.kind == "tuixiu",
        "kind_unknown": not person.kind,
        "male": person.sex == "M",
        "female": person.sex == "F",
        "sex_unknown": not person.sex,
        "expected": not person.elsewhere or now is not None,
        "not_checked_in": not person.elsewhere and now is None,
        "elsewhere": bool(person.elsewhere),
        "elsewhere_province": person.elsewhere == "province",
        "elsewhere_outside": person.elsewhere == "outside",
        "resettled": bool(person.resettled_on),
        "retired_now": person.retired_on[:7] == str(month),
        **_branches(world, person, month),
    }
    group = labels.roll_up("rank", person.rank)
    if now is not None:
        flags |= {
            "checked_in": True,
            "in_lixiu": person.kind == "lixiu",
            "in_tuixiu": person.kind == "tuixiu",
            "in_male": person.sex == "M",
            "in_female": person.sex == "F",
            "in_sex_unknown": not person.sex,
            "from_outside": level == "outside",
            "before_scheme": person.retired_before_scheme,
            "age_unknown": age is None,
            "age_under_60": age is not None and age < 60,
            "age_60": age is not None and 60 <= age <= 69,
            "age_70": age is not None and 70 <= age <= 79,
            "age_80": age is not None and 80 <= age <= 89,
            "age_90": age is not None and age >= 90,
            **{f"rank_{name}": group == name for name in ("ministry", "bureau", "county", "section")},
            "rank_unknown": not group,
            "unit_city": level == "city" and not enterprise,
            "unit_district": level == "district" and not enterprise,
            "unit_enterprise": level in ("city", "district") and enterprise,
            "unit_unknown": not level,
            "party": person.political_status in ("cpc", "cpc_probationary"),
        }
    counts = [(key, place) for key, holds in flags.items() if holds]
    return counts + _asked(world, person, month)


def _level(unit: Organisation | None) -> str:
    if unit is None:
        return ""
    if unit.kind == Organisation.Kind.EXTERNAL_UNIT:
        return "outside"
    parent = unit.parent
    over = parent if parent is not None and parent.kind == Organisation.Kind.BUREAU else unit
    return "city" if over.division_id[4:] == "00000000" else "district"


def _branches(world: World, person: Retiree, month: Month) -> dict[str, bool]:
    theirs = [
        row
        for row in world.affiliations[person.pk]
        if row.valid_from <= month.as_of
        and (row.valid_until is None or row.valid_until > month.as_of)
        and row.organisation.host.kind == Organisation.Kind.COMMUNITY
    ]
    came = any(row.kind == "formal" and row.valid_from >= month.first for row in theirs)
    return {"in_branch": bool(theirs), "joined_branch": came}


def _asked(world: World, person: Retiree, month: Month) -> list[tuple[str, str]]:
    for checkin in world.checkins[person.pk]:
        every = world.events[checkin.pk]
        before = [event for event in every if event.at < month.end]
        if not before or before[-1].to_state not in AT_DESK:
            continue
        state, is_newest = before[-1].to_state, len(before) == len(every)
        if is_newest:
            community = checkin.community_id
        else:
            community = next((e.after["community"] for e in reversed(before) if "community" in e.after), None)
        code = world.organisations[community].division_id if community else None
        if code is None:
            was_there = is_newest or checkin.community_id is None
            code = checkin.area_id if was_there else f"{checkin.area_id[:6]}000000"
        started = next(event.at for event in reversed(before) if event.move in CLOCK)
        due = checkin.due_on if is_newest else world.clock.deadline(PERIOD[state], started).day
        part = {"submitted": "pending_unit", "verified": "pending_community", "returned": "returned"}[state]
        return [("pending", code), (part, code)] + ([("overdue", code)] if due < month.as_of else [])
    return []
