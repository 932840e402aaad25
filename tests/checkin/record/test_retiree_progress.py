"""What a retiree meets after a check-in was sent, and those who help."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from checkin.record import actions, story
from checkin.record.models import CheckIn, State
from checkin.record.papers import links
from communities.organisations.models import Organisation
from members.people.models import Helper
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World, again
from tests.communities.factories import UserFactory
from tests.members.factories import load_codes


@pytest.fixture(autouse=True)
def codes(db):
    load_codes()


@pytest.fixture
def person(world: World):
    return world.member()


@pytest.fixture
def own(person) -> Client:
    """A browser in which the person is logged in."""
    return browser_of(person.user)


def help_by(person, **fields) -> Client:
    """The browser of somebody who helps `person`."""
    user = UserFactory(display_name="刘芳")
    add_helper(person, user)
    return browser_of(user)


def add_helper(person, user) -> Helper:
    return Helper.objects.create(
        retiree=person, user=user, name="刘芳", relation="daughter", consent="code", consent_text="x",
        consented_at=timezone.now(),
    )  # fmt: skip


# receipt, progress, ends -----------------------------------------------------------------------------------


def test_receipt_says_who_answers_by_when(world):
    checkin = world.submitted()

    page = text_of(browser_of(checkin.retiree.user).get("/my/receipt/"))

    assert "已经提交成功" in page
    assert f"{world.here.name}正在核对，" in page
    assert "给您回话" in page
    assert "<svg" in page


def test_progress_of_a_returned_request_leads_to_the_one_step(world):
    checkin = world.returned()
    own = browser_of(checkin.retiree.user)

    page = text_of(own.get("/my/progress/"))

    assert "门牌号不清楚" in page
    assert f'href="{reverse("my:address")}?back=check"' in page


def test_mended_request_keeps_its_community_and_number(world):
    checkin = world.returned()
    own = browser_of(checkin.retiree.user)

    answer = own.post(
        "/my/checkin/2/",
        {"district": "370202000000", "address": "云霄路 12 号 3 单元 502 室", "back": "check"},
    )
    own.post("/my/checkin/4/", {"consent": "on"})

    now = again(checkin)
    assert answer["Location"] == reverse("my:check")
    assert (now.state, now.community, now.number) == (State.VERIFIED, world.here, checkin.number)


def test_late_desk_is_told_so_in_plain_words(world):
    checkin = world.submitted()
    CheckIn.objects.filter(pk=checkin.pk).update(due_on=timezone.localdate() - timedelta(days=1))

    page = text_of(browser_of(checkin.retiree.user).get("/my/progress/"))

    assert "还没回话，我们已经提醒他们" in page
    assert "逾期" not in page


def test_progress_tells_what_happened_in_order(world):
    checkin = world.confirmed()

    titles = [
        step.title
        for step in story.tell(checkin, checkin.events.select_related("organisation").order_by("pk"))
    ]

    assert titles == ["您已提交", "和原单位名册相符", "社区已确认，报到完成"]


def test_public_progress_names_no_person(client, world):
    checkin = world.confirmed()

    page = text_of(client.get(reverse("public:progress", args=[links.signed_token(checkin)])))

    assert world.here.name in page
    for private in (checkin.retiree.name, "李敏", "502", checkin.retiree.phone):
        assert private not in page


def test_public_progress_of_a_forged_token_is_not_found(client, world):
    checkin = world.submitted()

    assert client.get(f"/p/{checkin.token}.forged/").status_code == 404


def test_withdrawing_is_asked_once_more(world):
    checkin = world.submitted()
    own = browser_of(checkin.retiree.user)

    own.get("/my/withdraw/")
    assert again(checkin).state == State.VERIFIED
    own.post("/my/withdraw/", {"version": checkin.version})
    assert again(checkin).state == State.WITHDRAWN


def test_ending_a_check_in_is_asked_once_more(world):
    checkin = world.confirmed()
    own = browser_of(checkin.retiree.user)

    own.get("/my/end/")
    assert again(checkin).state == State.CONFIRMED
    own.post("/my/end/")
    assert again(checkin).state == State.ENDED


def test_moving_house_starts_at_the_address(world):
    checkin = world.confirmed()

    response = browser_of(checkin.retiree.user).post("/my/start/")

    assert response["Location"] == reverse("my:address")
    assert again(checkin).state == State.CONFIRMED


def test_second_home_is_noted_with_its_months(world, person, own):
    asked = own.get("/my/season/?from_month=11&to_month=3&district=370202000000")
    own.get(asked["Location"])
    own.post(
        "/my/season/streets/370202001000/", {"from_month": "11", "to_month": "3", "community": world.there.pk}
    )

    assert f"{world.there.name}" in text_of(own.get("/my/season/"))
    own.post("/my/season/stop/")
    assert person.seasonal_stays.filter(ended_at=None).count() == 0


def test_download_holds_all_that_is_kept_and_no_index(world):
    checkin = world.confirmed()

    kept = json.loads(browser_of(checkin.retiree.user).get("/my/download/").content)

    assert kept["本人"]["姓名"] == checkin.retiree.name
    assert kept["报到"][0]["编号"] == checkin.number
    assert "id_index" not in json.dumps(kept)


# for somebody else -----------------------------------------------------------------------------------------


def test_helper_of_one_elder_lands_on_the_elders_page(world, person):
    response = help_by(person).get("/my/progress/")

    assert response["Location"] == f"/my/for/{person.pk}/progress/"


def test_every_page_says_for_whom_one_acts(world, person):
    world.draft(person)
    family = help_by(person)

    for page in ("", "checkin/1/", "checkin/2/", "checkin/4/", "info/"):
        assert f"您正在替 {person.name} 办理" in text_of(family.get(f"/my/for/{person.pk}/{page}"))


def test_steps_of_a_helper_stay_with_the_elder(world, person):
    response = help_by(person).post(f"/my/for/{person.pk}/start/")

    assert response["Location"] == f"/my/for/{person.pk}/checkin/1/"
    assert CheckIn.objects.get(retiree=person).channel == CheckIn.Channel.FAMILY


def test_page_of_somebody_else_is_not_found(world, person):
    other = browser_of(world.member(name="李秀英").user)

    for page in ("", "receipt/", "progress/", "info/", "download/"):
        assert other.get(f"/my/for/{person.pk}/{page}").status_code == 404


def test_helper_who_was_stopped_finds_nothing(world, person):
    family = help_by(person)
    Helper.objects.update(ended_at=timezone.now())

    assert family.get(f"/my/for/{person.pk}/").status_code == 404


def test_helper_of_two_is_asked_for_whom(world, person):
    user = UserFactory()
    add_helper(person, user)
    add_helper(world.member(name="李秀英"), user)

    response = browser_of(user).get("/my/")

    assert response["Location"] == reverse("people:which")


# whom to call, and cost ------------------------------------------------------------------------------------


def test_phone_of_a_community_is_found_by_links(client, world):
    Organisation.objects.filter(pk=world.here.pk).update(phone="0532-85881234")

    assert "/help/370202000000/" in text_of(client.get("/help/"))
    assert "/help/370202001000/" in text_of(client.get("/help/370202000000/"))
    assert "tel:053285881234" in text_of(client.get("/help/370202001000/"))


def test_community_is_no_area_of_the_phone_list(client, world):
    assert client.get("/help/370202001001/").status_code == 404


@pytest.mark.parametrize(
    ("address", "most"),
    [("/my/", 7), ("/my/progress/", 7), ("/my/receipt/", 6), ("/my/checkin/2/", 6), ("/my/checkin/4/", 6)],
)
def test_page_asks_the_database_little(world, django_assert_max_num_queries, address, most):
    checkin = world.draft() if "checkin" in address else world.submitted()
    own = browser_of(checkin.retiree.user)
    own.get(address)  # code lists are kept after the first look

    with django_assert_max_num_queries(most):
        assert own.get(address).status_code == 200


def test_progress_costs_the_same_after_many_moves(world, django_assert_max_num_queries):
    checkin = world.submitted()
    for _ in range(4):
        actions.return_to_person(checkin.pk, by=world.clerk, reason="other", words="请补充")
        actions.submit(checkin.pk, by=checkin.retiree.user, consented=True)
    own = browser_of(checkin.retiree.user)
    own.get("/my/progress/")

    with django_assert_max_num_queries(7):
        own.get("/my/progress/")


BANNED = ("提交工单", "授权", "绑定", "同步", "缓存", "异常", "参数", "系统错误", "用户", "逾期", "驳回")


@pytest.mark.parametrize("build", ["draft", "submitted", "waiting_for_unit", "returned", "confirmed"])
def test_words_are_plain(world, build):
    checkin = getattr(world, build)()
    own = browser_of(checkin.retiree.user)

    for address in ("/my/", "/my/progress/", "/my/receipt/", "/my/checkin/4/", "/my/info/", "/my/withdraw/"):
        page = text_of(own.get(address, follow=True))
        assert [word for word in BANNED if word in page] == [], address
