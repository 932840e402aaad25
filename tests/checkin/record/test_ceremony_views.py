"""The retirement ceremony: pick, check every row, one act, print."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from checkin.record.models import Ceremony, CheckIn
from members.people.models import Retiree
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.communities.factories import make_unit
from tests.members.factories import make_member


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.unit_clerk)


def day(on: date) -> dict[str, object]:
    return {"held_on_0": on.year, "held_on_1": on.month, "held_on_2": on.day}


def asked(*retirees: Retiree, **more: object) -> dict[str, object]:
    return {**day(timezone.localdate()), "place": "礼堂", "id": [r.pk for r in retirees], **more}


def test_who_has_not_checked_in_is_offered_the_latest_to_retire_first(world: World, desk: Client) -> None:
    old, new = world.member(retired_on="2001-01"), world.member(retired_on="2026-11")
    world.confirmed()

    assert desk.get("/unit/ceremonies/new/").context["retirees"] == [new, old]


def test_an_address_that_names_its_community_needs_no_choice(world: World, desk: Client) -> None:
    retiree = world.member(residence_address=f"{world.here.name} 3 号楼")

    page = desk.post("/unit/ceremonies/check/", asked(retiree))

    assert page.context["troubled"] == 0
    assert page.context["rows"][0].community == world.here


def test_every_problem_stands_at_its_row_and_nothing_is_written(world: World, desk: Client) -> None:
    fine = world.member(residence_address=f"{world.here.name} 3 号楼")
    nowhere, busy = world.member(), world.submitted().retiree

    page = desk.post("/unit/ceremonies/check/", asked(fine, nowhere, busy, hold="1"))

    problems = {row.retiree: row.problem for row in page.context["rows"]}
    assert problems[nowhere] == "没有住址，请填写"
    assert "已有报到" in problems[busy]
    assert not Ceremony.objects.exists()


def test_a_community_is_found_by_name(world: World, desk: Client) -> None:
    retiree = world.member()
    typed = {
        f"address-{retiree.pk}": "青年路 1 号",
        f"search-{retiree.pk}": world.there.name[:2],
        "looked": "1",
    }

    page = desk.post("/unit/ceremonies/check/", asked(retiree, **typed))

    assert world.there in [choice.organisation for choice in page.context["rows"][0].choices]


def test_one_act_hands_everyone_over_and_leads_to_the_papers(world: World, desk: Client) -> None:
    people = [world.member() for _ in range(3)]
    typed = {f"address-{p.pk}": "云霄路 1 号" for p in people} | {
        f"community-{p.pk}": world.here.pk for p in people
    }

    answer = desk.post("/unit/ceremonies/check/", asked(*people, **typed, hold="1"), follow=True)

    held = Ceremony.objects.get()
    assert CheckIn.objects.filter(ceremony=held).count() == 3
    assert answer.redirect_chain[-1][0] == f"/unit/ceremonies/{held.pk}/"
    assert "共 3 人" in text_of(answer)


def test_a_ceremony_of_tomorrow_waits(world: World, desk: Client) -> None:
    retiree = world.member(residence_address=f"{world.here.name} 3 号楼")
    tomorrow = day(timezone.localdate() + timedelta(days=1))

    answer = desk.post("/unit/ceremonies/check/", asked(retiree, hold="1", **tomorrow))

    assert answer.status_code == 422
    assert not Ceremony.objects.exists()


def test_members_of_other_units_are_left_out(world: World, desk: Client) -> None:
    retiree = make_member(make_unit(), residence_address=f"{world.here.name} 3 号楼")

    answer = desk.post("/unit/ceremonies/check/", asked(retiree, hold="1"), follow=True)

    assert "请先勾选" in text_of(answer)


def test_the_ceremony_of_another_unit_is_not_there(world: World, desk: Client) -> None:
    held = Ceremony.objects.create(unit=make_unit(), held_on=timezone.localdate(), created_by=world.clerk)

    assert desk.get(f"/unit/ceremonies/{held.pk}/").status_code == 404
    assert f"/unit/ceremonies/{held.pk}/" not in text_of(desk.get("/unit/ceremonies/"))
