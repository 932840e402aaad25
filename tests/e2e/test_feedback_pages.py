"""The feedback reports in a real browser: sound on a phone and a desk, and answered from end to end."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from checkin.feedback import actions, letters
from checkin.feedback.models import FeedbackReport, Reply, Side, State
from checkin.record import actions as record
from checkin.record.models import CheckIn
from checkin.statistics.months import Month
from huifeng.accounts.models import User
from tests.checkin.world import World
from tests.communities.factories import UserFactory, make_external_unit, make_staff
from tests.e2e.browser import OF_STAFF, Look, audit
from tests.members.factories import make_member

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
PICTURES = os.environ.get("TEST_PICTURES")
LAST = Month.current().previous
Open = Callable[..., Page]


def stage(world: World) -> User:
    """Last month's reports: one with matters, one corrected, one late, one to a unit outside with a link."""
    boss = make_staff(world.city.city, display_name="郑建")
    outside = make_external_unit("南京市机械研究所", phone="025-84200000", contact="离退休科")
    people = [
        world.member(name=name, needs=["meals"], living_situation="alone") for name in ("周兆祥", "吴素珍")
    ]
    for person in [*people, make_member(outside, name="外地人", user=UserFactory())]:
        asked = world.submitted(person)
        if asked.state == "submitted":
            record.verify(asked.pk, by=world.clerk)
        record.confirm(asked.pk, by=world.clerk)
    CheckIn.objects.update(confirmed_at=LAST.start + timedelta(days=9))
    actions.make(LAST, by=boss)
    actions.send(LAST, by=boss)
    actions.correct(report(world, "unit").pk, reason="姓名写错", by=boss)
    actions.give_link(FeedbackReport.objects.get(organisation=outside).pk, by=boss)
    return boss


def report(world: World, side: str) -> FeedbackReport:
    organisation = world.unit if side == "unit" else world.here
    return FeedbackReport.objects.current().get(organisation=organisation, side=side)


@pytest.mark.parametrize("seen_as", OF_STAFF, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_every_page_of_feedback_is_sound(world: World, logged_in: Open, live_server, seen_as: Look) -> None:
    boss = stage(world)
    width, size, contrast = seen_as
    outside = FeedbackReport.objects.get(receiver__kind="external_unit")
    unit, community = report(world, "unit"), report(world, "community")
    FeedbackReport.objects.filter(pk=community.pk).update(due_on=timezone.localdate() - timedelta(days=3))
    pages = [
        ("unit-inbox", world.unit_clerk, "/unit/feedback/", "staff"),
        ("unit-report", world.unit_clerk, f"/unit/feedback/{unit.pk}/", "staff"),
        ("community-inbox", world.clerk, "/community/feedback/", "staff"),
        ("community-report", world.clerk, f"/community/feedback/{community.pk}/", "staff"),
        ("old", boss, f"/bureau/feedback/{unit.corrects_id}/", "staff"),
        ("outside", boss, f"/bureau/feedback/{outside.pk}/", "staff"),
        ("supervision", boss, "/bureau/feedback/", "staff"),
        ("list", boss, f"/bureau/feedback/list/?month={LAST}", "staff"),
        ("empty", boss, f"/bureau/feedback/?month={LAST.previous}", "staff"),
        ("letter", boss, reverse("letters:letter", args=[letters.token_of(outside)]), "retiree"),
        ("letter-gone", boss, reverse("letters:letter", args=["x"]), "retiree"),
    ]
    found = []
    for name, user, path, kind in pages:
        page = logged_in(user, path, width=width, size=size, contrast=contrast)
        found += [f"{name}: {finding}" for finding in audit(page, kind)]
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"feedback-{name}-{width}.png", full_page=True)
        page.context.close()

    assert found == [], "\n".join(found)


def test_a_unit_answers_its_report_from_end_to_end(world: World, logged_in: Open) -> None:
    boss = stage(world)
    page = logged_in(world.unit_clerk, "/unit/feedback/", width=1366)
    page.get_by_role("link", name="打开").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("双向反馈单")
    for _ in range(2):
        page.get_by_label("答复", exact=True).first.fill("下周走访")
        page.get_by_role("button", name="答复这件").first.click()
        expect(page.get_by_text("已答复这件事")).to_be_visible()
    page.get_by_label("无意见").check()
    page.get_by_role("button", name="答复整份反馈单").click()
    expect(page.get_by_text("已答复整份反馈单")).to_be_visible()
    with page.expect_download() as fetched:
        page.get_by_role("link", name="下载 Excel").click()

    assert fetched.value.suggested_filename.endswith(".xlsx")
    answered = report(world, Side.UNIT)
    assert (answered.state, answered.reply) == (State.ANSWERED, Reply.AGREED)
    overseer = logged_in(boss, f"/bureau/feedback/{answered.pk}/", width=1366)
    overseer.get_by_role("button", name="办结").click()
    expect(overseer.get_by_text("已办结").first).to_be_visible()


def test_a_unit_outside_answers_by_link_without_a_script(world: World, open_page: Open, live_server) -> None:
    stage(world)
    outside = FeedbackReport.objects.get(receiver__kind="external_unit")
    page = open_page(
        live_server.url + reverse("letters:letter", args=[letters.token_of(outside)]),
        width=360,
        javascript=False,
    )
    expect(page.get_by_text("外*人").first).to_be_visible()
    page.get_by_label("无意见").check()
    page.get_by_label("答复人姓名").last.fill("钱主任")
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_text("答复已收到")).to_be_visible()

    outside.refresh_from_db()
    assert (outside.state, outside.answered_by) == (State.ANSWERED, "钱主任")
