"""The pages: inbox, 系统对接, 我的信息告诉了谁."""

import pytest
from django.test import Client

from checkin.sync import actions
from checkin.sync.models import DeadLetter, DigestWish, Webhook
from checkin.sync.relay import relay
from communities.notices.models import Notice
from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from members.people.models import Retiree
from tests.checkin.sync.receiver import Receiver
from tests.checkin.world import World
from tests.communities.factories import make_staff


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def told(world: World) -> Notice:
    world.confirmed()
    relay()
    return Notice.objects.get(receiver=world.unit, kind="checkin.confirmed")


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.unit_clerk)


def test_the_inbox_shows_what_waits_first(told: Notice, desk: Client) -> None:
    page = desk.get("/unit/notices/")

    assert page.context["show"] == "waiting"
    assert [item.notice for item in page.context["items"]] == [told]
    assert "未签收" in page.content.decode()


def test_once_all_is_signed_the_inbox_shows_everything(told: Notice, desk: Client) -> None:
    desk.post("/unit/notices/sign/", {"id": [told.pk]})
    page = desk.get("/unit/notices/", follow=True)

    assert page.context["show"] == "all"
    assert Notice.objects.get(pk=told.pk).answered_by is not None
    assert "不用签收" in page.content.decode()


def test_notices_about_a_person_are_found_by_name(world: World, told: Notice, desk: Client) -> None:
    other = world.confirmed(world.member(name="孙丽华")).retiree
    relay()

    page = desk.get("/unit/notices/", {"show": "all", "q": "孙丽华"})

    assert {item.notice.person for item in page.context["items"]} == {other.pk}
    assert "没有关于" in desk.get("/unit/notices/", {"q": "无此人"}).content.decode()


def test_signing_one_and_disputing_one(world: World, told: Notice, desk: Client) -> None:
    assert desk.post(f"/unit/notices/{told.pk}/dispute/", {"words": ""}).status_code == 422
    desk.post(f"/unit/notices/{told.pk}/dispute/", {"words": "住址不对"})
    page = desk.get("/unit/notices/", {"show": "disputed"})
    assert "住址不对" in page.content.decode()

    world.confirmed(world.member())
    relay()
    newer = Notice.objects.filter(receiver=world.unit, kind="checkin.confirmed").latest("pk")
    assert desk.post(f"/unit/notices/{newer.pk}/sign/").status_code == 302
    assert Notice.objects.get(pk=newer.pk).state == Notice.State.ACKNOWLEDGED


def test_another_organisations_notice_is_not_found(world: World, told: Notice) -> None:
    assert browser_of(world.clerk).post(f"/community/notices/{told.pk}/sign/").status_code == 404
    assert browser_of(world.clerk).get(f"/community/notices/{told.pk}/dispute/").status_code == 404


def test_every_area_has_an_inbox(world: World) -> None:
    for user, area in (
        (world.clerk, "community"),
        (world.bureau_clerk, "bureau"),
        (world.street_clerk, "bureau"),
    ):
        assert browser_of(user).get(f"/{area}/notices/").status_code == 200


def test_the_inbox_costs_the_same_whatever_is_in_it(
    world: World, told: Notice, desk: Client, django_assert_max_num_queries: object
) -> None:
    for _ in range(3):
        world.confirmed(world.member())
    relay()
    desk.get("/unit/notices/")

    with django_assert_max_num_queries(11):  # type: ignore[operator]
        desk.get("/unit/notices/")


def test_a_digest_is_chosen_on_the_inbox(world: World, desk: Client) -> None:
    assert desk.post("/unit/notices/digest/", {"email": "x"}).status_code == 422
    desk.post("/unit/notices/digest/", {"email": "zhang@example.cn"})

    assert DigestWish.objects.get().email == "zhang@example.cn"


@pytest.fixture
def lead(world: World) -> Client:
    return browser_of(make_staff(world.unit, Assignment.Role.LEAD))


def test_only_the_lead_connects_a_system(world: World, desk: Client, receiver: Receiver) -> None:
    assert "由负责人办理" in desk.get("/unit/webhooks/").content.decode()
    assert desk.post("/unit/webhooks/add/", {"url": receiver.url}).status_code == 403
    assert not Webhook.objects.exists()


def test_the_secret_is_shown_once(world: World, lead: Client, receiver: Receiver) -> None:
    shown = lead.post("/unit/webhooks/add/", {"url": receiver.url})
    webhook = Webhook.objects.get()
    assert webhook.secret in shown.content.decode()
    assert webhook.secret not in lead.get("/unit/webhooks/").content.decode()

    again = lead.post("/unit/webhooks/add/", {"url": receiver.url})
    assert (again.status_code, Webhook.objects.count()) == (302, 1)
    made_at = webhook.secret_made_at.isoformat()
    fresh = lead.post(f"/unit/webhooks/{webhook.pk}/rotate/", {"made_at": made_at})
    assert Webhook.objects.get().secret in fresh.content.decode()
    assert lead.post(f"/unit/webhooks/{webhook.pk}/rotate/", {"made_at": made_at}).status_code == 409


def test_a_page_rotates_by_the_time_it_shows(world: World, lead: Client, receiver: Receiver) -> None:
    lead.post("/unit/webhooks/add/", {"url": receiver.url})
    webhook = Webhook.objects.get()
    html = lead.get("/unit/webhooks/").content.decode()
    made_at = html.split('name="made_at" value="')[1].split('"')[0]

    assert lead.post(f"/unit/webhooks/{webhook.pk}/rotate/", {"made_at": made_at}).status_code == 200


def test_an_address_inside_is_refused_at_the_field(world: World, lead: Client) -> None:
    answer = lead.post("/unit/webhooks/add/", {"url": "https://127.0.0.1/x"})

    assert answer.status_code == 422
    assert "内部网络" in answer.content.decode()


def test_pausing_testing_and_deciding_about_letters(world: World, lead: Client, receiver: Receiver) -> None:
    lead.post("/unit/webhooks/add/", {"url": receiver.url})
    webhook = Webhook.objects.get()
    world.confirmed()
    relay()
    notice = Notice.objects.filter(receiver=world.unit).latest("pk")
    letter = DeadLetter.objects.create(
        webhook=webhook, notice=notice, error="对方答复 HTTP 422", at=notice.created_at
    )

    page = lead.get("/unit/webhooks/").content.decode()
    assert "对方答复 HTTP 422" in page
    assert lead.post(f"/unit/webhooks/{webhook.pk}/test/").status_code == 302
    assert len(receiver.got) == 1
    lead.post(f"/unit/webhooks/{webhook.pk}/switch/", {"act": "pause"})
    assert Webhook.objects.get().state == Webhook.State.PAUSED
    lead.post(f"/unit/webhooks/{webhook.pk}/switch/", {"act": "resume"})
    assert lead.post(f"/unit/webhooks/letters/{letter.pk}/drop/", {"words": ""}).status_code == 409
    lead.post(f"/unit/webhooks/letters/{letter.pk}/resend/")
    assert DeadLetter.objects.get().state == DeadLetter.State.QUEUED
    DeadLetter.objects.update(state=DeadLetter.State.WAITING)
    lead.post(f"/unit/webhooks/{webhook.pk}/resend/")
    assert DeadLetter.objects.get().state == DeadLetter.State.QUEUED
    DeadLetter.objects.update(state=DeadLetter.State.WAITING)
    lead.post(f"/unit/webhooks/letters/{letter.pk}/drop/", {"words": "已电话告知"})
    assert DeadLetter.objects.get().state == DeadLetter.State.DROPPED


def test_another_organisations_address_is_not_found(world: World, lead: Client, receiver: Receiver) -> None:
    other = make_staff(world.here, Assignment.Role.LEAD)
    webhook = actions.add_webhook(world.here.pk, receiver.url, by=other)

    assert lead.post(f"/unit/webhooks/{webhook.pk}/switch/", {"act": "pause"}).status_code == 404


def test_the_person_reads_who_was_told_what_without_any_name(world: World, told: Notice) -> None:
    person = Retiree.objects.get(pk=told.person)
    assert person.user is not None
    html = browser_of(person.user).get("/my/told/").content.decode()

    assert f"告诉{world.unit.name}：您已报到" in html
    assert "我的信息告诉了谁" in browser_of(person.user).get("/my/info/").content.decode()


def test_nobody_reads_what_was_told_about_somebody_else(world: World, told: Notice) -> None:
    stranger = world.member()
    assert stranger.user is not None

    assert browser_of(stranger.user).get(f"/my/told/for/{told.person}/").status_code == 404
    assert "还没有告诉过谁" in browser_of(stranger.user).get("/my/told/").content.decode()
