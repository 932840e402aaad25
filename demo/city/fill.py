"""Puts the city together: makes every row, then writes them all in one transaction."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models, transaction

from checkin.record.models import Ceremony, CheckIn, CheckInEvent, NumberSeries
from communities.divisions.models import Division, NamedPlace
from communities.notices.models import Notice
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.texts.models import Text
from members.party.models import PartyAffiliation, PartyOrganisation
from members.people.models import Death, Helper, Retiree
from members.units.models import UnitMembership

from . import party, ready, rosters, units
from .ceremonies import Ceremonies
from .chance import stream
from .days import Days
from .deaths import Deaths
from .families import Families
from .history import History
from .people import Maker, Person
from .places import FIRST_DEMO_COMMUNITY, SECOND_DEMO_COMMUNITY, Home, describe_places
from .plans import Plans
from .staff import appoint
from .store import Store
from .waiting import Waiting

# What is pointed to comes first.
ORDER: list[type[models.Model]] = [
    NamedPlace, User, Organisation, Assignment, Retiree, Helper, Death, UnitMembership, PartyOrganisation,
    PartyAffiliation, Ceremony, CheckIn, CheckInEvent, NumberSeries, Notice, Text, AuditEntry,
]  # fmt: skip
LOGINS = {
    "community": "shequ",
    "community_2": "shequb",
    "unit": "danwei",
    "street": "jiedao",
    "district": "quju",
    "bureau": "shiju",
}


@dataclass
class City:
    """A city in memory, ready to be written."""

    store: Store
    accounts: list[dict[str, Any]]
    contacts: dict[int, dict[str, str]]
    homes: list[Home]

    def write(self, say: Callable[[str], None]) -> None:
        """COPY everything; the offices of places that are there already are told how they are reached."""
        with transaction.atomic():
            self.store.write(ORDER, say)
            rows = [
                (pk, known["phone"], known["contact"], known["hours"], known.get("address", ""))
                for pk, known in self.contacts.items()
            ]
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE communities_organisations_organisation o"
                    " SET phone = n.phone, contact = n.contact, hours = n.hours, address = n.address"
                    " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])"
                    " AS n (id, phone, contact, hours, address) WHERE o.id = n.id",
                    [list(column) for column in zip(*rows, strict=True)],
                )


class Timer:
    """Says what was done and how long it took."""

    def __init__(self, say: Callable[[str], None]):
        self.say, self.last = say, time.monotonic()

    def __call__(self, what: str) -> None:
        now = time.monotonic()
        self.say(f"{what} ({now - self.last:.1f} s)")
        self.last = now


def make_city(
    members: int, *, seed: int, today: date, say: Callable[[str], None], store: Store | None = None
) -> City:
    """Everything in memory, from places and codes that are loaded. The same for the same arguments."""
    done = Timer(say)
    store, days = store or Store(), Days(today)
    homes = describe_places(seed, store)
    offices = list(
        Organisation.objects.open()
        .filter(kind__in=Organisation.PLACE_KINDS)
        .select_related("division", "parent__parent")
        .order_by("code", "kind")
    )
    overseers = {o.area: o for o in offices if o.kind != Organisation.Kind.COMMUNITY}
    bureaus = {area: o for area, o in overseers.items() if o.kind == Organisation.Kind.BUREAU}
    by_pk = {o.pk: o for o in offices}
    for o in offices:  # one object an organisation, so that what is set on one is seen everywhere
        o.parent = by_pk.get(o.parent_id or 0)
    for home in homes.all:
        home.organisation = by_pk[home.organisation.pk]
    work = units.found_units(seed, days, store, bureaus)
    done(
        f"{len(homes.all)} communities, {len(store.of(NamedPlace))} named places,"
        f" {len(store.of(Organisation))} units"
    )

    first, second = homes.by_code[FIRST_DEMO_COMMUNITY], homes.by_code[SECOND_DEMO_COMMUNITY]
    street, district, city = first.organisation.parent, bureaus[FIRST_DEMO_COMMUNITY[:6]], bureaus["3702"]
    assert street is not None
    demo_offices = {
        "community": first.organisation,
        "community_2": second.organisation,
        "unit": work.demo,
        "street": street,
        "district": district,
        "bureau": city,
    }
    staff, contacts = appoint(
        seed,
        days,
        store,
        offices,
        [*work.open, work.merged, work.dissolved],
        {organisation.pk for role, organisation in demo_offices.items() if role in ("community", "unit")},
        {organisation.pk: LOGINS[role] for role, organisation in demo_offices.items()},
    )
    _reach(contacts, homes.all, offices, work, seed)
    done(f"{len(store.of(User))} staff")

    maker = Maker(seed, days, store, homes, work, bureaus)
    chosen = ready.make_people(maker, first, work.demo)
    crowds = _demo_crowds(maker, members - len(chosen), first, second, work.demo)
    rest = maker.crowd(max(members - len(chosen) - sum(len(crowd) for crowd in crowds), 0))
    people: list[Person] = [*chosen.values(), *(person for crowd in crowds for person in crowd), *rest]
    done(f"{len(people)} people")

    history = History(stream(seed, "history"), days, store, staff, overseers)
    families = Families(stream(seed, "families"), store, maker.registry)
    stories = Waiting(stream(seed, "stories"), days, history, families, homes)
    stories.elsewhere = work.external_communities
    ceremonies = Ceremonies(stories, history)
    plans = Plans(stories, Deaths(stories, history), ceremonies)
    helper = ready.give_stories(chosen, stories, families)
    plans.programme(crowds[0], open_cases=max(16, min(24, members // 1500)))
    plans.programme(crowds[1], open_cases=max(6, min(17, members // 2500)))
    for place, person in enumerate(crowds[2]):
        stories.waiting_for_place(person, 1 + place % 6, with_district=place % 3 == 2)
    for place, person in enumerate(crowds[3]):
        stories.at_unit(person, 1 + place % 5)
    plans.everybody(rest)
    ceremonies.hold()
    done(f"{len(history.steps)} steps planned")
    history.run()
    latest = {row.pk: row for row in store.of(CheckIn)}
    for row in latest.values():
        history.remind_row(row)
    done(f"{len(latest)} check-ins, {len(store.of(CheckInEvent))} events, {len(store.of(Notice))} notices")
    rosters.enrol(store, people, days.launch, staff.system)
    party.organise(seed, days, store, homes, people, history.in_force)
    done(f"{len(store.of(PartyAffiliation))} Party relations")
    notes = {
        "community": ("community", 0, "有待办的社区"),
        "unit": ("unit", 0, "演示单位"),
        "street": ("street", 0, "替人找社区，看所辖各社区"),
        "district": ("district", 0, "区委老干部局"),
        "bureau": ("bureau", 0, "市委老干部局"),
        "community_clerk": ("community", 1, "同一社区的另一位，可试两人同时办一件"),
        "community_2": ("community_2", 0, "隔壁社区，可试转社区"),
        "unit_clerk": ("unit", 1, "同一单位的另一位"),
    }
    listed = [(role, demo_offices[key], number, note) for role, (key, number, note) in notes.items()]
    return City(store, ready.accounts(chosen, helper, staff, listed), contacts, homes.all)


def _demo_crowds(
    maker: Maker, room: int, first: Home, second: Home, unit: Organisation
) -> tuple[list[Person], list[Person], list[Person], list[Person]]:
    """People of both demo communities, of their street without a community, and of the demo unit."""
    sizes = (max(44, min(200, room // 200)), max(24, min(120, room // 330)), 6, 6)
    if sum(sizes) > room:
        sizes = (max(0, room - 4), 2, 1, 1) if room >= 4 else (room, 0, 0, 0)
    chance = maker.chance
    of_first = [maker.person(home=first, unit=unit if n % 5 < 2 else None) for n in range(sizes[0])]
    of_second = [maker.person(home=second, unit=unit if n % 4 == 0 else None) for n in range(sizes[1])]
    street = maker.homes.by_street[first.division.code[:9]]
    lost = [maker.person(home=chance.choice(street), unit=unit, complete=True) for _ in range(sizes[2])]
    ours = [maker.person(home=maker.homes.draw(chance), unit=unit, complete=True) for _ in range(sizes[3])]
    return of_first, of_second, lost, ours


def _reach(
    contacts: dict[int, dict[str, str]],
    homes: list[Home],
    offices: list[Organisation],
    work: units.Units,
    seed: int,
) -> None:
    """Addresses of offices; how new units are reached goes on their rows, which are not written yet."""
    chance = stream(seed, "offices")
    by_pk = {home.organisation.pk: home for home in homes}
    for organisation in offices:
        known = contacts[organisation.pk]
        home = by_pk.get(organisation.pk)
        assert organisation.division is not None
        if home is not None and home.stretches:
            stretch = chance.choice(home.stretches)
            known["address"] = f"{home.district}{stretch.name}{stretch.number_from}号"
        elif home is not None:
            known["address"] = f"{home.district}{home.street}{home.division.short_name}村委会院内"
        else:
            known["address"] = f"{organisation.division.name}政务服务中心三楼"
        for name, value in known.items():
            setattr(organisation, name, value)
    for unit in [*work.open, work.merged, work.dissolved]:
        assert unit.division is not None
        known = contacts.pop(unit.pk)
        known["contact"] = known["contact"] or "离退休干部科"
        unit.address = f"{unit.division.name}机关路{chance.randrange(1, 160)}号"
        for name, value in known.items():
            setattr(unit, name, value)


def counts() -> dict[str, int]:
    """How much there is, from the database."""
    kinds = Counter(dict(Organisation.objects.values_list("kind").annotate(n=models.Count("pk")).order_by()))
    states = Counter(dict(CheckIn.objects.values_list("state").annotate(n=models.Count("pk")).order_by()))
    return {
        "retirees": Retiree.objects.count(),
        "checkins": sum(states.values()),
        "communities": kinds[Organisation.Kind.COMMUNITY],
        "units": kinds[Organisation.Kind.UNIT] + kinds[Organisation.Kind.EXTERNAL_UNIT],
        "streets": kinds[Organisation.Kind.STREET],
        "bureaus": kinds[Organisation.Kind.BUREAU],
        "organisations": sum(kinds.values()),
        "divisions": Division.objects.count(),
        "places": NamedPlace.objects.count(),
        "users": User.objects.count(),
        "helpers": Helper.objects.count(),
        "deaths": Death.objects.count(),
        "ceremonies": Ceremony.objects.count(),
        "party_organisations": PartyOrganisation.objects.count(),
        "affiliations": PartyAffiliation.objects.count(),
        "events": CheckInEvent.objects.count(),
        "notices": Notice.objects.count(),
        "texts": Text.objects.count(),
        "audit_entries": AuditEntry.objects.count(),
        "confirmed": states["confirmed"],
        "open_cases": sum(states[state] for state in CheckIn.AT_DESK),
        **{f"checkins_{state}": states[state] for state in CheckIn.State.values},
    }
