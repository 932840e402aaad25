"""Party branches of units and communities, who belongs where and who takes part where they live."""

from collections import defaultdict
from datetime import date, timedelta
from random import Random

from communities.organisations.models import Organisation
from members.party.models import PartyAffiliation, PartyOrganisation

from .case import Case
from .chance import stream
from .days import Days
from .people import Person
from .places import Homes
from .store import Store

Kind, Affiliation, Post = PartyOrganisation.Kind, PartyAffiliation.Kind, PartyAffiliation.Post
LARGEST = 50
ORDINALS = "一二三四五六七八九十"
LEAST_FOR_BRANCH = 3


def organise(
    seed: int, days: Days, store: Store, homes: Homes, people: list[Person], in_force: dict[int, Case]
) -> None:
    """Formal relations with the unit's branches; participation, and posts, in the community's branch."""
    chance = stream(seed, "party")
    members = [person for person in people if person.row.political_status == "cpc" and not person.is_claimed]
    _units(chance, days, store, [person for person in members if not person.unit.is_external])
    _communities(chance, days, store, homes, members, in_force)


def _units(chance: Random, days: Days, store: Store, members: list[Person]) -> None:
    of_unit: dict[int, list[Person]] = defaultdict(list)
    for person in members:
        of_unit[person.unit.pk].append(person)
    for group in of_unit.values():
        branches = _branches(store, group[0].unit, len(group), days)
        for place, person in enumerate(group):
            branch = branches[place * len(branches) // len(group)]
            since = _month(person.row.retired_on, days.launch)
            if person.former is not None and person.former.closed_on is not None:
                since = person.former.closed_on + timedelta(days=1)
            post = _post(chance, place * len(branches) % len(group) < len(branches), 0.04)
            _affiliate(store, person, branch, Affiliation.FORMAL, post, since)


def _branches(store: Store, unit: Organisation, count: int, days: Days) -> list[PartyOrganisation]:
    founded = days.launch - timedelta(days=3000)
    title = f"{unit.name}离退休干部"
    if count < LEAST_FOR_BRANCH:
        row = PartyOrganisation(
            name=f"{title}联合党支部", kind=Kind.JOINT_BRANCH, host=unit, founded_on=founded
        )
        return [store.add(row)]
    if count <= LARGEST:
        return [
            store.add(
                PartyOrganisation(name=f"{title}党支部", kind=Kind.BRANCH, host=unit, founded_on=founded)
            )
        ]
    above = store.add(
        PartyOrganisation(name=f"{title}党总支", kind=Kind.GENERAL_BRANCH, host=unit, founded_on=founded)
    )
    return [
        store.add(
            PartyOrganisation(
                name=f"{title}第{_ordinal(number)}党支部",
                kind=Kind.BRANCH,
                host=unit,
                parent=above,
                founded_on=founded,
            )
        )
        for number in range(1, -(-count // LARGEST) + 1)
    ]


def _communities(
    chance: Random, days: Days, store: Store, homes: Homes, members: list[Person], in_force: dict[int, Case]
) -> None:
    taking_part: dict[int, list[tuple[Person, Case]]] = defaultdict(list)
    for person in members:
        case = in_force.get(person.row.pk)
        if case is not None and case.row.community_id and case.row.declared.get("joins_community_party_life"):
            taking_part[case.row.community_id].append((person, case))
    for home in homes.all:
        host = home.organisation
        founded = days.launch - timedelta(days=2000)
        committee = store.add(
            PartyOrganisation(name=f"{host.name}党委", kind=Kind.COMMITTEE, host=host, founded_on=founded)
        )
        group = taking_part.get(host.pk, [])
        if len(group) < LEAST_FOR_BRANCH:
            continue
        ends = days.today + timedelta(days=chance.randrange(-20, 1000))
        branch = store.add(
            PartyOrganisation(
                name=f"{host.name}银龄党支部",
                kind=Kind.BRANCH,
                host=host,
                parent=committee,
                founded_on=founded,
                seats=5 if len(group) > 20 else 3,
                term_from=ends - timedelta(days=1096),
                term_ends_on=ends,
            )
        )
        for place, (person, case) in enumerate(group):
            assert case.row.confirmed_at is not None
            since = min(
                case.row.confirmed_at.date() + timedelta(days=chance.randrange(1, 20)),
                days.today - timedelta(days=1),
            )
            _affiliate(
                store, person, branch, Affiliation.PARTICIPATION, _post(chance, place == 0, 0.06), since
            )


def _post(chance: Random, is_first: bool, share: float) -> str:
    if is_first and chance.random() < 0.6:
        return Post.SECRETARY
    if chance.random() < share:
        return chance.choice(
            (Post.MEMBER, Post.MEMBER, Post.BUILDING_LEADER, Post.BUILDING_LEADER, Post.DEPUTY)
        )
    return Post.NONE


def _affiliate(
    store: Store, person: Person, branch: PartyOrganisation, kind: str, post: str, since: date
) -> None:
    died_on = person.row.died_on
    store.put(
        PartyAffiliation,
        retiree_id=person.row.pk,
        organisation_id=branch.pk,
        kind=kind,
        post=post,
        post_from=since if post else None,
        valid_from=since,
        valid_until=max(died_on, since + timedelta(days=1)) if died_on else None,
        ended_by_death=died_on is not None,
    )


def _month(said: str, otherwise: date) -> date:
    return date(int(said[:4]), int(said[5:7] or 1), 1) if said else otherwise


def _ordinal(number: int) -> str:
    if number <= 10:
        return ORDINALS[number - 1]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else ORDINALS[tens - 1]) + "十" + (ORDINALS[ones - 1] if ones else "")
