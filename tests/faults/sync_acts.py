"""What people and desks do in a run, as stories about one person each, and who must be told of every act."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, OperationalError, connection

from checkin.record import actions
from checkin.record.models import CheckIn
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import AlreadyDone
from members.people import actions as people
from members.people.models import Retiree
from tests.communities.factories import (
    DivisionFactory,
    OrganisationFactory,
    TinyCity,
    UserFactory,
    make_staff,
    make_unit,
)
from tests.members.factories import make_member

Told = tuple[str, str]  # role of the receiver, kind
PATIENCE = 60  # seconds a desk goes on trying while the database is away


@dataclass(frozen=True)
class Place:
    """The organisations of one run, new with it, and who works there."""

    unit: Organisation
    here: Organisation
    there: Organisation
    clerks: dict[str, User]

    def role(self, name: str) -> Organisation:
        found: Organisation = getattr(self, name)
        return found


@dataclass(frozen=True)
class Act:
    name: str
    do: Callable[[], Any]
    tells: tuple[Told, ...] = ()


def new_place(city: TinyCity, seed: int) -> Place:
    street = city.streets[0]
    communities = [
        OrganisationFactory(
            division=DivisionFactory(
                code=f"{street.division.area}{100 + number:03d}",
                name=f"第{number}社区",
                parent=street.division,
            ),
            name=f"第{number}社区",
            parent=street,
        )
        for number in (2 * seed, 2 * seed + 1)
    ]
    unit = make_unit(f"青岛市第{seed}试验所")
    staff = {"unit": unit, "here": communities[0], "there": communities[1]}
    return Place(unit, *communities, {role: make_staff(place) for role, place in staff.items()})


def stories(place: Place) -> list[Iterator[Act]]:
    """One about a move, one with questions, one that is taken back; each about a person of its own."""
    return [_moves_house(place), _is_asked_back(place), _changes_mind(place)]


def _moves_house(place: Place) -> Iterator[Act]:
    person = _person(place)
    yield from _hands_in(
        place, person, "here", data_correct=True, tells=(("here", "auto_verified"), ("unit", "auto_verified"))
    )
    yield _on_last(person, "confirm", place.clerks["here"], tells=(("unit", "confirmed"),))
    yield Act(
        "unit corrects",
        lambda: people.update_unit_fields(person.pk, {"original_post": "研究员"}, by=place.clerks["unit"]),
        (("here", "people.changed"),),
    )
    yield Act(
        "community notes",
        lambda: people.correct_contact(person.pk, {"living_situation": "alone"}, by=place.clerks["here"]),
        (("unit", "people.changed"),),
    )
    yield from _hands_in(
        place,
        person,
        "there",
        data_correct=True,
        tells=(("there", "auto_verified"), ("unit", "auto_verified")),
    )
    yield _on_last(
        person,
        "confirm",
        place.clerks["there"],
        tells=(("unit", "confirmed"), ("unit", "ended"), ("here", "ended")),
    )
    yield _on_last(
        person,
        "undo_confirm",
        place.clerks["there"],
        words="点错了",
        tells=(("unit", "undone"), ("unit", "restored"), ("here", "restored")),
    )


def _is_asked_back(place: Place) -> Iterator[Act]:
    person = _person(place)
    yield from _hands_in(
        place,
        person,
        "there",
        data_correct=False,
        remarks="月份不对",
        tells=(("unit", "submitted"), ("unit", "proposal.opened")),
    )
    yield _on_last(person, "verify", place.clerks["unit"], tells=(("there", "verified"),))
    yield _on_last(
        person,
        "return_to_person",
        place.clerks["there"],
        reason="address_unclear",
        words="门牌号不清楚",
        tells=(("unit", "returned"),),
    )


def _changes_mind(place: Place) -> Iterator[Act]:
    person = _person(place)
    yield from _hands_in(
        place, person, "here", data_correct=True, tells=(("here", "auto_verified"), ("unit", "auto_verified"))
    )
    assert person.user is not None
    yield _on_last(person, "withdraw", person.user, tells=(("unit", "withdrawn"), ("here", "withdrawn")))


def _person(place: Place) -> Retiree:
    return make_member(place.unit, user=UserFactory())


def _hands_in(
    place: Place, person: Retiree, role: str, *, tells: tuple[Told, ...], **fields: Any
) -> Iterator[Act]:
    by = person.user
    assert by is not None
    told = {"address": "云霄路 12 号", "community_id": place.role(role).pk, **fields}
    yield Act("start", lambda: actions.start(person.pk, by=by))
    yield Act("write down", lambda: actions.write_down(_last(person), by=by, **told))
    yield _on_last(person, "submit", by, consented=True, tells=tells)


def _on_last(person: Retiree, name: str, by: User, *, tells: tuple[Told, ...], **more: Any) -> Act:
    """Act on the person's newest check-in."""
    return Act(name, lambda: getattr(actions, name)(_last(person), by=by, **more), tells)


def _last(person: Retiree) -> int:
    return CheckIn.objects.filter(retiree=person).order_by("-pk").values_list("pk", flat=True)[0]


def insist(act: Callable[[], Any]) -> None:
    """Do it as somebody does who presses again until it is done, however often the database goes away."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            act()
            return
        except AlreadyDone:  # it was, only the answer got lost
            return
        except (OperationalError, InterfaceError):
            connection.close()
            assert time.monotonic() < end, "the database did not come back"
            time.sleep(0.1)


def owed(place: Place, done: list[Act]) -> Counter[tuple[int, str]]:
    """What must have been told by these acts: receiver's key and kind."""
    return Counter(
        (place.role(role).pk, kind if "." in kind else f"checkin.{kind}")
        for act in done
        for role, kind in act.tells
    )
