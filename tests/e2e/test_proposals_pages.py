"""更正建议 in a real browser: the pages are sound, and a retiree's word goes to the unit and comes back."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from checkin.proposals import actions
from tests.checkin.proposals.said import of_community, of_person, of_unit, overdue
from tests.checkin.world import World
from tests.e2e.browser import audit
from tests.members.factories import make_id_number

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


def shot(page: Page, name: str) -> None:
    """A picture for people to look at, where TEST_PICTURES names a folder."""
    if folder := os.environ.get("TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 1366])
def test_the_staff_pages_are_sound(world: World, logged_in: Open, width: int) -> None:
    retiree = world.confirmed().retiree
    first = of_community(world, retiree, name="王健国")
    of_person(world, retiree, id_number=make_id_number(77))
    overdue(of_person(world, world.member(name="孙德胜")), 3)
    of_unit(world, retiree, phone="13912345678")
    done = of_person(world, world.member(name="周桂兰"))
    actions.refuse(done.pk, by=world.unit_clerk, reason="档案里没有这一项，请带退休证来单位")
    found = {}
    for name, user, path in (
        ("queue", world.unit_clerk, "/unit/proposals/"),
        ("decided", world.unit_clerk, "/unit/proposals/?show=decided"),
        ("one", world.unit_clerk, f"/unit/proposals/{first.pk}/"),
        ("person", world.unit_clerk, f"/unit/people/{retiree.pk}/"),
        ("choose", world.clerk, f"/community/proposals/new/{retiree.pk}/"),
        ("new", world.clerk, f"/community/proposals/new/{retiree.pk}/birth_date/"),
        ("words", world.clerk, f"/community/proposals/new/{retiree.pk}/words/"),
    ):
        page = logged_in(user, path, width=width)
        found[name] = audit(page, "staff", with_keyboard=width == 1366 and name in ("queue", "one"))
        shot(page, f"proposals-{name}-{width}")

    assert found == {name: [] for name in found}


@pytest.mark.parametrize("width", [360, 1366])
def test_the_retirees_pages_are_sound(world: World, logged_in: Open, width: int) -> None:
    retiree = world.confirmed().retiree
    of_person(world, retiree)
    done = of_person(world, retiree, retired_on="2009")
    actions.refuse(done.pk, by=world.unit_clerk, reason="档案里是2010年4月")
    found = {}
    for name, path in (
        ("info", "/my/info/"),
        ("list", "/my/proposals/"),
        ("choose", "/my/proposals/new/"),
        ("new", "/my/proposals/new/birth_date/"),
        ("words", "/my/proposals/new/words/"),
    ):
        page = logged_in(retiree.user, path, width=width)
        found[name] = audit(page, "retiree", with_keyboard=width == 360 and name == "list")
        shot(page, f"own-proposals-{name}-{width}")

    assert found == {name: [] for name in found}


def test_a_word_goes_to_the_unit_and_comes_back_without_a_script(world: World, logged_in: Open) -> None:
    retiree: Any = world.confirmed().retiree
    own = logged_in(retiree.user, "/my/info/", width=360, javascript=False)
    own.get_by_role("link", name="这里不对？告诉单位").click()
    own.get_by_role("link", name="说说哪里不对").click()
    own.get_by_role("link", name="原职务").click()
    own.get_by_label("应该是什么").fill("处长")
    own.get_by_role("button", name="告诉单位").click()
    expect(own.get_by_text("在核对，最晚")).to_be_visible()

    unit = logged_in(world.unit_clerk, "/unit/proposals/", width=1366, javascript=False)
    unit.get_by_role("link", name="核对 王建国的原职务").click()
    unit.get_by_role("button", name="采纳", exact=True).click()
    expect(unit.get_by_text("已采纳，王建国的原职务")).to_be_visible()

    own.reload()
    expect(own.get_by_text("已经改好")).to_be_visible()
    retiree.refresh_from_db()
    assert retiree.original_post == "处长"
