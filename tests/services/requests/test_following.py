"""What becomes of requests when the person dies, moves, is merged, or an organisation ends."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from checkin.record.actions import confirm
from communities.divisions import actions as divisions
from communities.organisations.actions import close_unit
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from members.duplicates.actions import merge, undo_merge
from members.people import actions as people
from members.people.models import Retiree
from members.units import actions as units
from services.requests import actions
from services.requests.models import Request, RequestWords
from tests.checkin.world import World
from tests.communities.factories import make_staff, make_unit
from tests.members.reorganising import carry_out, plan, work_off
from tests.services.requests.asked import again, answered, at_desk, moves, of_person, told

State = Request.State


@pytest.fixture
def other(world: World) -> Any:
    return make_unit("青岛市第二研究所")


def moved_house(world: World, person: Retiree) -> None:
    checkin = world.submitted(person, community_id=world.there.pk)
    confirm(checkin.pk, by=world.clerk_there)


def test_a_death_closes_what_is_open_by_the_program_and_an_undone_one_opens_it_again(
    world: World, person: Retiree
) -> None:
    new, begun, done = of_person(person), of_person(person, "heart"), answered(of_person(person), world)
    actions.take_up(begun.pk, by=world.clerk)
    death = people.report_death(person.pk, date(2026, 1, 5), by=world.unit_clerk)
    people.confirm_death(death.pk, by=world.unit_clerk)

    assert [again(row).why_closed for row in (new, begun, done)] == ["died", "died", ""]
    assert len(told(world.here, "request.over")) == 2
    closed = AuditEntry.objects.filter(action="request.closed")
    assert set(closed.values_list("actor_id", flat=True)) == {User.objects.system().pk}

    people.undo_death(death.pk, words="弄错了", by=world.unit_clerk)

    assert [again(row).state for row in (new, begun)] == [State.NEW, State.WORKING]


def test_who_moves_house_takes_along_what_is_not_begun(world: World, person: Retiree) -> None:
    new, begun = of_person(person), of_person(person)
    actions.take_up(begun.pk, by=world.clerk)

    moved_house(world, person)

    assert (again(new).desk, again(begun).desk) == (world.there, world.here)
    assert again(new).due_on == new.due_on
    answered(begun, world)
    assert again(begun).state == State.ANSWERED


def test_a_unit_hands_over_its_requests_with_its_people(world: World, person: Retiree, other: Any) -> None:
    request = at_desk(world, person, wanted_desk="unit")

    units.transfer(person.pk, other.pk, on=timezone.localdate(), by=world.unit_clerk)

    assert again(request).desk == other


def test_a_merged_unit_hands_them_over_and_an_undo_back(world: World, person: Retiree, other: Any) -> None:
    request = at_desk(world, person, wanted_desk="unit")
    bureau = make_staff(world.city.city)
    done = carry_out(plan("merge", [world.unit], [other], by=bureau), by=bureau)
    assert again(request).desk == other
    assert told(other) == ["单位撤并，转来 1 件需求，请答复。"]

    units.undo_reorganisation(done.pk, by=bureau)
    work_off(done)

    assert again(request).desk == world.unit


def test_a_closed_unit_and_a_closed_community_hand_them_to_the_successor(
    world: World, person: Retiree, other: Any
) -> None:
    of_unit, unknown = at_desk(world, person, wanted_desk="unit"), at_desk(world, None, caller="老王")
    begun = of_person(person)
    actions.take_up(begun.pk, by=world.clerk)
    assert world.here.division is not None
    assert world.there.division is not None

    close_unit(world.unit.pk, successor_id=other.pk, on=timezone.localdate(), by=make_staff(world.city.city))
    divisions.merge(world.here.division.code, into=world.there.division.code, by=User.objects.system())

    assert again(of_unit).desk == other
    assert (again(unknown).desk, again(begun).desk) == (world.there, world.there)


def test_somebody_restricted_is_the_bureaus_business(world: World, person: Retiree) -> None:
    request = of_person(person)

    people.set_flags(person.pk, by=make_staff(world.city.city), is_restricted=True)

    assert again(request).desk == world.city.districts[0]
    for user in (world.clerk, world.unit_clerk, world.street_clerk):
        assert not Request.objects.visible_to(user).exists()
    assert Request.objects.visible_to(world.bureau_clerk).get() == request


def test_two_rows_of_one_person_bring_theirs_together_and_part_again(world: World) -> None:
    kept, gone = world.member(), world.member()
    request = of_person(gone)

    done = merge(kept.pk, gone.pk, by=world.unit_clerk)
    assert again(request).retiree == kept

    undo_merge(done.pk, by=world.unit_clerk)
    assert again(request).retiree == gone


def test_forgetting_erases_what_was_said_and_keeps_that_it_was(world: World, person: Retiree) -> None:
    request = answered(of_person(person, "heart"), world)

    assert actions.forget(person.pk) == 2
    assert actions.forget(person.pk) == 0

    assert not RequestWords.objects.exists()
    assert moves(request) == ["received", "answered"]
