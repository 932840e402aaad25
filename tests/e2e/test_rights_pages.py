"""我的信息与权利 and the bureau's requests in a real browser: sound, and from the wish to the answer."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from checkin.rights import actions
from tests.checkin.world import World
from tests.e2e.browser import audit
from tests.e2e.test_proposals_pages import shot
from tests.members.factories import make_helper

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


@pytest.mark.parametrize("width", [360, 1366])
def test_the_pages_are_sound(world: World, logged_in: Open, width: int) -> None:
    person, other = world.confirmed().retiree, world.confirmed(world.member(name="周桂兰")).retiree
    make_helper(person)
    asked = actions.ask(other.pk, by=other.user, words="不想用了，请删掉。")
    pages = (
        ("rights", person.user, "/my/rights/", "retiree"),
        ("consent", person.user, "/my/rights/consent/", "retiree"),
        ("erasure", person.user, "/my/rights/erasure/", "retiree"),
        ("asked", other.user, "/my/rights/erasure/", "retiree"),
        ("counter", world.clerk, f"/community/rights/person/{person.pk}/", "staff"),
        ("requests", world.bureau_clerk, "/bureau/rights/", "staff"),
        ("request", world.bureau_clerk, f"/bureau/rights/{asked.pk}/", "staff"),
    )
    found = {}
    for name, user, path, kind in pages:
        page = logged_in(user, path, width=width)
        found[name] = audit(page, kind)
        shot(page, f"rights-{name}-{width}")

    assert found == {name: [] for name in found}


def test_a_retiree_takes_consent_back_and_asks_for_erasure(world: World, logged_in: Open) -> None:
    person = world.confirmed().retiree
    page = logged_in(person.user, "/my/info/")

    page.get_by_role("link", name="我的信息与权利").click()
    page.get_by_role("link", name="撤回同意").click()
    page.get_by_role("button", name="撤回同意").click()
    expect(page.get_by_text("已经撤回同意")).to_be_visible()
    page.get_by_role("link", name="申请删除我的信息").click()
    page.get_by_role("button", name="申请删除").click()

    expect(page.get_by_text("最晚").first).to_be_visible()
    assert person.erasure_requests.get().state == "open"
