"""The counter: find the visitor, register, print; somebody in no roster; somebody who lives here some
months.
"""

from datetime import date

import pytest
from django.core import signing
from django.test import Client

from checkin.record import actions
from checkin.record.models import CheckIn, SeasonalStay, State
from checkin.record.views.counter import SALT
from huifeng.audit.models import AuditEntry
from members.people.models import Retiree
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World, again
from tests.members.factories import make_id_number

BORN = {"born_0": "1950", "born_1": "3", "born_2": "8"}


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.clerk)


def address_for(retiree: Retiree) -> str:
    return f"/community/register/{signing.dumps(retiree.pk, salt=SALT)}/"


def form(world: World, **changes: object) -> dict[str, object]:
    told = {
        "channel": "counter",
        "address": "云霄路 12 号",
        "community_id": world.here.pk,
        "consented": "on",
    }
    return told | changes


def test_a_visitor_is_found_by_name_and_birth_date(world: World, desk: Client) -> None:
    retiree = world.member(name="孙德胜")
    world.member(name="孙德胜", birth_date=date(1951, 1, 1))

    answer = desk.post("/community/register/", {"name": "孙德胜", **BORN})

    assert [row.retiree for row, _ in answer.context["people"]] == [retiree]
    assert retiree.id_number not in text_of(answer)
    assert retiree.phone not in text_of(answer)


def test_a_visitor_is_found_by_id_number(world: World, desk: Client) -> None:
    retiree = world.member()

    answer = desk.post("/community/register/", {"id_number": retiree.id_number})

    assert [row.retiree for row, _ in answer.context["people"]] == [retiree]


def test_half_a_question_is_not_answered(world: World, desk: Client) -> None:
    world.member(name="孙德胜")

    answer = desk.post("/community/register/", {"name": "孙德胜"})

    assert answer.status_code == 422
    assert "请填写出生日期" in text_of(answer)


def test_every_look_into_the_register_is_recorded(world: World, desk: Client) -> None:
    desk.post("/community/register/", {"id_number": make_id_number(1)})

    entry = AuditEntry.objects.get(action="people.looked_up")
    assert (entry.actor_id, entry.note) == (world.clerk.pk, "线下登记，找到 0 人")


def test_nobody_leafs_through_the_register_by_counting(world: World, desk: Client) -> None:
    assert desk.get(f"/community/register/{world.member().pk}/").status_code == 404


def test_registering_ends_with_the_number_and_the_papers(world: World, desk: Client) -> None:
    retiree = world.member()

    answer = desk.post(address_for(retiree), form(world), follow=True)

    checkin = CheckIn.objects.get()
    assert (checkin.state, checkin.channel) == (State.CONFIRMED, "counter")
    assert answer.redirect_chain[-1][0] == "/community/register/done/"
    assert checkin.number in text_of(answer)


def test_consent_is_asked_for_and_nothing_typed_is_lost(world: World, desk: Client) -> None:
    answer = desk.post(address_for(world.member()), form(world, consented="", remarks="左耳听不清"))

    assert answer.status_code == 422
    assert "左耳听不清" in text_of(answer)
    assert not CheckIn.objects.exists()


def test_the_own_community_is_offered_first_and_the_address_adds_others(world: World, desk: Client) -> None:
    retiree = world.draft(world.member(residence_address=f"{world.there.name} 3 号")).retiree

    choices = desk.get(address_for(retiree)).context["form"].fields["community_id"].choices

    assert [int(value) for value, _ in choices] == [world.here.pk, world.there.pk]


def test_recommending_by_the_address_works_without_a_script(world: World, desk: Client) -> None:
    changed = form(world, address=f"{world.there.name} 3 号", find="1")

    page = desk.post(address_for(world.member()), changed)

    assert world.there.name in text_of(page)
    assert not CheckIn.objects.exists()


def test_recommending_with_a_script_gives_the_choices_only(world: World, desk: Client) -> None:
    changed = form(world, address=f"{world.there.name} 3 号", find="1")

    page = text_of(
        desk.post(address_for(world.member()) + "?part=communities", changed, headers={"HX-Request": "true"})
    )

    assert world.there.name in page
    assert "<html" not in page


def test_somebody_checked_in_elsewhere_is_named_and_moves_here(world: World, desk: Client) -> None:
    retiree = world.member()
    old = world.submitted(retiree, community_id=world.there.pk)
    actions.confirm(old.pk, by=world.clerk_there)

    page = text_of(desk.get(address_for(retiree)))
    desk.post(address_for(retiree), form(world))

    assert f"已在 {world.there.name} 报到" in page
    assert again(old).state == State.ENDED
    assert CheckIn.objects.get(state=State.CONFIRMED).community == world.here


def test_a_request_under_way_is_refused_over_the_form(world: World, desk: Client) -> None:
    retiree = world.member()
    world.submitted(retiree, community_id=world.there.pk)

    answer = desk.post(address_for(retiree), form(world, address="登州路 77 号"))

    assert answer.status_code == 409
    assert "已有一件报到正在办理" in text_of(answer)
    assert "登州路 77 号" in text_of(answer)


def test_somebody_in_no_roster_is_entered_and_goes_on(world: World, desk: Client) -> None:
    person = {
        "name": "钱学礼",
        "id_number": make_id_number(77),
        "kind_of_person": "tuixiu",
        "phone": "13900001111",
        "unit_words": "南京市机械厂",
    }

    answer = desk.post("/community/register/new/", person, follow=True)

    made = Retiree.objects.get(name="钱学礼")
    assert made.standing == Retiree.Standing.CLAIMED
    assert "线下登记 钱学礼" in text_of(answer)


def test_a_unit_of_the_city_is_recognised_by_its_name(world: World, desk: Client) -> None:
    person = {
        "name": "钱学礼",
        "id_number": make_id_number(78),
        "kind_of_person": "tuixiu",
        "unit_words": world.unit.name,
    }

    desk.post("/community/register/new/", person)

    assert Retiree.objects.get(name="钱学礼").claimed_unit == world.unit


def test_other_tracks_are_told_where_to_go_and_nothing_is_lost(world: World, desk: Client) -> None:
    person = {
        "name": "钱学礼",
        "id_number": make_id_number(79),
        "kind_of_person": "army",
        "unit_words": "某部",
    }

    answer = desk.post("/community/register/new/", person)

    assert "退役军人事务局" in text_of(answer)
    assert "钱学礼" in text_of(answer)


def test_a_wrong_id_number_is_said_at_its_field(world: World, desk: Client) -> None:
    answer = desk.post(
        "/community/register/new/",
        {"name": "钱学礼", "id_number": "37020219500308123", "kind_of_person": "tuixiu", "unit_words": "厂"},
    )

    assert answer.status_code == 422
    assert "id_number" in answer.context["form"].errors


def test_somebody_who_lives_here_some_months_is_noted(world: World, desk: Client) -> None:
    retiree = world.member()

    desk.post(
        address_for(retiree) + "season/", {"from_month": "11", "to_month": "3", "address": "云霄路 1 号"}
    )

    stay = SeasonalStay.objects.get()
    assert (stay.retiree, stay.community, stay.from_month) == (retiree, world.here, 11)


def test_the_counter_is_for_communities(world: World) -> None:
    assert browser_of(world.unit_clerk).get("/community/register/").status_code == 403


def test_the_result_is_shown_to_who_registered(world: World, desk: Client) -> None:
    desk.post(address_for(world.member()), form(world))

    assert browser_of(world.clerk_there).get("/community/register/done/").status_code == 404


def test_restricted_people_are_the_bureaus_business(world: World, desk: Client) -> None:
    retiree = world.member(is_restricted=True)

    page = text_of(desk.post("/community/register/", {"id_number": retiree.id_number}))

    assert "请联系老干部局" in page
    assert retiree.original_unit not in page
    assert desk.get(address_for(retiree)).status_code == 404
