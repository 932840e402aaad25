"""What counts as unusual, and what does not."""

from datetime import date

import pytest
import time_machine

from checkin.access.detection import Unusual, find
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.looks import REFUSED
from tests.checkin.access.looking import leafs, looks, shanghai
from tests.checkin.world import World
from tests.communities.factories import make_staff

NOW = shanghai(15)
TODAY = date(2026, 11, 24)


@pytest.fixture
def people(world: World) -> list[int]:
    """Six members of the unit, who live nowhere yet."""
    return [world.member().pk for _ in range(6)]


@pytest.fixture(autouse=True)
def small(settings) -> None:
    settings.ACCESS_PEOPLE_AN_HOUR, settings.ACCESS_LISTED_AN_HOUR = 5, 100


def kinds(found: list[Unusual]) -> list[tuple[str, int]]:
    return [(row.kind, row.number) for row in found]


def test_so_many_people_in_an_hour_are_unusual(world: World, boss: User, people: list[int]):
    looks(boss, world.city.city, people[:3], shanghai(10, 5))
    looks(boss, world.city.city, people[3:5], shanghai(11, 3))

    assert find(NOW) == [
        Unusual("many", boss.pk, world.city.city.pk, TODAY, 5, shanghai(10, 5), shanghai(11, 3))
    ]


def test_the_same_people_again_and_more_than_an_hour_apart_are_not(
    world: World, boss: User, people: list[int]
):
    looks(boss, world.city.city, people[:4] * 5, shanghai(10, 5))
    looks(boss, world.city.city, people[4:], shanghai(11, 6))

    assert find(NOW) == []


def test_full_numbers_of_an_export_count_too(world: World, boss: User, people: list[int]):
    looks(boss, world.city.city, people, shanghai(9), action="people.revealed")

    assert kinds(find(NOW)) == [("many", 6)]


def test_lists_leafed_through_are_counted_by_their_people(world: World, boss: User):
    for minute in range(5):
        leafs(boss, world.city.city, 20, shanghai(9, minute))
    leafs(boss, world.city.city, 20, shanghai(11))

    assert kinds(find(NOW)) == [("lists", 100)]


@pytest.mark.parametrize(("at", "day"), [
    (shanghai(22), 24), (shanghai(23, 59), 24), (shanghai(0, 30), 23), (shanghai(5, 59), 23),
])  # fmt: skip
def test_looks_at_night_are_unusual_and_belong_to_the_day_the_night_began(
    world: World, boss: User, people: list[int], at, day: int
):
    looks(boss, world.city.city, people[:1], at)

    found = find(shanghai(23, 59) if at.hour >= 22 else NOW)

    assert [(row.kind, row.number, row.day.day) for row in found] == [("night", 1, day)]


@pytest.mark.parametrize("at", [shanghai(6), shanghai(21, 59)])
def test_looks_by_day_are_not(world: World, boss: User, people: list[int], at):
    looks(boss, world.city.city, people[:1], at)

    assert find(shanghai(22, 10)) == []


def test_people_beyond_the_own_area_are_unusual(world: World, people: list[int], settings):
    settings.ACCESS_PEOPLE_AN_HOUR = 300
    for office, clerk in ((world.here, world.clerk), (world.unit, world.unit_clerk)):
        looks(clerk, office, people[:5], shanghai(9))

    assert [(row.kind, row.reader, row.number) for row in find(NOW)] == [("outside", world.clerk.pk, 5)]


def test_four_beyond_the_area_are_not_yet(world: World, people: list[int]):
    looks(world.clerk, world.here, people[:4], shanghai(9))

    assert find(NOW) == []


def test_who_lives_there_or_checked_in_there_is_of_the_area(world: World, settings):
    settings.ACCESS_PEOPLE_OUTSIDE = 1
    at_home, checked_in = world.member(), world.member()
    at_home.residence = world.here.division
    at_home.save()
    world.confirmed(checked_in)
    looks(world.clerk, world.here, [at_home.pk, checked_in.pk], shanghai(9))
    looks(world.street_clerk, world.city.streets[0], [at_home.pk, checked_in.pk], shanghai(9))
    looks(world.bureau_clerk, world.city.districts[0], [at_home.pk, checked_in.pk], shanghai(9))
    other = make_staff(world.city.districts[1])
    looks(other, world.city.districts[1], [at_home.pk, checked_in.pk], shanghai(9))

    assert [(row.kind, row.reader, row.number) for row in find(NOW)] == [("outside", other.pk, 2)]


def test_refused_looks_count_whether_or_not_there_is_such_a_person(world: World):
    looks(world.clerk, world.here, range(900_001, 900_006), shanghai(9), action=REFUSED)

    assert kinds(find(NOW)) == [("outside", 5)]


def test_systems_of_others_are_left_out(world: World, people: list[int]):
    account = make_staff(world.city.city)
    account.set_unusable_password()
    account.save()
    looks(account, world.city.city, people, shanghai(3))

    assert find(NOW) == []


def test_what_is_long_ago_is_not_looked_at(world: World, boss: User, people: list[int]):
    looks(boss, world.city.city, people, shanghai(3, day=22))

    assert find(NOW) == []


def test_thirty_thousand_looks_take_one_statement_and_seconds(
    world: World, boss: User, django_assert_num_queries
):
    office: Organisation = world.city.city
    for hour in range(8, 14):
        looks(boss, office, range(hour * 10_000, hour * 10_000 + 5000), shanghai(hour))

    with django_assert_num_queries(1), time_machine.travel(NOW):
        found = find(NOW)

    assert [row.kind for row in found if row.kind == "many"] == ["many"]
