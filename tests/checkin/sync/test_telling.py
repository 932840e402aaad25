"""What the other side hears of changes that no move of a check-in tells."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from checkin.record.models import CheckIn
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from members.people import actions as people
from members.people.models import Retiree
from members.units import actions as units
from tests.checkin.world import World
from tests.communities.factories import make_staff, make_unit


def told(receiver: Organisation, kind: str) -> list[Notice]:
    return list(receiver.notices.filter(kind=kind).order_by("pk"))


@pytest.fixture
def person(world: World) -> Retiree:
    return world.confirmed().retiree


def test_the_community_is_told_which_fields_the_unit_corrected_not_their_values(
    world: World, person: Retiree
) -> None:
    people.update_unit_fields(person.pk, {"original_post": "研究员"}, by=world.unit_clerk)

    (notice,) = told(world.here, "people.changed")
    assert notice.words == f"{person.name}同志的原职务有变化，请打开资料核对。"
    assert "研究员" not in str(notice.data) + notice.words
    assert (notice.sender_id, notice.person) == (world.unit.pk, person.pk)
    assert notice.data == {"fields": ["original_post"], "alert": False}
    assert not told(world.unit, "people.changed")


def test_the_same_values_again_tell_nothing(world: World, person: Retiree) -> None:
    for _ in range(2):
        people.update_unit_fields(person.pk, {"original_post": "研究员"}, by=world.unit_clerk)

    assert len(told(world.here, "people.changed")) == 1


def test_the_unit_is_told_that_somebody_lives_alone_now(world: World, person: Retiree) -> None:
    people.correct_contact(person.pk, {"living_situation": "alone"}, by=world.clerk)

    (notice,) = told(world.unit, "people.changed")
    assert notice.data == {"fields": ["living_situation"], "alert": True}
    assert notice.sender_id == world.here.pk
    assert not told(world.here, "people.changed")


def test_what_the_person_changes_both_sides_hear(world: World, person: Retiree) -> None:
    assert person.user is not None
    people.correct_contact(person.pk, {"residence_address": "云霄路 20 号"}, by=person.user)

    assert [len(told(side, "people.changed")) for side in (world.unit, world.here)] == [1, 1]


def test_nothing_is_told_while_a_request_is_under_way(world: World) -> None:
    checkin = world.submitted()

    people.update_unit_fields(checkin.retiree_id, {"original_post": "研究员"}, by=world.unit_clerk)

    assert not told(world.here, "people.changed")


def test_nothing_is_told_about_a_restricted_person(world: World, person: Retiree) -> None:
    people.set_flags(person.pk, is_restricted=True, by=world.bureau_clerk)

    people.update_unit_fields(person.pk, {"original_post": "研究员"}, by=world.bureau_clerk)

    assert not told(world.here, "people.changed")


def test_the_community_hears_that_somebody_was_handed_over(world: World, person: Retiree) -> None:
    other = make_unit("青岛市气象局")
    today = timezone.localdate()

    units.transfer(person.pk, other.pk, on=today, by=world.unit_clerk)

    (notice,) = told(world.here, "people.unit_changed")
    assert notice.data == {"from": world.unit.code, "to": other.code, "on": today.isoformat()}


def test_the_unit_hears_of_a_death_its_bureau_confirmed_where_nobody_was_checked_in(world: World) -> None:
    member = world.member()
    death = people.report_death(
        member.pk, timezone.localdate() - timedelta(days=2), by=make_staff(world.city.city)
    )
    people.confirm_death(death.pk, by=make_staff(world.city.city))

    assert len(told(world.unit, "people.died")) == 1
    people.undo_death(death.pk, words="认错人了", by=make_staff(world.city.city))
    assert len(told(world.unit, "people.death_undone")) == 1


def test_a_death_that_ended_a_check_in_is_told_once(world: World, person: Retiree) -> None:
    death = people.report_death(person.pk, date(2026, 1, 2), by=world.clerk)
    people.confirm_death(death.pk, by=world.unit_clerk)

    assert not told(world.unit, "people.died")
    assert len(told(world.here, "checkin.ended")) == 1


def test_a_move_says_who_made_it_and_what_to_a_program(world: World, person: Retiree) -> None:
    checkin = CheckIn.objects.get(retiree=person)

    (notice,) = told(world.unit, "checkin.confirmed")
    assert notice.sender_id == world.here.pk
    assert notice.data == {
        "checkin": checkin.number,
        "move": "confirmed",
        "state": "confirmed",
        "community": world.here.code,
        "unit": world.unit.code,
        "on": timezone.localdate().isoformat(),
    }
