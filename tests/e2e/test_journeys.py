"""Whole journeys through a real browser: what people come for, from the first page to the paper."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from checkin.record.models import Channel, CheckIn, State
from communities.notices.models import Notice
from huifeng.texts.models import Text
from members.people.models import Helper, Retiree
from tests.checkin.world import World, again
from tests.communities.factories import NamedPlaceFactory, make_staff
from tests.members.factories import make_account, make_member

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
ESTATE = "云霄花园"


@pytest.fixture
def retiree(world: World) -> Retiree:
    """On the roster, never logged in; lives in an estate that the community's list names."""
    NamedPlaceFactory(community=world.here.division, name=ESTATE)
    return make_member(world.unit, name="王建国", phone="13912345678")


def code_for(phone: str) -> str:
    """The six digits of the last text to `phone`."""
    digits = phone.replace(" ", "")
    texts = [text for text in Text.objects.order_by("-pk") if text.phone == digits]
    found = re.search(r"\d{6}", texts[0].words)
    assert found is not None
    return found.group()


def log_in_by_phone(page: Page, address: str, phone: str) -> None:
    page.goto(f"{address}/login/")
    page.get_by_label("手机号").fill(phone)
    page.get_by_role("button", name="发短信给我").click()
    page.get_by_label("数字").fill(code_for(phone))
    page.get_by_role("button", name="登录", exact=True).click()


def fill_in_the_steps(page: Page) -> None:
    """From 「开始报到」 to the receipt."""
    page.get_by_role("button", name="开始报到").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("这些信息对吗")
    page.get_by_label("都对").check()
    page.get_by_role("button", name="下一步").click()
    if "家里谁可以联系" in page.inner_text("h1"):
        page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("现在住在哪里")
    page.get_by_label("区市").select_option(label="市南区")
    page.locator("[name=address]").fill(f"{ESTATE} 2 号楼 3 单元 502")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("到哪个社区报到")
    page.get_by_label(re.compile("云霄路社区")).first.check()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("请核对")
    page.get_by_label(re.compile("我同意")).check()
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经提交成功")


def test_a_retiree_checks_in_online(
    world: World, retiree: Retiree, live_server: Any, open_page: Open, logged_in: Open
) -> None:
    page = open_page("", width=360)
    log_in_by_phone(page, live_server.url, "139 1234 5678")
    expect(page.get_by_role("heading", level=1)).to_contain_text("王建国同志")
    fill_in_the_steps(page)
    checkin = CheckIn.objects.get(retiree=retiree)
    expect(page.locator(".number").first).to_contain_text(checkin.number[-6:])
    assert checkin.state == State.VERIFIED

    clerk = logged_in(world.clerk, "/community/", width=1366)
    expect(clerk.locator("main")).to_contain_text("王建国")
    clerk.goto(f"{live_server.url}/community/checkins/{checkin.pk}/")
    clerk.get_by_role("button", name="确认报到").click()
    expect(clerk.locator("body")).to_contain_text("已确认 王建国")
    assert again(checkin).state == State.CONFIRMED

    unit = logged_in(world.unit_clerk, "/unit/", width=1366)
    expect(unit.get_by_role("row", name=re.compile("王建国"))).to_contain_text("已报到")

    bureau = logged_in(world.bureau_clerk, "/bureau/people/", width=1366)
    expect(bureau.locator("main")).to_contain_text("王建国")

    page.goto(f"{live_server.url}/my/progress/")
    expect(page.locator("main")).to_contain_text("李敏")
    receipt = page.context.request.get(f"{live_server.url}/papers/{checkin.pk}/receipt.pdf")
    assert receipt.body().startswith(b"%PDF")


def test_a_clerk_registers_somebody_at_the_counter_and_prints(
    world: World, retiree: Retiree, live_server: Any, logged_in: Open
) -> None:
    page = logged_in(world.clerk, "/community/register/", width=1366)
    page.locator("main input[name=name]").fill("王建国")
    page.get_by_label("年", exact=True).fill("1950")
    page.get_by_label("月", exact=True).fill("3")
    page.get_by_label("日", exact=True).fill("8")
    page.get_by_role("button", name="在名册里找").click()
    page.get_by_role("link", name=re.compile("选这一位")).click()
    page.get_by_label("到场").check()
    page.get_by_label(re.compile("住址")).first.fill(f"{ESTATE} 5 号楼")
    page.get_by_label(re.compile("已看过同意书")).check()
    page.get_by_role("button", name="登记并打印回执").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("已登记")
    checkin = CheckIn.objects.get(retiree=retiree)
    assert (checkin.state, checkin.channel) == (State.CONFIRMED, Channel.COUNTER)
    href = page.get_by_role("link", name="打印回执").get_attribute("href")
    paper = page.context.request.get(f"{live_server.url}{href}")
    assert paper.body().startswith(b"%PDF")


def test_a_returned_request_is_amended(world: World, logged_in: Open) -> None:
    checkin = world.submitted()
    clerk = logged_in(world.clerk, f"/community/checkins/{checkin.pk}/", width=1366)
    clerk.get_by_text("退回补充", exact=True).click()
    clerk.get_by_label("住址不清楚").check()
    clerk.locator("textarea[name$=words], input[name$=words]").first.fill("请写门牌号")
    clerk.get_by_role("button", name="请本人补充").click()
    assert again(checkin).state == State.RETURNED

    page = logged_in(checkin.retiree.user, "/my/", width=360)
    page.get_by_role("link", name="去补充").first.click()
    if page.get_by_role("link", name="去补充").count():
        page.get_by_role("link", name="去补充").first.click()
    expect(page.locator("[name=address]")).to_have_value(re.compile("云霄路"))
    page.locator("[name=address]").fill("云霄路 12 号 3 单元 503")
    page.get_by_role("button", name="下一步").click()
    while "请核对" not in page.inner_text("h1"):
        page.get_by_role("button", name="下一步").click()
    page.get_by_label(re.compile("我同意")).check()
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经提交成功")

    amended = again(checkin)
    assert (amended.state, amended.address) == (State.VERIFIED, "云霄路 12 号 3 单元 503")
    assert amended.number == checkin.number


def test_the_wrong_community_forwards(world: World, logged_in: Open, live_server: Any) -> None:
    checkin = world.submitted()
    page = logged_in(world.clerk, f"/community/checkins/{checkin.pk}/", width=1366)
    page.get_by_role("link", name=re.compile("不是本社区")).click()
    page.locator("input[type=search], input[name=q]").last.fill(world.there.name)
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    page.get_by_role(
        "button", name=re.compile(f"(转给|转到|选).*{world.there.name}|{world.there.name}")
    ).first.click()

    assert again(checkin).desk == world.there
    other = logged_in(world.clerk_there, "/community/", width=1366)
    expect(other.locator("main")).to_contain_text(checkin.retiree.name)


def test_moving_house(world: World, logged_in: Open, live_server: Any) -> None:
    old = world.confirmed()
    NamedPlaceFactory(community=world.there.division, name="浮山花园")
    page = logged_in(old.retiree.user, "/my/info/", width=360)
    page.get_by_role("link", name=re.compile("搬家")).first.click()
    page.get_by_role("button", name="写新的住址").click()
    page.get_by_label("区市").select_option(label="市南区")
    page.locator("[name=address]").fill("浮山花园 1 号楼")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label(re.compile(world.there.name)).first.check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label(re.compile("我同意")).check()
    page.get_by_role("button", name="确认提交").click()
    new = CheckIn.objects.exclude(pk=old.pk).get(retiree=old.retiree)
    assert again(old).state == State.CONFIRMED

    clerk = logged_in(world.clerk_there, f"/community/checkins/{new.pk}/", width=1366)
    clerk.get_by_role("button", name="确认报到").click()

    assert (again(new).state, again(old).state, again(old).end_reason) == (
        State.CONFIRMED,
        State.ENDED,
        "moved",
    )
    assert Notice.objects.filter(receiver=world.here, kind="checkin.ended").exists()


def test_a_daughter_helps(world: World, retiree: Retiree, live_server: Any, open_page: Open) -> None:
    make_account("13800001111", username="daughter", display_name="")
    page = open_page("", width=360)
    log_in_by_phone(page, live_server.url, "13800001111")
    page.goto(f"{live_server.url}/my/help/")
    page.get_by_label("您是老人的").select_option(label="女儿")
    page.locator("input[name=name]").fill("王小红")
    page.locator("input[name=elder_name]").fill("王建国")
    page.get_by_label("年", exact=True).fill("1950")
    page.get_by_label("月", exact=True).fill("3")
    page.locator("input[name=phone]").fill("13912345678")
    page.locator("main .btn-primary").click()
    page.locator("input[name=digits]").fill(code_for("13912345678"))
    page.locator("main .btn-primary").click()
    assert Helper.objects.filter(retiree=retiree, ended_at=None).count() == 1

    page.goto(f"{live_server.url}/my/for/{retiree.pk}/")
    expect(page.locator("body")).to_contain_text("您正在替")
    fill_in_the_steps(page)

    checkin = CheckIn.objects.get(retiree=retiree)
    assert (checkin.channel, checkin.helper.name) == (Channel.FAMILY, "王小红")


def test_a_ceremony_hands_over_twenty(world: World, logged_in: Open) -> None:
    NamedPlaceFactory(community=world.here.division, name=ESTATE)
    today = timezone.localdate()
    for number in range(20):
        make_member(
            world.unit,
            name=f"李国{'一二三四五六七八九十'[number % 10]}",
            retired_on=f"{today:%Y-%m}",
            residence=world.here.division,
            residence_address=f"{ESTATE} {number + 1} 号楼",
            birth_date=date(1966, 3, 8),
        )
    page = logged_in(world.unit_clerk, "/unit/ceremonies/new/", width=1366)
    boxes = page.locator("main tbody input[type=checkbox]")
    for box in boxes.all():
        box.check()
    page.locator("main .btn-primary").last.click()
    page.wait_for_load_state()
    page.locator("main .btn-primary").last.click()
    page.wait_for_load_state()

    handed_over = CheckIn.objects.filter(channel=Channel.CEREMONY, state=State.VERIFIED, desk=world.here)
    assert handed_over.count() == 20
    papers = page.get_by_role("link", name=re.compile("介绍信|报到单")).first.get_attribute("href")
    printed = page.context.request.get(page.url.split("/unit")[0] + papers)
    assert printed.body().startswith(b"%PDF")


def test_with_the_keyboard_only(world: World, live_server: Any, logged_in: Open) -> None:
    NamedPlaceFactory(community=world.here.division, name=ESTATE)
    person = world.member(name="王建国")
    page = logged_in(person.user, "/my/", width=1366)

    def tab_to(label: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            text = page.evaluate(
                "() => { const e = document.activeElement; const l = e.labels && e.labels[0];"
                " return (l ? l.innerText : e.innerText) || ''; }"
            )
            if label in text:
                return
        raise AssertionError(f"no way to 「{label}」 by Tab on {page.url}")

    def go(label: str) -> None:
        tab_to(label)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    go("开始报到")
    tab_to("都对")
    page.keyboard.press("Space")
    go("下一步")
    if "家里谁" in page.inner_text("h1"):
        go("下一步")
    tab_to("区市")
    page.keyboard.press("ArrowDown")
    tab_to("小区")
    page.keyboard.type(f"{ESTATE} 2 号楼")
    go("下一步")
    tab_to("云霄路社区")
    page.keyboard.press("Space")
    go("下一步")
    tab_to("我同意")
    page.keyboard.press("Space")
    go("确认提交")

    assert "已经提交成功" in page.inner_text("h1")
    assert CheckIn.objects.get(retiree=person).state == State.VERIFIED


def test_without_javascript(world: World, retiree: Retiree, live_server: Any, open_page: Open) -> None:
    page = open_page("", width=360, javascript=False)
    log_in_by_phone(page, live_server.url, "13912345678")
    fill_in_the_steps(page)

    assert CheckIn.objects.get(retiree=retiree).state == State.VERIFIED


def test_a_double_click_sends_once(world: World, logged_in: Open) -> None:
    checkin = world.draft()
    page = logged_in(checkin.retiree.user, "/my/checkin/4/", width=360)
    page.get_by_label(re.compile("我同意")).check()
    page.get_by_role("button", name="确认提交").dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经提交成功")

    assert checkin.events.filter(move="submitted").count() == 1


def test_two_clerks_on_one_item(world: World, logged_in: Open) -> None:
    checkin = world.submitted()
    first = logged_in(world.clerk, f"/community/checkins/{checkin.pk}/", width=1366)
    second = logged_in(
        make_staff(world.here, display_name="赵敏"), f"/community/checkins/{checkin.pk}/", width=1366
    )
    first.get_by_role("button", name="确认报到").click()
    expect(first.locator("body")).to_contain_text(f"已确认 {checkin.retiree.name}")
    second.get_by_role("button", name="确认报到").click()

    expect(second.locator("body")).to_contain_text(re.compile("已由.*李敏"))
    assert checkin.events.filter(move="confirmed").count() == 1
