"""接口令牌: the pages on which a lead lets systems in and shuts them out."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from checkin.api.models import ApiToken
from communities.organisations.models import Assignment, Organisation
from tests.checkin.api.systems import System, lead_of, system_of
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.communities.factories import make_staff


def asked(**fields: Any) -> dict[str, Any]:
    day = timezone.localdate() + timedelta(days=90)
    parts = {"last_day_0": day.year, "last_day_1": day.month, "last_day_2": day.day}
    return {"key": uuid.uuid4(), "name": "人事系统", "purposes": ["read"], **parts, **fields}


@pytest.fixture
def lead(world: World) -> Client:
    return browser_of(make_staff(world.unit, Assignment.Role.LEAD))


def secret_on(page: Any) -> str:
    found = re.search(r"hf_[0-9a-f]{10}_[0-9a-f]{64}", page.content.decode())
    assert found is not None, text_of(page)
    return found[0]


def test_a_lead_makes_a_token_that_works_and_sees_the_secret_once(world: World, lead: Client) -> None:
    page = lead.post("/unit/tokens/new/", asked())

    words = secret_on(page)
    token = ApiToken.objects.get()
    assert System(token, words).get("people").status_code == 200
    assert words not in lead.get("/unit/tokens/").content.decode()
    assert "no-store" in page["Cache-Control"]


def test_the_form_sent_again_shows_no_secret(world: World, lead: Client) -> None:
    form = asked()
    lead.post("/unit/tokens/new/", form)

    again = lead.post("/unit/tokens/new/", form)

    assert again.status_code == 422
    assert "只显示一次" in text_of(again)
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize("missing", ["name", "purposes", "last_day_0"])
def test_what_is_missing_is_asked_for(world: World, lead: Client, missing: str) -> None:
    page = lead.post("/unit/tokens/new/", asked(**{missing: ""}))

    assert page.status_code == 422
    assert not ApiToken.objects.exists()


def test_a_clerk_may_not_and_is_told_who_may(world: World) -> None:
    for path in ("", "new/"):
        page = browser_of(world.unit_clerk).get(f"/unit/tokens/{path}")

        assert page.status_code == 403
        assert "请负责人登录后在这里办" in text_of(page)


def test_a_lead_rotates_and_revokes(world: World, lead: Client, unit_system: System) -> None:
    token = unit_system.token

    words = secret_on(lead.post(f"/unit/tokens/{token.pk}/rotate/", asked()))
    lead.post(f"/unit/tokens/{token.pk}/revoke/", {"why": "密钥可能泄露"})

    page = text_of(lead.get("/unit/tokens/"))
    assert "密钥可能泄露" in page
    assert words[:13] in page
    assert unit_system.get("people").status_code == 401


def test_a_revocation_needs_a_reason(world: World, lead: Client, unit_system: System) -> None:
    page = lead.post(f"/unit/tokens/{unit_system.token.pk}/revoke/", {"why": ""})

    assert page.status_code == 422
    assert unit_system.get("people").status_code == 200


def test_another_organisations_token_is_not_found(world: World, lead: Client) -> None:
    other = system_of(world.here)

    for act in ("rotate", "revoke"):
        assert lead.get(f"/unit/tokens/{other.token.pk}/{act}/").status_code == 404


def test_every_side_has_the_pages_and_a_way_to_the_webhooks(world: World) -> None:
    sides: dict[str, Organisation] = {
        "unit": world.unit, "community": world.here, "bureau": world.city.districts[0],
    }  # fmt: skip
    for area, organisation in sides.items():
        system = system_of(organisation)

        page = browser_of(lead_of(system)).get(f"/{area}/tokens/")

        assert f"hf_{system.token.prefix}" in text_of(page)
        assert f'href="/{area}/webhooks/"' in page.content.decode()
