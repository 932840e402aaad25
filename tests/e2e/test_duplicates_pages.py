"""疑似重复 in a real browser: the pages are sound, and a pair goes from the list to one row and back."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from members.duplicates.actions import dismiss, merge
from members.duplicates.finding import search
from members.duplicates.models import DuplicatePair, PersonMerge
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.e2e.browser import audit
from tests.members.factories import make_helper

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


@pytest.fixture
def pair(world: World) -> DuplicatePair:
    """Two rows with something of everything, and another pair that was decided."""
    for _ in range(2):
        world.member(name="周桂兰")
    search()
    dismiss(DuplicatePair.objects.get().pk, by=world.unit_clerk, words="同名同生日的两位同志，问过本人")
    first = world.member(name="孙德胜", original_post="处长", user=None, landline="0532-85880011")
    second = world.member(name="孙德胜", original_post="科长", ethnicity="")
    world.confirmed(second)
    make_helper(second)
    search()
    return DuplicatePair.objects.get(first=first, second=second)


def shot(page: Page, name: str) -> None:
    """A picture for people to look at, where TEST_PICTURES names a folder."""
    if folder := os.environ.get("TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 1366])
@pytest.mark.parametrize("area", ["unit", "bureau"])
def test_the_pages_are_sound(
    world: World, pair: DuplicatePair, logged_in: Open, live_server: Any, area: str, width: int
) -> None:
    user = world.unit_clerk if area == "unit" else make_staff(world.city.city)
    page = logged_in(user, f"/{area}/duplicates/", width=width)
    found = {"list": audit(page, "staff", with_keyboard=width == 1366)}
    shot(page, f"{area}-list-{width}")
    page.get_by_role("link", name="核对 孙德胜").click()
    found["review"] = audit(page, "staff", with_keyboard=width == 1366)
    shot(page, f"{area}-review-{width}")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("heading", name="合并 孙德胜").wait_for()
    found["preview"] = audit(page, "staff", with_keyboard=width == 1366)
    shot(page, f"{area}-preview-{width}")
    page.get_by_role("button", name="确定合并").click()
    page.get_by_role("heading", name="已合并").wait_for()
    found["merged"] = audit(page, "staff", with_keyboard=width == 1366)
    shot(page, f"{area}-merged-{width}")

    assert found == {name: [] for name in found}


@pytest.mark.parametrize("width", [360, 1366])
def test_the_empty_list_and_the_homes_are_sound(world: World, logged_in: Open, width: int) -> None:
    empty = audit(logged_in(world.unit_clerk, "/unit/duplicates/", width=width), "staff", with_keyboard=False)
    for _ in range(2):
        world.member(name="孙德胜")
    search()
    bureau = make_staff(world.city.city)
    homes = [
        logged_in(user, path, width=width)
        for user, path in ((world.unit_clerk, "/unit/"), (bureau, "/bureau/"))
    ]

    for number, page in enumerate(homes):
        expect(page.get_by_role("link", name="疑似重复 1 组")).to_be_visible()
        assert audit(page, "staff", with_keyboard=False) == []
        shot(page, f"home-{number}-{width}")
    assert empty == []


def test_a_pair_is_merged_and_taken_back_without_a_script(
    world: World, pair: DuplicatePair, logged_in: Open
) -> None:
    page = logged_in(world.unit_clerk, "/unit/duplicates/", width=1366, javascript=False)
    page.get_by_role("link", name="核对 孙德胜").click()
    expect(page.get_by_label("第二份", exact=True)).to_be_checked()
    page.get_by_role("group", name="原职务").get_by_label("处长（第一份）").check()
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("原职务").first).to_be_visible()
    page.get_by_role("button", name="确定合并").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已合并")

    done = PersonMerge.objects.get()
    assert (done.kept, done.kept.original_post) == (pair.second, "处长")

    page.get_by_text("合并错了").click()
    page.get_by_role("button", name="撤销合并").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("合并已撤销")

    done.refresh_from_db()
    assert done.undone_at is not None


def test_a_pair_that_needs_settling_says_what(world: World, pair: DuplicatePair, logged_in: Open) -> None:
    world.confirmed(world.member(name="孙德胜", original_post="处长"))
    search()
    other = DuplicatePair.objects.open().exclude(pk=pair.pk).filter(first=pair.second).get()
    page = logged_in(world.unit_clerk, f"/unit/duplicates/{other.pk}/", width=360)
    page.get_by_role("button", name="下一步").click()

    expect(page.get_by_role("alert").first).to_contain_text("请先问本人以哪一件为准")
    assert audit(page, "staff", with_keyboard=False) == []


def test_a_merged_pair_leaves_the_list(world: World, pair: DuplicatePair, logged_in: Open) -> None:
    merge(pair.second_id, pair.first_id, by=world.unit_clerk)

    page = logged_in(world.unit_clerk, "/unit/duplicates/", width=360)

    expect(page.get_by_text("没有疑似重复的档案")).to_be_visible()
    expect(page.get_by_text("已认定不是同一个人")).to_be_visible()
