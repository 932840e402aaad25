"""The counter in a browser: what is typed comes back, and the photograph goes along."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from playwright.sync_api import Page, expect

from checkin.record.models import CheckIn, ConsentPaper
from checkin.record.views.counter import SALT
from tests.checkin.record.photographs import picture
from tests.checkin.world import World
from tests.e2e.browser import audit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


@pytest.fixture
def address(world: World) -> str:
    retiree = world.member(name="孙德胜")
    return f"/community/register/{signing.dumps(retiree.pk, salt=SALT)}/"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> None:
    settings.FILES = tmp_path


def test_a_field_that_is_left_is_saved_and_comes_back(world: World, address: str, logged_in: Open) -> None:
    page = logged_in(world.clerk, address, width=1366)
    page.locator("[name=address]").fill("云霄路 77 号")
    page.locator("[name=address]").blur()
    expect(page.locator("#kept")).to_have_text(re.compile(r"已保存 \d{1,2}:\d\d"))

    again = logged_in(world.clerk, address, width=1366)

    expect(again.locator("[name=address]")).to_have_value("云霄路 77 号")
    assert not CheckIn.objects.exists()


def test_when_the_line_is_down_trying_again_saves_and_does_not_register(
    world: World, address: str, logged_in: Open
) -> None:
    page = logged_in(world.clerk, address, width=1366)
    page.route("**/keep/", lambda route: route.abort())
    page.locator("[name=address]").fill("云霄路 77 号")
    page.locator("[name=address]").blur()
    expect(page.locator("#net")).to_contain_text("没有连上")
    page.unroute("**/keep/")
    page.get_by_role("button", name="再试一次").click()

    expect(page.locator("#kept")).to_contain_text("已保存")
    assert not CheckIn.objects.exists()


def test_the_photograph_is_sent_with_the_form(world: World, address: str, logged_in: Open) -> None:
    page = logged_in(world.clerk, address, width=1366)
    page.locator("[name=address]").fill("云霄路 77 号")
    page.get_by_label(re.compile("同意书照片")).set_input_files(
        {"name": "a.png", "mimeType": "image/png", "buffer": picture("PNG")}
    )
    page.get_by_role("button", name="按住址推荐社区").click()
    page.get_by_label(re.compile("已看过同意书")).check()
    page.get_by_role("button", name="登记并打印回执").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("已登记")
    assert ConsentPaper.objects.count() == 1


@pytest.mark.parametrize("width", [360, 1366])
def test_the_page_with_something_kept_is_sound(
    world: World, address: str, logged_in: Open, width: int
) -> None:
    page = logged_in(world.clerk, address, width=width)
    page.locator("[name=address]").fill("云霄路 77 号")
    page.locator("[name=address]").blur()
    expect(page.locator("#kept")).to_contain_text("已保存")

    again = logged_in(world.clerk, address, width=width)

    expect(again.locator(".notice")).to_contain_text("已经放回来了")
    assert audit(again, "staff") == []
