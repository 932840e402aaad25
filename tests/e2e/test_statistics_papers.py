"""The page on which papers are asked for, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.checkin.world import World
from tests.e2e.browser import audit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
PAGE = "/bureau/statistics/papers/"


@pytest.mark.parametrize("width", [360, 1366])
def test_the_page_is_sound_and_a_paper_is_asked_for(
    world: World, logged_in: Callable[..., Page], width: int
) -> None:
    page = logged_in(world.bureau_clerk, PAGE, width=width)
    assert audit(page, "staff") == []
    page.get_by_role("button", name="做这份报表").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("月度统计表")
