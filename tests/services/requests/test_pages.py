"""The pages of the person and of staff."""

import re
from typing import Any

import pytest
from django.test import Client

from huifeng.rowscope.scope import as_viewer, of
from members.people.models import Retiree
from services.requests import actions
from services.requests.models import Request, RequestWords
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.members.factories import make_helper
from tests.services.requests.asked import SECRET, again, answered, at_desk, of_person, overdue, preset


@pytest.fixture
def mine(person: Retiree) -> Client:
    return browser_of(person.user)


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.clerk)


def test_asking_goes_from_the_kind_over_words_to_a_check_and_the_timeline(
    mine: Client, person: Retiree
) -> None:
    assert "您还没有提过" in text_of(mine.get("/my/requests/"))
    assert "心里话" in text_of(mine.get("/my/requests/new/"))
    assert mine.get("/my/requests/new/?kind=meals").headers["Location"] == "/my/requests/new/meals/"
    assert mine.get("/my/requests/new/?kind=nonsense").status_code == 422
    assert mine.post("/my/requests/new/meals/", {"words": " "}).status_code == 422

    check = mine.post("/my/requests/new/meals/", {"words": "想订午饭", "form_key": "x"})
    assert "请看一看对不对" in text_of(check)
    assert not Request.objects.exists()
    key = re.search(r'name="form_key" value="([^"]+)"', text_of(mine.get("/my/requests/new/meals/")))
    assert key is not None
    sent = {"words": "想订午饭", "form_key": key[1], "send": "1"}
    first = mine.post("/my/requests/new/meals/", sent, follow=True)
    mine.post("/my/requests/new/meals/", sent)

    assert "已经收到，最晚" in text_of(first)
    assert "想订午饭" in text_of(first)
    assert Request.objects.count() == 1


def test_rating_and_asking_once_more(world: World, mine: Client, person: Retiree) -> None:
    request = answered(of_person(person), world)
    url = f"/my/requests/{request.pk}/"
    assert "您满意吗" in text_of(mine.get(url))
    assert mine.post(f"{url}rate/", {}).status_code == 422

    assert "请再办一次" in text_of(mine.post(f"{url}rate/", {"rating": "poor"}, follow=True))
    assert mine.post(f"{url}again/", {"words": ""}).status_code == 422
    assert "已经请" in text_of(mine.post(f"{url}again/", {"words": "没送来"}, follow=True))

    assert again(request).was_reopened


def test_withdrawing_and_what_is_anothers(world: World, mine: Client, person: Retiree) -> None:
    request, other = of_person(person), of_person(world.member())

    assert mine.get(f"/my/requests/{other.pk}/").status_code == 404
    assert "不用办了" in text_of(mine.post(f"/my/requests/{request.pk}/withdraw/", follow=True))


def test_private_words_are_read_by_the_person_and_the_desk_alone(
    world: World, mine: Client, person: Retiree
) -> None:
    request = of_person(person, "heart", SECRET)
    helper = browser_of(make_helper(person).user)
    pages = {
        "desk": text_of(browser_of(world.clerk).get(f"/community/requests/{request.pk}/")),
        "person": text_of(mine.get(f"/my/requests/{request.pk}/")),
        "unit": text_of(browser_of(world.unit_clerk).get(f"/unit/requests/{request.pk}/")),
        "bureau": text_of(browser_of(world.bureau_clerk).get(f"/bureau/requests/{request.pk}/")),
        "helper": text_of(helper.get(f"/my/requests/for/{person.pk}/{request.pk}/")),
        "boards": text_of(browser_of(world.unit_clerk).get("/unit/requests/?scope=people")),
        "print": text_of(browser_of(world.unit_clerk).get(f"/unit/requests/{request.pk}/print/")),
    }

    assert {name for name, page in pages.items() if SECRET in page} == {"desk", "person"}
    assert "心里话" in pages["boards"]


def test_the_database_itself_keeps_private_words_back(world: World, person: Retiree) -> None:
    of_person(person, "heart", SECRET)
    open_words = of_person(person, "meals")

    def texts(user: Any) -> list[str]:
        with as_viewer(of(user)):
            return sorted(words.text for words in RequestWords.objects.all())

    assert texts(world.clerk) == sorted(["请送午饭", SECRET])
    assert texts(person.user) == sorted(["请送午饭", SECRET])
    assert texts(world.unit_clerk) == ["请送午饭"]
    assert texts(world.bureau_clerk) == ["请送午饭"]
    assert texts(make_helper(person).user) == ["请送午饭"]
    assert texts(world.clerk_there) == []
    assert open_words.pk


def test_the_board_shows_urgent_ones_first_and_counts_its_tabs(
    world: World, desk: Client, person: Retiree
) -> None:
    of_person(person, words="普通的事")
    at_desk(world, person, "urgent", words="水管爆了")
    overdue(of_person(person, words="晚了的事"), 2)
    answered(of_person(person), world)

    page = text_of(desk.get("/community/requests/"))

    assert page.index("水管爆了") < page.index("晚了的事") < page.index("普通的事")
    assert "新 3" in page
    assert "逾期 2 天" in page
    assert "晚了的事" in text_of(desk.get("/community/requests/?only=late"))
    assert "普通的事" not in text_of(desk.get("/community/requests/?only=late"))
    assert "已解决" not in page


def test_a_call_is_written_down_for_whoever_is_found(world: World, desk: Client, person: Retiree) -> None:
    found = text_of(desk.post("/community/requests/new/", {"q": person.name}))
    assert f"/community/requests/new/{person.pk}/" in found
    data = {
        "preset": preset("hotline").pk,
        "channel": "phone",
        "item": "need:meals",
        "words": "问送餐",
        "marks": ["call"],
    }

    answer = desk.post(f"/community/requests/new/{person.pk}/", {**data, "item": "window_item:policy"})
    assert answer.status_code == 422
    done = desk.post(f"/community/requests/new/{person.pk}/", data, follow=True)

    assert "已登记" in text_of(done)
    request = Request.objects.get()
    assert (request.item, request.wants_call, request.taken_for) == ("meals", True, world.here)


def test_an_unknown_caller_is_written_down_and_recognised(
    world: World, desk: Client, person: Retiree
) -> None:
    data = {
        "preset": preset("hotline").pk,
        "channel": "phone",
        "words": "问送餐",
        "caller": "老王",
        "caller_phone": "123",
    }
    assert desk.post("/community/requests/new/unknown/", data).status_code == 422
    desk.post("/community/requests/new/unknown/", {**data, "caller_phone": "13812345678"})
    url = f"/community/requests/{Request.objects.get().pk}/"
    assert "13812345678" not in text_of(desk.get(url))
    assert "138 1234 5678" in text_of(desk.post(f"{url}reveal/"))

    assert person.name in text_of(desk.post(f"{url}link/", {"q": person.name}))
    desk.post(f"{url}link/", {"retiree": person.pk})

    assert Request.objects.get().retiree == person


def test_the_desk_works_a_request_off(world: World, desk: Client, person: Retiree) -> None:
    request = at_desk(world, person, "letter", channel="letter")
    url = f"/community/requests/{request.pk}/"
    assert "康乐" in text_of(desk.post(f"{url}begin/", {"provider": "康乐服务"}, follow=True))
    assert desk.post(f"{url}answer/", {"outcome": "solved"}).status_code == 422
    answer = {"template": preset("letter").answers[0], "outcome": "solved", "seen_desk": world.here.pk}
    assert preset("letter").answers[0] in text_of(desk.post(f"{url}answer/", answer, follow=True))
    assert desk.post(f"{url}close/").status_code == 409
    desk.post(f"{url}follow-up/", {"words": "满意"})
    desk.post(f"{url}rate/", {"rating": "good"})
    desk.post(f"{url}close/")

    assert again(request).why_closed == "done"
    assert "办理单" in text_of(desk.get(f"{url}print/"))


def test_the_second_clerk_reads_on_the_page_who_was_first(
    world: World, desk: Client, person: Retiree
) -> None:
    request = of_person(person)
    actions.pass_on(request.pk, world.city.districts[0].pk, reason="区里办", by=world.clerk)
    bureau = browser_of(world.bureau_clerk)
    answer = bureau.post(
        f"/bureau/requests/{request.pk}/answer/", {"words": "好", "outcome": "solved", "seen_desk": "1"}
    )

    assert answer.status_code == 409
    assert "刚刚转给了" in text_of(answer)
    assert (
        desk.post(
            f"/community/requests/{request.pk}/answer/", {"words": "好", "outcome": "solved"}
        ).status_code
        == 403
    )


def test_passing_on_and_urging_on_the_page(world: World, desk: Client, person: Retiree) -> None:
    request = of_person(person)
    assert desk.post(f"/community/requests/{request.pk}/pass/", {"to": world.unit.pk}).status_code == 422
    assert "尽快办" in text_of(
        browser_of(world.street_clerk).post(f"/bureau/requests/{request.pk}/urge/", follow=True)
    )

    desk.post(f"/community/requests/{request.pk}/pass/", {"to": world.unit.pk, "reason": "单位食堂"})

    assert again(request).desk == world.unit
    assert "请送午饭" in text_of(browser_of(world.unit_clerk).get("/unit/requests/"))


def test_a_stranger_finds_nothing(world: World, person: Retiree) -> None:
    request = of_person(person)
    other = browser_of(world.clerk_there)

    assert other.get(f"/community/requests/{request.pk}/").status_code == 404
    assert other.post(f"/community/requests/{request.pk}/answer/", {"words": "x"}).status_code == 404
    assert "请送午饭" not in text_of(other.get("/community/requests/"))
