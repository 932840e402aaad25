"""需求与服务 in a real browser: the pages are sound, and what a retiree asks is answered and comes back."""

import os
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from services.requests import actions
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.e2e.browser import WIDTHS_OF_THE_GATE, audit
from tests.services.requests.asked import SECRET, answered, at_desk, load_presets, of_person, overdue

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


def shot(page: Page, name: str) -> None:
    """A picture for people to look at, where TEST_PICTURES names a folder."""
    if folder := os.environ.get("TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def told(world: World) -> dict[str, Any]:
    """Somebody with a request at every step."""
    load_presets()
    person = world.confirmed(world.member(name="王建国")).retiree
    asked = {
        "person": person,
        "new": of_person(person, words="这周腿脚不方便，想订午饭，不放辣"),
        "urgent": at_desk(world, person, "urgent", words="水管爆了", wants_call=True),
        "letter": answered(at_desk(world, person, "letter", item="housing", channel="letter"), world),
        "heart": of_person(person, "heart", SECRET),
        "poor": answered(of_person(person, "housework", "水龙头漏水"), world),
        "unknown": at_desk(world, None, caller="一位老先生", caller_phone="13900000123"),
    }
    overdue(asked["urgent"], 2)
    actions.rate(asked["poor"].pk, rating="poor", by=person.user)
    return asked


@pytest.mark.parametrize("width", WIDTHS_OF_THE_GATE)
def test_the_staff_pages_are_sound(world: World, told: dict[str, Any], logged_in: Open, width: int) -> None:
    found = {}
    for name, user, path in (
        ("board", world.clerk, "/community/requests/"),
        ("new", world.clerk, f"/community/requests/{told['urgent'].pk}/"),
        ("letter", world.clerk, f"/community/requests/{told['letter'].pk}/"),
        ("unknown", world.clerk, f"/community/requests/{told['unknown'].pk}/"),
        ("find", world.clerk, "/community/requests/new/"),
        ("intake", world.clerk, f"/community/requests/new/{told['person'].pk}/"),
        ("stranger", world.clerk, "/community/requests/new/unknown/"),
        ("print", world.clerk, f"/community/requests/{told['letter'].pk}/print/"),
        ("unit", world.unit_clerk, "/unit/requests/?scope=people"),
        ("private", world.unit_clerk, f"/unit/requests/{told['heart'].pk}/"),
        ("area", world.bureau_clerk, "/bureau/requests/"),
        ("figures", make_staff(world.city.city), "/bureau/requests/figures/"),
        ("counted", world.bureau_clerk, "/bureau/requests/counted/"),
    ):
        page = logged_in(user, path, width=width)
        found[name] = audit(page, "staff", with_keyboard=width == 1366 and name in ("board", "new"))
        shot(page, f"requests-{name}-{width}")
        page.context.close()

    assert found == {name: [] for name in found}


@pytest.mark.parametrize("width", WIDTHS_OF_THE_GATE)
def test_the_retirees_pages_are_sound(told: dict[str, Any], logged_in: Open, width: int) -> None:
    found = {}
    for name, path in (
        ("list", "/my/requests/"),
        ("kind", "/my/requests/new/"),
        ("new", "/my/requests/new/heart/"),
        ("one", f"/my/requests/{told['heart'].pk}/"),
        ("answered", f"/my/requests/{told['letter'].pk}/"),
        ("again", f"/my/requests/{told['poor'].pk}/"),
    ):
        page = logged_in(told["person"].user, path, width=width)
        found[name] = audit(page, "retiree", with_keyboard=width == 360 and name == "kind")
        shot(page, f"own-requests-{name}-{width}")
        page.context.close()

    assert found == {name: [] for name in found}


def test_a_wish_is_answered_by_a_call_and_rated_without_a_script(world: World, logged_in: Open) -> None:
    load_presets()
    retiree: Any = world.confirmed().retiree
    own = logged_in(retiree.user, "/my/", width=360, javascript=False)
    own.get_by_role("link", name="我要帮助").click()
    own.get_by_role("link", name="说说需要什么").click()
    own.get_by_label("送餐").check()
    own.get_by_role("button", name="下一步").click()
    own.get_by_label("请打电话给我，我在电话里说").check()
    own.get_by_role("button", name="下一步").click()
    own.get_by_role("button", name="对的，发出去").click()
    expect(own.get_by_text("已经收到，最晚")).to_be_visible()

    desk = logged_in(world.clerk, "/community/requests/", width=1366, javascript=False)
    desk.get_by_role("link", name="打开 王建国：送餐").click()
    desk.get_by_label("已经打电话答复").check()
    desk.get_by_label("已解决").check()
    desk.get_by_role("button", name="答复", exact=True).click()
    expect(desk.get_by_text("本人会收到短信")).to_be_visible()

    own.reload()
    expect(own.get_by_text("已经打电话答复。")).to_be_visible()
    own.get_by_label("满意", exact=True).check()
    own.get_by_role("button", name="告诉他们").click()
    expect(own.get_by_text("谢谢您，记下了。")).to_be_visible()
