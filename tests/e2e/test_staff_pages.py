"""Every staff page in a real browser: sound at phone and desktop width, with every kind of row on it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils import timezone

from checkin.record import actions
from checkin.record.models import Ceremony, CheckIn
from checkin.record.views.counter import SALT
from huifeng.accounts.models import User
from members.people import actions as people
from members.people.models import Death, Retiree
from tests.checkin.record.staff import overdue_by
from tests.checkin.world import World, make_world
from tests.communities.factories import UserFactory, make_staff
from tests.e2e.browser import OF_STAFF, Look, audit
from tests.members.factories import make_account

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    """A desk with something of everything."""
    made = make_world()
    made.here.phone, made.here.contact = "0532-85880011", "李敏"
    made.here.save()
    overdue_by(made.submitted(made.member(name="孙德胜")), 9)
    overdue_by(made.submitted(made.member(name="周桂兰", residence_address="登州路 9 号")), 2)
    overdue_by(made.submitted(made.member(name="吴秀英")), 0)
    made.submitted(made.member(name="郑和平"))
    made.returned(made.member(name="冯学文"))
    made.waiting_for_unit(made.member(name="陈志刚"))
    made.confirmed(made.member(name="褚玉珍"))
    made.member(name="卫国强", user=None)
    made.submitted(
        made.member(name="蒋兰芳"), community_id=None, area_id="370202001000", address="云霄路社区 5 号"
    )
    elder = made.confirmed(made.member(name="沈素琴")).retiree
    people.ask_to_help(
        name="沈小军", relation="son", elder_name="沈素琴", birth_month="1950-03", phone=elder.phone,
        by=UserFactory(), by_call=True,
    )  # fmt: skip
    lost = made.member(name="韩长河", user=None)
    people.register_self(
        name="韩长河", id_number=lost.id_number, kind_of_person="tuixiu", by=make_account("13900009999"),
        unit_words="海洋所",
    )  # fmt: skip
    people.report_death(
        made.confirmed(made.member(name="杨树林")).retiree_id, timezone.localdate(), by=made.clerk
    )
    actions.add_seasonal_stay(
        made.member(name="朱海燕").pk, by=made.clerk, community_id=made.here.pk, from_month=11, to_month=3
    )
    return made


def cookies_of(user: User, live_server: Any) -> list[dict[str, str]]:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]


def community_pages(world: World) -> list[str]:
    waiting = CheckIn.objects.get(retiree__name="周桂兰")
    confirmed = CheckIn.objects.get(retiree__name="褚玉珍")
    token = signing.dumps(Retiree.objects.get(name="卫国强").pk, salt=SALT)
    return [
        "/community/",
        "/community/checkins/",
        "/community/checkins/?state=verified&q=周",
        f"/community/checkins/{waiting.pk}/",
        f"/community/checkins/{waiting.pk}/send/",
        f"/community/checkins/{waiting.pk}/send/?q=路",
        f"/community/checkins/{confirmed.pk}/",
        "/community/people/",
        f"/community/people/{confirmed.retiree_id}/",
        f"/community/people/{confirmed.retiree_id}/edit/",
        "/community/register/",
        "/community/register/new/",
        f"/community/register/{token}/",
        f"/community/register/{token}/season/",
        "/community/verify/",
        "/community/seasonal/",
        "/community/notices/",
        "/search/?q=周",
    ]


def unit_pages(world: World) -> list[str]:
    waiting = CheckIn.objects.get(retiree__name="陈志刚")
    dead = Death.objects.get().retiree_id
    return [
        "/unit/",
        "/unit/?state=none",
        "/unit/verify/",
        f"/unit/checkins/{waiting.pk}/",
        f"/unit/people/{dead}/",
        f"/unit/people/{dead}/edit/",
        "/unit/people/new/",
        "/unit/ceremonies/",
        "/unit/ceremonies/new/",
        "/unit/notices/",
    ]


def bureau_pages(world: World) -> list[str]:
    waits = CheckIn.objects.get(retiree__name="蒋兰芳")
    return [
        "/bureau/",
        "/bureau/?place=370202",
        "/bureau/people/",
        "/bureau/people/?state=late",
        "/bureau/overdue/",
        "/bureau/place/",
        f"/bureau/checkins/{waits.pk}/",
        f"/bureau/checkins/{waits.pk}/send/",
        f"/bureau/people/{waits.retiree_id}/",
        "/bureau/verify/",
    ]


Pages = Callable[[World], list[str]]
WHO: dict[str, tuple[Callable[[World], User], Pages]] = {
    "community": (lambda world: world.clerk, community_pages),
    "unit": (lambda world: world.unit_clerk, unit_pages),
    "bureau": (lambda world: make_staff(world.city.city), bureau_pages),
    "street": (lambda world: world.street_clerk, bureau_pages),
}


@pytest.mark.parametrize("seen_as", OF_STAFF, ids=lambda seen_as: "-".join(map(str, seen_as)))
@pytest.mark.parametrize("who", WHO)
def test_staff_pages_are_sound(world: World, open_page, live_server, who: str, seen_as: Look) -> None:
    user, pages = WHO[who][0](world), WHO[who][1](world)
    width, size, contrast = seen_as
    cookies = cookies_of(user, live_server)
    page = open_page(live_server.url + "/login/", width=width, size=size, contrast=contrast, cookies=cookies)

    found = {}
    for address in pages:
        answer = page.goto(live_server.url + address)
        assert answer.status == 200, address
        page.evaluate("scrollTo(0, document.body.scrollHeight)")  # where nothing lies under a sticky bar
        if findings := audit(page, "staff", with_keyboard=width == 1366):
            found[address] = findings

    assert found == {}


@pytest.mark.parametrize("width", [360, 1366])
def test_the_pages_of_a_ceremony_are_sound(world: World, open_page, live_server, width: int) -> None:
    page = open_page("", width=width)
    page.context.add_cookies(cookies_of(world.unit_clerk, live_server))
    page.goto(live_server.url + "/unit/ceremonies/new/")
    page.get_by_label("选择 卫国强").check(force=True)
    page.get_by_label("选择 朱海燕").check(force=True)
    page.get_by_role("button", name="下一步").click()
    page.get_by_text("没有住址").first.wait_for()
    assert audit(page, "staff", with_keyboard=False) == []

    for box in page.get_by_label("现居地址").all():
        box.fill(f"{world.here.name} 1 号")
    page.get_by_role("button", name="改好了").click()
    page.get_by_text("请选一个社区").first.wait_for()
    for choice in page.locator(".rows input[type=radio]").all():
        choice.check()
    page.get_by_role("button", name="一次办理 2 人").click()
    page.get_by_role("heading", name="荣退仪式").wait_for()

    assert Ceremony.objects.get().checkins.count() == 2
    assert audit(page, "staff", with_keyboard=False) == []


def test_the_counter_works_without_a_script(world: World, open_page, live_server) -> None:
    page = open_page("", width=1366, javascript=False)
    page.context.add_cookies(cookies_of(world.clerk, live_server))
    page.goto(live_server.url + "/community/register/")
    page.get_by_label("姓名", exact=True).fill("卫国强")
    for label, value in (("年", "1950"), ("月", "3"), ("日", "8")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="在名册里找").click()
    page.get_by_role("link", name="选这一位").click()
    page.get_by_label("现在的住址").fill("云霄路 8 号")
    page.get_by_label("已看过同意书").check()
    page.get_by_role("button", name="登记并打印回执").click()

    page.get_by_role("heading", name="卫国强 已登记").wait_for()
    assert CheckIn.objects.get(retiree__name="卫国强").state == "confirmed"
