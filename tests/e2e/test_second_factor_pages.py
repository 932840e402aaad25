"""第二步验证 and 登录设备 in a real browser: sound on phone and desktop; a security key really signs."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page

from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from tests.checkin.world import World
from tests.communities.factories import PASSWORD, make_staff
from tests.e2e.browser import audit
from tests.huifeng.factors import shown
from tests.members.factories import make_linked_member

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
Opened = Callable[..., Page]
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of every page


def seen(page: Page, name: str, width: int, kind: str = "retiree") -> None:
    found = audit(page, kind, with_keyboard=width == 1366)
    chance = [
        finding for finding in found if "totp" in page.url and "banned-word" in finding
    ]  # letters of the secret
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)
    assert [finding for finding in found if finding not in chance] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def log_in(page: Page, server: str, user: User, **more: str) -> None:
    page.goto(server + "/login/staff/")
    page.get_by_label("登录名").fill(user.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()


@pytest.mark.parametrize("width", [360, 1366])
def test_a_bureau_sets_up_an_authenticator_without_a_script(
    world: World, open_page: Opened, live_server: Any, settings: Any, width: int
) -> None:
    settings.SECOND_FACTOR = "bureau"
    page = open_page("", width=width, javascript=False)
    log_in(page, live_server.url, world.bureau_clerk)
    page.wait_for_url("**/login/second/")
    page.get_by_role("link", name="设手机验证器").click()
    secret = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("验证器上现在显示的 6 位数字").fill(shown(secret))
    page.get_by_role("button", name="设好了").click()
    page.get_by_text("请现在抄下来或打印出来").wait_for()
    assert page.locator("main code").count() == 10

    page.get_by_role("link", name="记好了，去工作").click()
    page.wait_for_url("**/bureau/")


@pytest.mark.parametrize("width", [360, 1366])
def test_the_pages_are_sound(
    world: World, open_page: Opened, live_server: Any, settings: Any, width: int
) -> None:
    settings.SECOND_FACTOR = "bureau"
    page = open_page("", width=width)
    log_in(page, live_server.url, world.bureau_clerk)
    page.wait_for_url("**/login/second/")
    seen(page, "led", width)
    page.goto(live_server.url + "/login/second/totp/")
    seen(page, "totp", width)
    page.get_by_label("验证器上现在显示的 6 位数字").fill("000000")
    page.get_by_role("button", name="设好了").click()
    page.wait_for_selector(".error-summary")
    seen(page, "totp-wrong", width)
    secret = page.locator("code").inner_text().replace(" ", "")
    page.get_by_label("验证器上现在显示的 6 位数字").fill(shown(secret))
    page.get_by_role("button", name="设好了").click()
    page.wait_for_url("**/login/second/codes/")
    seen(page, "codes", width)
    for name, path in (
        ("key", "key/"),
        ("index", ""),
        ("new-codes", "codes/new/"),
        ("remove", "totp/remove/"),
    ):
        page.goto(f"{live_server.url}/login/second/{path}")
        seen(page, name, width)
    page.goto(f"{live_server.url}/login/second/again/password/")
    seen(page, "again", width)
    page.goto(f"{live_server.url}/login/second/codes/")
    seen(page, "codes-again", width)

    other = open_page("", width=width)
    log_in(other, live_server.url, world.bureau_clerk)
    other.wait_for_url("**/login/second/check/")
    seen(other, "check", width)


@pytest.mark.parametrize("width", [360, 1366])
def test_a_security_key_is_added_and_lets_in(
    world: World, open_page: Opened, live_server: Any, width: int
) -> None:
    page = open_page("", width=width)
    key = page.context.new_cdp_session(page)
    key.send("WebAuthn.enable")
    traits = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    key.send("WebAuthn.addVirtualAuthenticator", {"options": {**traits, "automaticPresenceSimulation": True}})
    server = live_server.url.replace("127.0.0.1", "localhost")
    log_in(page, server, world.bureau_clerk)
    page.goto(server + "/login/second/key/")
    page.get_by_label("给这把密钥起个名字").fill("办公室的钥匙")
    page.get_by_role("button", name="加这把密钥").click()
    page.wait_for_url("**/login/second/codes/")
    page.goto(server + "/login/second/")
    page.get_by_text("办公室的钥匙").first.wait_for()
    seen(page, "keys", width)
    page.goto(server + "/login/second/key/")
    page.get_by_role("button", name="加这把密钥").click()
    page.get_by_text("这把密钥已经加过了").wait_for()

    page.context.clear_cookies()
    log_in(page, server, world.bureau_clerk)
    page.wait_for_url("**/login/second/check/")
    seen(page, "check-key", width)
    page.get_by_role("button", name="用安全密钥登录").click()
    page.wait_for_url("**/bureau/")
    assert Authenticator.objects.get(type="webauthn").last_used_at is not None

    page.goto(server + "/login/second/again/key/?next=/login/second/")
    seen(page, "again-key", width)
    page.get_by_role("button", name="用安全密钥确认").click()
    page.wait_for_url("**/login/second/")


def test_without_a_script_the_key_page_says_so(world: World, open_page: Opened, live_server: Any) -> None:
    page = open_page("", javascript=False)
    log_in(page, live_server.url, world.bureau_clerk)
    page.goto(live_server.url + "/login/second/key/")

    assert page.get_by_text("加安全密钥要用浏览器的脚本").is_visible()
    assert not page.get_by_role("button", name="加这把密钥").is_visible()


@pytest.mark.parametrize("width", [360, 1366])
def test_devices_and_colleagues_are_sound(
    world: World, open_page: Opened, live_server: Any, width: int
) -> None:
    boss = make_staff(world.city.city, Assignment.Role.LEAD, display_name="王主任")
    Authenticator.objects.create(user=world.bureau_clerk, type="totp", data={"secret": "x"})
    person = make_linked_member(world.unit)
    person.user.set_password(PASSWORD)
    person.user.save()
    for user, name in ((boss, "devices-staff"), (person.user, "devices-retiree")):
        log_in(open_page("", width=360), live_server.url, user)
        page = open_page("", width=width)
        log_in(page, live_server.url, user)
        page.wait_for_url(lambda address: "/login/" not in address)
        page.goto(live_server.url + "/login/devices/")
        page.get_by_role("button", name="别的设备全部退出").wait_for()
        seen(page, name, width)
        page.get_by_role("button", name="别的设备全部退出").click()
        page.get_by_text("别的设备上都没有登录").wait_for()
    page = open_page("", width=width)
    log_in(page, live_server.url, boss)
    page.wait_for_url("**/bureau/")
    page.goto(live_server.url + "/bureau/colleagues/")
    seen(page, "colleagues", width, "staff")
    page.goto(f"{live_server.url}/bureau/colleagues/{world.bureau_clerk.pk}/reset/")
    seen(page, "colleague-reset", width, "staff")


def test_login_pages_that_say_why(open_page: Opened, live_server: Any, world: World) -> None:
    page = open_page(live_server.url + "/login/staff/?long=1", width=360)
    seen(page, "long", 360)


@pytest.mark.parametrize("width", [360, 1366])
def test_what_was_typed_is_there_again_after_the_session_ended(
    world: World, open_page: Opened, live_server: Any, settings: Any, width: int
) -> None:
    boss = make_staff(world.city.city, Assignment.Role.LEAD, display_name="王主任")
    Authenticator.objects.create(user=world.bureau_clerk, type="totp", data={"secret": "x"})
    page = open_page("", width=width, javascript=False)
    log_in(page, live_server.url, boss)
    page.goto(f"{live_server.url}/bureau/colleagues/{world.bureau_clerk.pk}/reset/")
    page.get_by_label("为什么重设").fill("旧手机掉进海里，本人来过")
    settings.STAFF_IDLE_SECONDS = 1
    time.sleep(2.2)
    page.get_by_role("button", name="重设").click()
    page.get_by_text("填了一半的内容还在").wait_for()
    settings.STAFF_IDLE_SECONDS = 1800
    page.get_by_label("登录名").fill(boss.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()

    page.wait_for_url("**/reset/")
    assert page.get_by_label("为什么重设").input_value() == "旧手机掉进海里，本人来过"
    assert page.get_by_text("您刚才填的内容还在").is_visible()
    assert Authenticator.objects.exists()
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/kept-{width}.png", full_page=True)
    page.get_by_role("button", name="重设").click()
    page.get_by_text("的第二步验证已重设").wait_for()
