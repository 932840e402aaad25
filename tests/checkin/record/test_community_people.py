"""The pages of a community about people: the roster, one person, the search; and what all its pages keep to."""

import pytest
from django.test import Client
from django.utils import timezone

from checkin.record import actions
from checkin.record.models import CheckIn, SeasonalStay, State
from communities.organisations.models import Assignment
from huifeng.audit.models import AuditEntry
from members.people import actions as people
from members.people.models import Death
from members.people.shredding import opened
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World, again
from tests.communities.factories import UserFactory
from tests.members.factories import make_helper


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.clerk)


def test_a_look_at_the_id_number_needs_a_reason_and_is_recorded(world: World, desk: Client) -> None:
    retiree = world.confirmed().retiree

    refused = desk.post(f"/community/people/{retiree.pk}/reveal/", {})
    shown = desk.post(f"/community/people/{retiree.pk}/reveal/", {"why": "visit"})

    assert refused.status_code == 422
    assert retiree.id_number not in text_of(refused)
    assert retiree.id_number in text_of(shown)
    entry = AuditEntry.objects.get(action="people.revealed")
    assert (entry.target_id, entry.actor_id) == (str(retiree.pk), world.clerk.pk)
    assert opened([entry.note])[entry.note] == "走访慰问"


def test_the_roster_finds_by_name_pinyin_and_phone(world: World, desk: Client) -> None:
    retiree = world.confirmed(world.member(name="孙德胜")).retiree
    world.confirmed(world.member(name="周桂兰"))

    for words in ("孙德", "sundesheng", "sds", retiree.phone[-4:]):
        page = text_of(desk.get("/community/people/", {"q": words}))
        assert ("孙德胜" in page, "周桂兰" in page) == (True, False), words


def test_a_person_of_the_roster_has_a_page(world: World, desk: Client) -> None:
    retiree = world.confirmed().retiree

    page = desk.get(f"/community/people/{retiree.pk}/")

    assert page.status_code == 200
    assert page.context["checkin"].retiree_id == retiree.pk


def test_a_person_of_elsewhere_has_none_here(world: World) -> None:
    retiree = world.confirmed().retiree

    assert browser_of(world.clerk_there).get(f"/community/people/{retiree.pk}/").status_code == 404


def test_the_community_does_not_see_what_only_the_unit_may(world: World, desk: Client) -> None:
    retiree = world.confirmed().retiree

    assert desk.get(f"/community/people/{retiree.pk}/").context["of_unit"] == []


def test_the_community_reports_a_death_and_the_unit_confirms(world: World, desk: Client) -> None:
    checkin = world.confirmed()
    today = timezone.localdate()
    day = {"died_on_0": today.year, "died_on_1": today.month, "died_on_2": today.day}

    desk.post(f"/community/people/{checkin.retiree_id}/death/", day)
    death = Death.objects.get()
    browser_of(world.unit_clerk).post(f"/unit/deaths/{death.pk}/", {"act": "confirm"})

    assert again(checkin).state == State.ENDED


def test_the_helper_who_asks_for_a_call_waits_until_it_is_made(world: World, desk: Client) -> None:
    retiree = world.confirmed(world.member(name="孙德胜")).retiree
    asked = people.ask_to_help(
        name="孙小明",
        relation="son",
        elder_name="孙德胜",
        birth_month="1950-03",
        phone=retiree.phone,
        by=UserFactory(),
        by_call=True,
    )

    assert "孙小明" in text_of(desk.get("/community/"))
    desk.post(f"/community/helpers/{asked.pk}/", {"act": "accept"})

    assert retiree.helpers.filter(ended_at=None).exists()


def test_seasonal_residents_can_be_stopped(world: World, desk: Client) -> None:
    retiree = world.member(name="孙德胜")
    stay = actions.add_seasonal_stay(
        retiree.pk, by=world.clerk, community_id=world.here.pk, from_month=11, to_month=3
    )

    assert "孙德胜" in text_of(desk.get("/community/seasonal/"))
    desk.post(f"/community/seasonal/{stay.pk}/end/")

    assert SeasonalStay.objects.get().ended_at is not None


def test_notices_lead_to_what_they_speak_of(world: World, desk: Client) -> None:
    checkin = world.submitted()

    page = desk.get("/community/")

    assert [url for _, url in page.context["notices"]] == [f"/community/checkins/{checkin.pk}/"]


def test_somebody_with_two_communities_chooses_and_stays_there(world: World, desk: Client) -> None:
    Assignment.objects.create(user=world.clerk, organisation=world.there, valid_from=timezone.localdate())

    desk.get("/community/", {"org": world.there.pk}, follow=True)

    assert desk.get("/community/checkins/").context["organisation"] == world.there


def test_an_organisation_of_others_cannot_be_chosen(world: World, desk: Client) -> None:
    desk.get("/community/", {"org": world.there.pk}, follow=True)

    assert desk.get("/community/").context["organisation"] == world.here


def test_the_search_box_finds_only_whom_one_may_see(world: World, desk: Client) -> None:
    mine = world.submitted(world.member(name="孙德胜"))
    world.submitted(world.member(name="孙桂兰"), community_id=world.there.pk)

    page = text_of(desk.get("/search/", {"q": "孙"}))

    assert f"/community/checkins/{mine.pk}/" in page
    assert "孙桂兰" not in page


def test_the_search_box_finds_by_number(world: World, desk: Client) -> None:
    mine = world.submitted()

    assert mine.retiree.name in text_of(desk.get("/search/", {"q": mine.number.lower()}))


@pytest.mark.parametrize("address", ["/community/", "/community/checkins/", "/community/people/"])
def test_more_people_cost_no_more_queries(world: World, address: str, django_assert_max_num_queries) -> None:
    desk = browser_of(world.clerk)
    for _ in range(3):
        world.submitted()
        world.confirmed()
    desk.get(address)

    def queries() -> int:
        with django_assert_max_num_queries(10) as found:
            desk.get(address)
        return len(found.captured_queries)

    few = queries()
    for _ in range(12):
        world.submitted()
        world.confirmed()

    assert queries() == few


def test_the_page_of_a_request_takes_few_queries(world: World, django_assert_max_num_queries) -> None:
    desk = browser_of(world.clerk)
    checkin = world.submitted()
    make_helper(checkin.retiree)
    desk.get(f"/community/checkins/{checkin.pk}/")

    with django_assert_max_num_queries(10):
        desk.get(f"/community/checkins/{checkin.pk}/")


def test_every_act_is_a_post(world: World, desk: Client) -> None:
    checkin = world.submitted()

    for act in ("confirm", "verify", "return", "withdraw", "undo", "end"):
        assert desk.get(f"/community/checkins/{checkin.pk}/{act}/").status_code == 405, act
    assert CheckIn.objects.get(pk=checkin.pk).version == checkin.version
