"""A community corrects how somebody is reached, without being shown the numbers in full."""

import pytest
from django.test import Client

from members.people.models import Retiree
from tests.checkin.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world: World) -> Retiree:
    return world.confirmed(
        world.member(phone="13912345678", emergency_phone="13787654321", emergency_name="王小明")
    ).retiree


@pytest.fixture
def desk(world: World, client: Client) -> Client:
    client.force_login(world.clerk)
    return client


def send(desk: Client, person: Retiree, **more: str) -> Retiree:
    person.refresh_from_db()
    typed = {"version": person.version, "emergency_name": "王小明", "emergency_relation": "son"} | more
    answer = desk.post(f"/community/people/{person.pk}/edit/", typed)
    assert answer.status_code == 302, answer.content.decode()
    person.refresh_from_db()
    return person


def test_the_page_shows_the_numbers_masked(desk, person):
    text = desk.get(f"/community/people/{person.pk}/edit/").content.decode()

    assert ("139****5678" in text, "137****4321" in text) == (True, True)
    assert ("13912345678" in text, "13787654321" in text) == (False, False)


def test_what_is_left_empty_stays(desk, person):
    changed = send(desk, person, residence_address="云霄路 3 号")

    assert (changed.phone, changed.emergency_phone) == ("13912345678", "13787654321")
    assert changed.residence_address == "云霄路 3 号"


def test_a_new_number_takes_the_place_of_the_old(desk, person):
    changed = send(desk, person, phone="139 1111 2222")

    assert (changed.phone, changed.emergency_phone) == ("13911112222", "13787654321")
    assert Retiree.objects.with_phone("13911112222").get() == person


def test_a_tick_takes_a_number_away(desk, person):
    changed = send(desk, person, drop_emergency_phone="on", drop_phone="on")

    assert (changed.phone, changed.emergency_phone) == ("", "")


def test_a_new_number_counts_more_than_the_tick(desk, person):
    assert send(desk, person, phone="13911112222", drop_phone="on").phone == "13911112222"


def test_who_has_no_number_has_nothing_to_tick(desk, person):
    send(desk, person, drop_phone="on")

    text = desk.get(f"/community/people/{person.pk}/edit/").content.decode()

    assert ("drop_phone" in text, "drop_emergency_phone" in text) == (False, True)
