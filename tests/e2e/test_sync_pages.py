"""The pages of notices, as a person and an auditor look at them. TEST_PICTURES=DIR keeps a picture of each."""

import ipaddress
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from checkin.sync import actions
from checkin.sync.models import DeadLetter, Webhook
from checkin.sync.relay import relay
from communities.notices.models import Notice
from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from members.people.models import Retiree
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.e2e.browser import OF_STAFF, audit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
PICTURES = os.environ.get("TEST_PICTURES")


@pytest.fixture
def pages(world: World, settings: Any) -> list[tuple[User, str]]:
    """An inbox with something of each state, an address that fails, a letter that came back."""
    settings.WEBHOOK_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    people = [world.confirmed(world.member(name=name)) for name in ("王建国", "刘玉兰", "赵德胜", "孙秀英")]
    relay()
    told = list(Notice.objects.filter(receiver=world.unit, kind="checkin.confirmed").order_by("pk"))
    actions.acknowledge(told[0].pk, by=world.unit_clerk)
    actions.dispute(told[1].pk, words="他还住在市北区，没有搬家。", by=world.unit_clerk)
    Notice.objects.filter(pk=told[2].pk).update(receipt_due_on=timezone.localdate() - timedelta(days=1))
    relay()
    lead = make_staff(world.unit, Assignment.Role.LEAD, display_name="马骏")
    webhook = actions.add_webhook(world.unit.pk, "http://127.0.0.1:9/notices/incoming?from=huifeng", by=lead)
    Webhook.objects.update(failing_since=timezone.now(), last_error="连接被拒绝", attempts=3)
    DeadLetter.objects.create(
        webhook=webhook, notice=told[0], error="对方答复 HTTP 422", attempts=3, at=timezone.now()
    )
    person = Retiree.objects.get(pk=people[0].retiree_id)
    assert person.user is not None
    return [
        (world.unit_clerk, "/unit/notices/"),
        (world.unit_clerk, "/unit/notices/?show=all"),
        (world.unit_clerk, f"/unit/notices/{told[3].pk}/dispute/"),
        (world.clerk, "/community/notices/?show=all"),
        (world.street_clerk, "/bureau/notices/"),
        (world.unit_clerk, "/unit/webhooks/"),
        (lead, "/unit/webhooks/"),
        (person.user, "/my/told/"),
        (person.user, "/my/info/"),
    ]


def test_every_page_of_notices(pages: list[tuple[User, str]], logged_in: Callable[..., Any]) -> None:
    for number, (user, path) in enumerate(pages):
        for width, size, contrast in OF_STAFF:
            page = logged_in(user, path, width=width, size=size, contrast=contrast)
            assert audit(page, "retiree" if path.startswith("/my/") else "staff") == [], (path, width)
            if PICTURES:
                page.screenshot(path=Path(PICTURES) / f"sync-{number}-{width}.png", full_page=True)


def test_signing_and_disputing_without_a_script(
    world: World, pages: list[tuple[User, str]], logged_in: Callable[..., Any]
) -> None:
    page = logged_in(world.unit_clerk, "/unit/notices/", javascript=False)
    page.locator("tbody tr").first.get_by_role("button", name="签收").click()
    assert "已签收第" in page.inner_text("main")
    page.get_by_role("link", name="有异议").first.click()
    page.get_by_label("哪里不对").fill("电话打不通")
    page.get_by_role("button", name="提出异议").click()

    assert "异议已记下" in page.inner_text("main")


def test_the_secret_is_shown_once_in_the_browser(
    world: World, pages: list[tuple[User, str]], logged_in: Callable[..., Any]
) -> None:
    page = logged_in(pages[6][0], "/unit/webhooks/", width=1366)
    page.get_by_role("textbox", name="接收地址").fill("https://1.1.1.1/hook")
    page.get_by_role("button", name="登记").click()

    assert "whsec_" in page.inner_text("main")
    assert audit(page, "staff") == []
    if PICTURES:  # a picture leaves traces of its own on the page
        page.screenshot(path=Path(PICTURES) / "sync-secret.png", full_page=True)
