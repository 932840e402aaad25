"""活动 in a real browser: the pages of both sides are sound at a phone's width and at a desk's."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import Page

from members.people.models import Retiree
from services.activities import actions
from tests.e2e.browser import WIDTHS_OF_THE_GATE, audit
from tests.services.activities.afternoon import Afternoon, make_afternoon

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


def shot(page: Page, name: str) -> None:
    """A picture for people to look at, where TEST_PICTURES names a folder."""
    if folder := os.environ.get("TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def busy() -> tuple[Afternoon, dict[str, int]]:
    """Something over with a rating, something on now, something full, a hall; the keys of each."""
    here = make_afternoon()
    soon = timezone.now().replace(minute=0, second=0, microsecond=0)
    over = here.activity("volunteer", title="文明路口劝导", starts_at=soon - timedelta(days=2))
    now = here.activity(title="防诈骗讲座", starts_at=soon, places=30)
    full = here.activity(title="书法班写春联", places=1, age_from=55)
    actions.add_venue(
        here.here.pk, kind="home", name="银领之家", address="云霄路 1 号", capacity=40, by=here.clerk
    )
    person = here.world.confirmed(here.neighbour(name="王建国")).retiree
    other = here.world.confirmed(here.neighbour(name="李秀兰")).retiree
    here.signed(full, other)
    here.signed(full, person)
    actions.sign_up(over.pk, person.pk, by=here.clerk)
    with time_machine.travel(over.ends_at):
        actions.tick(over.pk, [person.pk], by=here.clerk)
        actions.rate(over.pk, person.pk, rating="good", words="很有意义", by=person.user)
    actions.sign_up(now.pk, other.pk, by=here.clerk)
    return here, {"over": over.pk, "now": now.pk, "full": full.pk, "person": person.pk}


@pytest.mark.parametrize("width", WIDTHS_OF_THE_GATE)
def test_the_pages_of_both_sides_are_sound(logged_in: Open, width: int) -> None:
    here, keys = busy()
    user, found = Retiree.objects.get(pk=keys["person"]).user, {}
    token = here.here.activities.get(pk=keys["now"]).token
    for name, reader, kind, path in (
        ("list", here.clerk, "staff", "/community/activities/"),
        ("new", here.clerk, "staff", "/community/activities/new/"),
        ("one", here.clerk, "staff", f"/community/activities/{keys['over']}/"),
        ("add", here.clerk, "staff", f"/community/activities/{keys['now']}/add/?q=李"),
        ("cancel", here.clerk, "staff", f"/community/activities/{keys['full']}/cancel/"),
        ("change", here.clerk, "staff", f"/community/activities/{keys['full']}/change/"),
        ("calendar", here.clerk, "staff", "/community/activities/calendar/"),
        ("venues", here.clerk, "staff", "/community/activities/venues/"),
        ("year", here.world.bureau_clerk, "staff", "/bureau/activities/year/"),
        ("branches", here.world.bureau_clerk, "staff", "/bureau/activities/branches/"),
        ("mine", user, "retiree", "/my/activities/"),
        ("queued", user, "retiree", f"/my/activities/{keys['full']}/"),
        ("join", user, "retiree", f"/my/activities/{keys['now']}/join/"),
        ("off", user, "retiree", f"/my/activities/{keys['full']}/cancel/"),
        ("code", user, "retiree", "/my/activities/code/"),
        ("rate", user, "retiree", f"/my/activities/{keys['over']}/rate/"),
        ("past", user, "retiree", "/my/activities/past/"),
        ("arrive", user, "retiree", f"/a/{token}/"),
    ):
        if width == 1366 and name not in ("list", "one", "year", "mine"):
            continue
        page = logged_in(reader, path, width=width)
        found[name] = audit(page, kind, with_keyboard=width == 1366 and name in ("one", "mine"))
        shot(page, f"activities-{name}-{width}")

    assert found == {name: [] for name in found}
