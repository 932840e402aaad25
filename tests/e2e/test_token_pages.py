"""接口令牌 in a real browser: sound at phone and desktop width, works without a script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from checkin.api import actions
from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from tests.checkin.api.systems import system_of
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.e2e.browser import LOOKS, Look, audit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., Page]


@pytest.fixture
def lead(world: World) -> User:
    return make_staff(world.unit, Assignment.Role.LEAD, display_name="王主任")


@pytest.mark.parametrize("seen_as", LOOKS, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_the_pages_are_sound(world: World, lead: User, logged_in: Opened, seen_as: Look) -> None:
    width, size, contrast = seen_as
    token, ended = system_of(world.unit).token, system_of(world.unit).token
    actions.revoke(ended.pk, by=lead, why="系统下线")
    found: dict[str, Any] = {}
    for path in ("", "new/", f"{token.pk}/rotate/", f"{token.pk}/revoke/"):
        page = logged_in(lead, f"/unit/tokens/{path}", width=width, size=size, contrast=contrast)
        if findings := audit(page, "staff", with_keyboard=width == 1366):
            found[path] = findings

    assert found == {}


@pytest.mark.parametrize("width", [360, 1366])
def test_a_token_is_made_without_a_script(lead: User, logged_in: Opened, width: int) -> None:
    page = logged_in(lead, "/unit/tokens/new/", width=width, javascript=False)
    page.get_by_label("对接系统名称").fill("单位人事系统")
    page.get_by_label("查询（人员").check()

    page.get_by_role("button", name="生成令牌").click()

    page.get_by_role("heading", name="请现在记下密钥").wait_for()
    assert re.search(r"hf_[0-9a-f]{10}_[0-9a-f]{64}", page.inner_text("main"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
