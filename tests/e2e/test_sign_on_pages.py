"""统一登录 in a real browser: button, the page of a real provider, and back, logged in; our pages are sound."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from huifeng.accounts import actions
from huifeng.accounts.models import SingleSignOn
from tests.checkin.world import World
from tests.e2e.browser import audit
from tests.huifeng.sign_on.provider import PASSWORD as THERE
from tests.huifeng.sign_on.travel import NAME, province, sign_on

__all__ = ["province", "sign_on"]
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of every page
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def test_from_the_button_to_the_province_and_back(
    world: World, open_page: Callable[..., Page], live_server: Any, sign_on: str
) -> None:
    def seen() -> None:
        assert audit(page, "retiree", with_keyboard=True) == []
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/sign-on-{time.time():.1f}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    ours = live_server.url.replace("localhost", "127.0.0.1")  # any port of which the provider sends back to
    page = open_page(f"{ours}/login/staff/?next=/community/overdue/")
    seen()
    page.get_by_role("link", name=NAME).click()
    page.get_by_label("Username").fill("chen")
    page.get_by_label("Password").fill(THERE)
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("还没有和这里的工作账号连上").wait_for()
    seen()

    actions.bind_sign_on(world.clerk.pk, f"{sign_on} sd-0001", by=world.clerk, how="session")
    page.goto(f"{ours}/login/staff/?next=/login/devices/")
    page.get_by_role("link", name=NAME).click()
    page.wait_for_url("**/login/devices/")
    seen()
    page.get_by_role("link", name=NAME).click()
    page.get_by_text("已经连上").wait_for()
    seen()
    page.get_by_role("button", name="断开").click()
    page.get_by_role("link", name="去连上").wait_for()
    seen()
    page.get_by_role("link", name="去连上").click()
    page.get_by_text("已经连上").wait_for()
    assert SingleSignOn.objects.get().user == world.clerk
