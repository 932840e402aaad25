"""The statistics in a real browser: sound on a phone and a desk, usable without a script, fit for paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from checkin.statistics import actions
from checkin.statistics.months import Month
from huifeng.jobs import running
from huifeng.jobs.models import Job
from tests.checkin.statistics.pages import LAST, Staff, close, fill, staff_of
from tests.checkin.world import World
from tests.e2e.browser import OF_STAFF, Look, audit

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
BASE = "/bureau/statistics/"
NOW = Month.current()


@pytest.fixture
def staff(world: World) -> Staff:
    fill(world)
    return staff_of(world)


def findings(opened: Open, user: object, paths: list[str], seen_as: Look) -> list[str]:
    width, size, contrast = seen_as
    found = []
    for path in paths:
        page = opened(user, BASE + path, width=width, size=size, contrast=contrast)
        found += [f"{path} {finding}" for finding in audit(page, "staff")]
        page.context.close()
    return found


@pytest.mark.parametrize("seen_as", OF_STAFF, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_the_pages_of_an_open_month_are_sound(staff: Staff, logged_in: Open, seen_as: Look) -> None:
    paths = [
        "",
        "?area=370202",
        "table/",
        "table/?cut=unit&compare=last_month&sex=M",
        "people/?measure=pending",
        f"ranking/?quarter={NOW.year}Q{(NOW.month + 2) // 3}",
        "definitions/",
        "table/?group=x",
        f"closing/{LAST}/",
        f"closing/{LAST}/check/",
    ]

    found = findings(logged_in, staff.city, paths, seen_as)

    assert found == [], "\n".join(found)


@pytest.mark.parametrize("seen_as", OF_STAFF, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_the_pages_of_a_closed_month_are_sound(staff: Staff, logged_in: Open, seen_as: Look) -> None:
    actions.submit("370202", LAST, by=staff.district)
    close(LAST, staff.city)
    actions.ask_reopen(LAST, reason="市北区补报三人", by=staff.colleague)

    found = findings(logged_in, staff.city, [f"?month={LAST}", f"closing/{LAST}/"], seen_as)
    found += findings(logged_in, staff.district, [f"closing/{LAST}/"], seen_as)
    found += findings(logged_in, staff.street, [""], seen_as)

    assert found == [], "\n".join(found)


@pytest.mark.parametrize("seen_as", OF_STAFF, ids=lambda seen_as: "-".join(map(str, seen_as)))
def test_the_pages_of_a_unit_are_sound(staff: Staff, logged_in: Open, seen_as: Look) -> None:
    width, size, contrast = seen_as
    found = []
    for path in (
        "/unit/statistics/",
        f"/unit/statistics/?month={LAST}",
        "/unit/statistics/people/?measure=total",
    ):
        page = logged_in(staff.unit, path, width=width, size=size, contrast=contrast)
        found += [f"{path} {finding}" for finding in audit(page, "staff")]
        page.context.close()

    assert found == [], "\n".join(found)


def test_from_the_overview_to_the_people_without_a_script(staff: Staff, logged_in: Open) -> None:
    page = logged_in(staff.city, BASE, width=360, javascript=False)

    page.get_by_role("link", name="月度统计表").click()
    page.locator("tbody").get_by_role("link", name="市南区", exact=True).click()
    page.get_by_label("合计 累计已报到", exact=False).first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("市南区 累计已报到")
    expect(page.locator("tbody tr")).to_have_count(5)


def test_a_month_is_closed_by_typing_its_words(staff: Staff, logged_in: Open) -> None:
    page = logged_in(staff.city, f"{BASE}closing/{LAST}/", width=1366)
    page.get_by_role("link", name="核对合计并封存").click()
    page.get_by_label("仍要封存的原因").fill("两区已口头上报")
    page.get_by_label("请输入下面引号里的字").fill(f"封存{LAST.words}")
    page.get_by_role("button", name="封存").click()
    expect(page.get_by_text("排队中")).to_be_visible()

    running.run(Job.objects.get(kind=actions.CLOSE).pk)
    page.reload()

    expect(page.get_by_text("这是第 1 次封存")).to_be_visible()


def test_the_paper_has_the_table_and_not_the_filters(staff: Staff, logged_in: Open) -> None:
    page = logged_in(staff.city, f"{BASE}table/", width=1366)

    page.emulate_media(media="print")

    expect(page.get_by_role("table")).to_be_visible()
    expect(page.get_by_role("button", name="查询")).to_be_hidden()
