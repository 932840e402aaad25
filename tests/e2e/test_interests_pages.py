"""爱好与需求 in a real browser."""

import os

import pytest

from tests.checkin.world import World
from tests.e2e.browser import audit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [360, 1366])
def test_the_pages_are_sound(world: World, logged_in, width: int) -> None:
    for number, name in enumerate(("王建国", "李秀英", "赵德胜", "孙桂兰", "周兆祥", "吴素珍")):
        interests = ["calligraphy", "chess", "smartphone"][: number % 3 + 1]
        member = world.member(name=name, interests=interests, skills="法律", residence=world.here.division)
        world.confirmed(member)
    found = {}
    for name, user, address in (
        ("city", world.bureau_clerk, "/bureau/interests/"),
        ("community", world.clerk, "/community/interests/?cut=age"),
        ("empty", world.clerk, "/community/interests/?subject=need"),
        ("people", world.clerk, "/community/interests/people/?subject=interest&code=calligraphy"),
        ("ask", world.unit_clerk, "/unit/interests/skills/"),
        ("skills", world.unit_clerk, "/unit/interests/skills/?q=法律"),
    ):
        page = logged_in(user, address, width=width)
        found[name] = audit(page, "staff", with_keyboard=name == "city" and width == 1366)
        if folder := os.environ.get("TEST_PICTURES"):
            page.screenshot(path=f"{folder}/interests-{name}-{width}.png", full_page=True)

    assert {name: faults for name, faults in found.items() if faults} == {}
