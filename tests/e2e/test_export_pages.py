"""导出名单 in a real browser: sound at phone and desktop width, works without a script."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from huifeng.jobs.models import Job
from members.exports.models import ExportOrder
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.e2e.browser import OF_STAFF, Look, audit
from tests.members.exporting import done, job_page, order

__all__ = ["job_page"]
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("job_page")]

Opened = Callable[..., Page]


@pytest.fixture
def exported(world: World) -> World:
    """A world from which lists were taken out, masked and whole."""
    world.confirmed(world.member(name="褚玉珍"))
    keys = ["name", "sex", "id_number", "phone", "kind", "residence_address", "checkin.0"]
    done(order(world.unit, world.unit_clerk, keys=keys, wanted={"kind": "tuixiu"}))
    done(order(world.unit, world.unit_clerk, revealing="填写慰问金发放表", file_format="xlsx"))
    return world


@pytest.mark.parametrize("seen_as", OF_STAFF, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_the_pages_are_sound(exported: World, logged_in: Opened, seen_as: Look) -> None:
    width, size, contrast = seen_as
    found = {}
    for user, address in (
        (exported.unit_clerk, "/unit/export/?kind=tuixiu"),
        (exported.unit_clerk, "/unit/export/records/"),
        (exported.clerk, "/community/export/?state=confirmed"),
        (exported.bureau_clerk, "/bureau/export/"),
        (make_staff(exported.city.city), "/bureau/export/records/"),
    ):
        page = logged_in(user, address, width=width, size=size, contrast=contrast)
        if findings := audit(page, "staff", with_keyboard=width == 1366):
            found[address] = findings

    assert found == {}


def test_a_list_is_ordered_without_a_script(exported: World, logged_in: Opened) -> None:
    page = logged_in(exported.unit_clerk, "/unit/?state=confirmed", width=360, javascript=False)
    page.get_by_role("link", name="导出名单").click()
    page.get_by_text("条件：状态：已报到").wait_for()
    page.get_by_label("职级").check()
    page.get_by_label("走访慰问").check()
    page.get_by_role("button", name="导出名单").click()
    page.get_by_role("heading", name="有 1 处要改").wait_for()

    page.get_by_label("具体做什么用").fill("重阳节走访慰问")
    page.get_by_role("button", name="导出名单").click()
    page.wait_for_url("**/files/*/")

    made = ExportOrder.objects.latest("pk")
    assert made.wanted == {"state": "confirmed"}
    assert made.columns == ["name", "sex", "id_number", "rank"]
    assert Job.objects.get(pk=made.job_id).state == Job.State.QUEUED


def test_the_empty_roster_is_downloaded(exported: World, logged_in: Opened) -> None:
    page = logged_in(exported.unit_clerk, "/unit/", width=1366)
    with page.expect_download() as download:
        page.evaluate("location.href = '/unit/export/template/'")

    found: Any = download.value
    assert found.suggested_filename == "离退休干部名册模板.xlsx"
