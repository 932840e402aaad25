"""对账 in a real browser: the page is sound, with and without drift."""

import os

import pytest

from tests.checkin.reconciliation import planting
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.e2e.browser import audit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [360, 1366])
def test_the_page_is_sound(world: World, logged_in, width: int) -> None:
    boss = make_staff(world.city.city)
    found = {}
    for name in ("never", "clean", "drift"):
        if name == "drift":
            planting.people.residence_edited(world)()
            planting.people.proposal_about_the_dead(world)()
            planting.notices.outbox_row_stuck(world)()
        if name != "never":
            planting.run()
        page = logged_in(boss, "/bureau/reconciliation/", width=width)
        found[name] = audit(page, "staff", with_keyboard=name == "drift" and width == 1366)
        if folder := os.environ.get("TEST_PICTURES"):
            page.screenshot(path=f"{folder}/reconciliation-{name}-{width}.png", full_page=True)

    assert found == {"never": [], "clean": [], "drift": []}
