"""The pages of a community: today's work, the queue, one request, the roster."""

import pytest
from django.test import Client
from django.utils import timezone

from checkin.record import actions
from checkin.record.models import State
from huifeng.texts.models import Text
from tests.checkin.record.staff import browser_of, overdue_by, text_of
from tests.checkin.world import World, again, moves
from tests.communities.factories import make_staff


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.clerk)


def test_the_work_of_today_stands_in_the_order_in_which_it_is_due(world: World, desk: Client) -> None:
    names = {"超期": 3, "今天到期": 0, "新提交": -2}
    for title, days in names.items():
        overdue_by(world.submitted(world.member(name=f"{title[:2]}人")), days)

    page = text_of(desk.get("/community/"))

    places = [page.index(title) for title in names]
    assert places == sorted(places)
    assert "今天要办 3 件" in page
    assert "逾期 3 天" in page


def test_an_empty_day_says_so(desk: Client) -> None:
    assert "今天的事都办完了" in text_of(desk.get("/community/"))


def test_a_returned_request_waits_in_a_group_of_its_own(world: World, desk: Client) -> None:
    world.returned()

    assert "等本人补充" in text_of(desk.get("/community/"))


def test_the_poll_counts_only_what_came_after_the_page(world: World, desk: Client) -> None:
    world.submitted()
    since = timezone.now().isoformat()

    before = desk.get("/community/news/", {"since": since})
    world.submitted()
    after = desk.get("/community/news/", {"since": since})

    assert text_of(before).strip() == ""
    assert "有 1 条新的" in text_of(after)


def test_a_poll_with_nonsense_is_quiet(desk: Client) -> None:
    assert text_of(desk.get("/community/news/", {"since": "2026-99-99T"})).strip() == ""


def test_the_queue_is_filtered_by_the_address(world: World, desk: Client) -> None:
    world.submitted(world.member(name="孙德胜"))
    world.submitted(world.member(name="周桂兰"))

    page = text_of(desk.get("/community/checkins/", {"q": "孙德"}))

    assert "孙德胜" in page
    assert "周桂兰" not in page


def test_the_queue_shows_only_the_own_community(world: World, desk: Client) -> None:
    world.submitted(world.member(name="孙德胜"), community_id=world.there.pk)

    assert "孙德胜" not in text_of(desk.get("/community/checkins/"))


def test_pages_of_the_queue_hold_everybody_once(world: World, desk: Client) -> None:
    made = {world.submitted().pk for _ in range(23)}

    first = desk.get("/community/checkins/")
    second = desk.get("/community/checkins/" + first.context["slice"].next_url)
    back = desk.get("/community/checkins/" + second.context["slice"].previous_url)

    shown = [item.checkin.pk for page in (first, second) for item in page.context["items"]]
    assert (len(shown), set(shown)) == (23, made)
    assert [i.checkin.pk for i in back.context["items"]] == [i.checkin.pk for i in first.context["items"]]


def test_a_cursor_that_is_not_understood_gives_the_first_page(world: World, desk: Client) -> None:
    world.submitted()

    for cursor in ("x", "2026-01-01", "1~1", "9999999999999999999999~1"):
        assert desk.get("/community/checkins/", {"after": cursor}).status_code == 200


def test_a_batch_confirms_who_has_no_warning_and_names_the_rest(world: World, desk: Client) -> None:
    sure, doubtful = world.submitted(), world.submitted(world.member(residence_address="别的路 1 号"))

    answer = desk.post("/community/checkins/confirm/", {"id": [sure.pk, doubtful.pk]}, follow=True)

    assert again(sure).state == State.CONFIRMED
    assert again(doubtful).state == State.VERIFIED
    assert "确认 1 人，1 人没有成功" in text_of(answer)
    assert "住址不一致" in text_of(answer)


def test_a_batch_holds_at_most_fifty(world: World, desk: Client) -> None:
    answer = desk.post("/community/checkins/confirm/", {"id": list(range(1, 60))})

    assert answer.status_code == 409


def test_a_batch_of_nothing_says_what_to_do(desk: Client) -> None:
    assert "请先勾选" in text_of(desk.post("/community/checkins/confirm/", {}, follow=True))


def test_the_page_of_a_request_marks_what_differs(world: World, desk: Client) -> None:
    checkin = world.submitted(world.member(residence_address="登州路 9 号"))

    page = text_of(desk.get(f"/community/checkins/{checkin.pk}/"))

    assert "不一致" in page
    assert "登州路 9 号" in page


def test_id_number_and_phone_are_masked(world: World, desk: Client) -> None:
    checkin = world.submitted()

    page = text_of(desk.get(f"/community/checkins/{checkin.pk}/"))

    assert checkin.retiree.id_number not in page
    assert checkin.retiree.phone not in page


def test_confirming_goes_on_to_the_next_and_offers_to_undo(world: World, desk: Client) -> None:
    first, second = world.submitted(world.member(name="孙德胜")), world.submitted()

    form = {"version": first.version, "contact": "李敏", "phone": "0532-85880000"}
    answer = desk.post(f"/community/checkins/{first.pk}/confirm/", form, follow=True)

    assert again(first).community_contact == "李敏"
    assert answer.redirect_chain[-1][0] == f"/community/checkins/{second.pk}/"
    assert "已确认 孙德胜" in text_of(answer)
    assert f"/community/checkins/{first.pk}/undo/" in text_of(answer)


def test_the_offer_to_undo_is_made_once(world: World, desk: Client) -> None:
    checkin = world.submitted()
    desk.post(
        f"/community/checkins/{checkin.pk}/confirm/",
        {"version": checkin.version, "contact": "李", "phone": "1"},
    )

    desk.get("/community/")

    assert "已确认" not in text_of(desk.get("/community/"))


def test_undo_takes_a_confirmation_back(world: World, desk: Client) -> None:
    checkin = world.confirmed()

    desk.post(f"/community/checkins/{checkin.pk}/undo/")

    assert again(checkin).state == State.VERIFIED


def test_a_stale_page_is_refused_and_says_who_acted(world: World, desk: Client) -> None:
    checkin = world.submitted()
    stale = checkin.version
    actions.confirm(checkin.pk, by=world.clerk)
    actions.undo_confirm(checkin.pk, by=world.clerk)

    form = {"version": stale, "contact": "李敏", "phone": "1"}
    answer = desk.post(f"/community/checkins/{checkin.pk}/confirm/", form)

    assert answer.status_code == 409
    assert "李敏" in text_of(answer)


def test_what_is_missing_needs_a_reason(world: World, desk: Client) -> None:
    checkin = world.submitted(world.member(rank=""))
    form = {"version": checkin.version, "contact": "李敏", "phone": "1"}

    refused = desk.post(f"/community/checkins/{checkin.pk}/confirm/", form)
    desk.post(f"/community/checkins/{checkin.pk}/confirm/", form | {"incomplete_because": "名册没有，稍后补"})

    assert refused.status_code == 422
    assert again(checkin).state == State.CONFIRMED


def test_a_return_needs_a_reason_and_keeps_the_words(world: World, desk: Client) -> None:
    checkin = world.submitted()

    refused = desk.post(
        f"/community/checkins/{checkin.pk}/return/", {"version": checkin.version, "words": "请写门牌"}
    )
    desk.post(
        f"/community/checkins/{checkin.pk}/return/",
        {"version": checkin.version, "reason": "address_unclear", "words": "请写门牌"},
    )

    assert refused.status_code == 422
    assert "请写门牌" in text_of(refused)
    assert (again(checkin).state, again(checkin).return_words) == (State.RETURNED, "请写门牌")


def test_the_preview_is_the_text_that_is_sent(world: World, desk: Client) -> None:
    checkin = world.submitted()

    preview = desk.get(f"/community/checkins/{checkin.pk}/").context["text_preview"]
    actions.return_to_person(checkin.pk, by=world.clerk, reason="other", words="x")

    assert Text.objects.order_by("-pk")[0].words == preview


def test_the_search_for_another_community_works_without_a_script(world: World, desk: Client) -> None:
    checkin = world.submitted()

    page = text_of(desk.get(f"/community/checkins/{checkin.pk}/send/", {"q": world.there.name[:2]}))

    assert world.there.name in page


def test_the_address_recommends_a_community(world: World, desk: Client) -> None:
    checkin = world.submitted(address=f"{world.there.name} 3 号")

    page = text_of(desk.get(f"/community/checkins/{checkin.pk}/send/"))

    assert "按住址推荐" in page
    assert world.there.name in page


def test_forwarding_hands_it_to_the_other_community(world: World, desk: Client) -> None:
    checkin = world.submitted()

    desk.post(
        f"/community/checkins/{checkin.pk}/send/",
        {"version": checkin.version, "community_id": world.there.pk},
    )

    assert again(checkin).desk == world.there
    assert "forwarded" in moves(checkin)


def test_withdrawing_for_the_person_needs_words(world: World, desk: Client) -> None:
    checkin = world.submitted()
    address = f"/community/checkins/{checkin.pk}/withdraw/"

    assert desk.post(address, {"version": checkin.version}).status_code == 422
    desk.post(address, {"version": checkin.version, "words": "本人来电"})

    assert again(checkin).state == State.WITHDRAWN


def test_a_confirmed_check_in_can_be_ended_with_a_reason(world: World, desk: Client) -> None:
    checkin = world.confirmed()

    desk.post(
        f"/community/checkins/{checkin.pk}/end/",
        {"version": checkin.version, "reason": "withdrawn", "words": "本人要求"},
    )

    assert again(checkin).state == State.ENDED


def test_the_request_of_another_community_is_not_there(world: World) -> None:
    checkin = world.submitted()

    answer = browser_of(world.clerk_there).get(f"/community/checkins/{checkin.pk}/")

    assert answer.status_code == 404


def test_an_act_of_the_other_side_is_refused(world: World) -> None:
    checkin = world.submitted()

    form = {"version": checkin.version, "contact": "张", "phone": "1"}
    answer = browser_of(world.unit_clerk).post(f"/unit/checkins/{checkin.pk}/confirm/", form)

    assert answer.status_code == 403
    assert again(checkin).state == State.VERIFIED


def test_whoever_works_for_no_community_is_refused(world: World) -> None:
    assert browser_of(world.unit_clerk).get("/community/").status_code == 403


def test_a_visitor_is_sent_to_log_in(world: World) -> None:
    assert Client().get("/community/").status_code == 302


def test_a_colleague_who_has_it_open_is_named(world: World, desk: Client) -> None:
    checkin = world.submitted()
    desk.get(f"/community/checkins/{checkin.pk}/")

    page = browser_of(make_staff(world.here)).get(f"/community/checkins/{checkin.pk}/")

    assert "李敏正在处理" in text_of(page)


def test_nobody_is_offered_to_decide_on_their_own_request(world: World) -> None:
    checkin = world.submitted(world.member(user=world.clerk))

    page = browser_of(world.clerk).get(f"/community/checkins/{checkin.pk}/")

    assert "请同事来办" in text_of(page)
    assert not page.context["may"].any
