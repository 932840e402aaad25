"""走访 in a real browser: the pages are sound, and what is typed on the phone is kept without a click."""

import os
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from services.care import actions
from services.care.actions import Seat
from services.care.models import Obligation, VisitDraft
from tests.checkin.world import World
from tests.e2e.browser import WIDTHS_OF_THE_GATE, audit
from tests.services.care.presets import load_presets

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]


def shot(page: Page, name: str) -> None:
    """A picture for people to look at, where TEST_PICTURES names a folder."""
    if folder := os.environ.get("TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def planted(world: World) -> tuple[int, Obligation]:
    """Somebody with all there is: late, visited, classed, seated, on a list."""
    load_presets()
    person = world.confirmed(world.member(living_situation="alone")).retiree
    today = date.today()
    office = world.here.pk
    visited = actions.note_occasion(person.pk, "festival", by=world.clerk, on=today, office=office)
    actions.record_visit(
        visited.pk,
        by=world.clerk,
        visited_on=today,
        condition="weak",
        words="血压高，想装扶手",
        opinions=2,
        solved=1,
    )
    line = actions.note_occasion(
        person.pk, "hospital", by=world.clerk, on=today, words="三病区", office=office
    )
    actions.set_class(person.pk, "focus", by=world.clerk, why="独居", office=office)
    actions.seat_team(
        person.pk, "card", [Seat("赵春梅", "科长", "0532-85911201"), Seat("王立新")], by=world.clerk
    )
    actions.start_campaign(office, "spring", by=world.clerk, title="春节慰问", due_on=today)
    Obligation.objects.filter(pk=line.pk).update(
        opened_on=today - timedelta(days=9), due_on=today - timedelta(days=5)
    )
    return person.pk, line


@pytest.mark.parametrize("width", WIDTHS_OF_THE_GATE)
def test_the_pages_of_visits_are_sound(world: World, logged_in: Open, width: int) -> None:
    person, line = planted(world)
    campaign = Obligation.objects.get(campaign__isnull=False).campaign_id
    found = {}
    for name, user, kind, path in (
        ("plan", world.clerk, "staff", "/community/visits/"),
        ("record", world.clerk, "staff", f"/community/visits/{line.pk}/"),
        ("person", world.clerk, "staff", f"/community/visits/person/{person}/"),
        ("team", world.clerk, "staff", f"/community/visits/person/{person}/team/card/"),
        ("campaigns", world.clerk, "staff", "/community/visits/campaigns/"),
        ("campaign", world.clerk, "staff", f"/community/visits/campaigns/{campaign}/"),
        ("coverage", world.bureau_clerk, "staff", "/bureau/visits/coverage/"),
        ("rows", world.bureau_clerk, "staff", "/bureau/visits/rows/?show=owed"),
        ("seats", world.unit_clerk, "staff", "/unit/visits/seats/"),
        ("walk", world.clerk, "staff", "/community/visits/walk/"),
        ("own", None, "retiree", "/my/care/"),
    ):
        if user is None:
            user = world.here.checkins.get(retiree=person).retiree.user
        page = logged_in(user, path, width=width)
        found[name] = audit(page, kind, with_keyboard=False)
        shot(page, f"visits-{name}-{width}")

    assert found == {name: [] for name in found}


def test_what_is_typed_on_the_phone_is_kept(world: World, logged_in: Open) -> None:
    _, line = planted(world)
    page = logged_in(world.clerk, f"/community/visits/{line.pk}/", width=360)

    page.get_by_label("看到什么").fill("头痛，已服药")
    page.get_by_label("平稳").check()
    expect(page.locator("#saved")).to_contain_text("已保存")

    assert "头痛，已服药" in VisitDraft.objects.get().values
    page.get_by_role("button", name="走访完了").click()
    expect(page.get_by_text("已记下走访")).to_be_visible()
