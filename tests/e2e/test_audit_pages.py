"""留痕 in a real browser: entries, alerts, the chain; whole and broken; and who looked, as the person reads it."""

import os

import pytest

from checkin.access import actions
from checkin.access.models import AccessAlert
from communities.organisations.models import Assignment
from huifeng.audit import actions as audit
from huifeng.audit import anchoring, sealing, verifying
from tests.checkin.access.looking import looks, shanghai
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.e2e.browser import audit as faults_of

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [360, 1366])
def test_the_pages_are_sound(world: World, logged_in, width: int) -> None:
    boss = make_staff(world.city.city, Assignment.Role.LEAD)
    retiree = world.member(name="孙大圣", residence=world.here.division)
    audit.record("people.revealed", retiree, by=world.clerk, organisation_id=world.here.pk, note="核对身份")
    audit.record(
        "people.listed", world.here, by=world.clerk, organisation_id=world.here.pk, after={"count": 20}
    )
    audit.record(
        "account.login_failed", world.clerk, by=boss, after={"how": "password", "address": "203.0.113.7"}
    )
    looks(world.clerk, world.here, [retiree.pk], shanghai(3))
    actions.raise_alerts(shanghai(8))
    sealing.seal()
    anchoring.anchor()
    verifying.verify()
    alert = AccessAlert.objects.get()
    found = {}
    for name, address in {
        "entries": "/bureau/audit/?since=2026-11-01",
        "nobody": "/bureau/audit/?who=无此人",
        "alerts": "/bureau/audit/alerts/",
        "alert": f"/bureau/audit/alerts/{alert.pk}/",
        "chain": "/bureau/audit/chain/",
        "broken": "/bureau/audit/chain/",
    }.items():
        if name == "broken":
            verifying.verify([(1, "0" * 64)])
        page = logged_in(boss, address, width=width)
        found[name] = faults_of(page, "staff", with_keyboard=name == "entries" and width == 1366)
        if folder := os.environ.get("TEST_PICTURES"):
            page.screenshot(path=f"{folder}/audit-{name}-{width}.png", full_page=True)

    assert {name: faults for name, faults in found.items() if faults} == {}
