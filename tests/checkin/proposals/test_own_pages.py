"""这里不对？告诉单位, as the retiree and a helper see it."""

import pytest
from django.test import Client

from checkin.proposals import actions
from checkin.proposals.models import ChangeProposal
from members.people.models import Retiree
from tests.checkin.proposals.said import again, of_community, of_person
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.members.factories import make_helper


@pytest.fixture
def person(world: World) -> Retiree:
    return world.confirmed().retiree


@pytest.fixture
def mine(person: Retiree) -> Client:
    assert person.user is not None
    return browser_of(person.user)


def test_my_information_leads_there(mine: Client) -> None:
    assert "/my/proposals/" in text_of(mine.get("/my/info/"))


def test_nothing_said_yet(mine: Client) -> None:
    assert "您还没有说过哪里不对" in text_of(mine.get("/my/proposals/"))


def test_an_item_is_chosen_and_said(mine: Client, person: Retiree) -> None:
    assert "/my/proposals/new/retired_on/" in text_of(mine.get("/my/proposals/new/"))
    assert "2010年4月" in text_of(mine.get("/my/proposals/new/retired_on/"))

    answer = mine.post(
        "/my/proposals/new/retired_on/", {"value_0": "2009", "value_1": "12", "why": ""}, follow=True
    )

    assert "青岛市海洋研究所在核对，最晚" in text_of(answer)
    assert ChangeProposal.objects.get().new == "2009-12"


def test_words_will_do(mine: Client) -> None:
    assert mine.post("/my/proposals/new/words/", {"why": ""}).status_code == 422

    answer = mine.post("/my/proposals/new/words/", {"why": "我是九月退的"}, follow=True)

    assert "我是九月退的" in text_of(answer)


@pytest.mark.parametrize("field", ["phone", "residence_address", "statistics_flag", "nonsense"])
def test_what_one_corrects_oneself_is_not_proposed(mine: Client, field: str) -> None:
    assert mine.get(f"/my/proposals/new/{field}/").status_code == 404


def test_the_answer_is_read_there(world: World, mine: Client, person: Retiree) -> None:
    proposal = of_person(world, person)
    actions.refuse(proposal.pk, by=world.unit_clerk, reason="档案里是科长")

    page = text_of(mine.get("/my/proposals/"))

    assert "没有改：档案里是科长" in page


def test_withdrawing(world: World, mine: Client, person: Retiree) -> None:
    proposal = of_person(world, person)

    answer = mine.post(f"/my/proposals/{proposal.pk}/withdraw/", follow=True)

    assert "已经撤回" in text_of(answer)
    assert again(proposal).state == ChangeProposal.State.WITHDRAWN


def test_nobody_withdraws_or_reads_what_is_another_persons(
    world: World, mine: Client, person: Retiree
) -> None:
    other = of_person(world)
    theirs = of_community(world, person, name="王健国")

    assert mine.post(f"/my/proposals/{other.pk}/withdraw/").status_code == 404
    assert mine.post(f"/my/proposals/{theirs.pk}/withdraw/").status_code == 404
    assert "王健国" not in text_of(mine.get("/my/proposals/"))


def test_a_helper_says_it_for_the_elder(world: World, person: Retiree) -> None:
    helper = make_helper(person)
    browser = browser_of(helper.user)
    start = f"/my/proposals/for/{person.pk}/"
    assert "替" in text_of(browser.get(start))

    browser.post(f"{start}new/original_post/", {"value": "处长", "why": "退休证"})

    assert ChangeProposal.objects.get().source == ChangeProposal.Source.HELPER
    assert browser.get(f"{start}new/phone/").status_code == 404


def test_who_helps_one_elder_is_led_to_that_elders_page(person: Retiree) -> None:
    helper = make_helper(person)

    answer = browser_of(helper.user).get("/my/proposals/")

    assert answer.headers["Location"] == f"/my/proposals/for/{person.pk}/"


def test_a_stranger_finds_nobody(world: World, person: Retiree, mine: Client) -> None:
    other = world.member()

    assert mine.get(f"/my/proposals/for/{other.pk}/").status_code == 404


def test_an_empty_line_is_asked_for_and_never_clears_the_record(world: World, client: Client) -> None:
    person = world.member(original_post="处长")
    assert person.user is not None
    client.force_login(person.user)

    answer = client.post("/my/proposals/new/original_post/", {"value": "", "why": "不对"})

    assert answer.status_code == 422
    assert "请写一写应该是什么" in answer.content.decode()
    assert not ChangeProposal.objects.exists()
