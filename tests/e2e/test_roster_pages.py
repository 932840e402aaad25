"""Bringing a roster in a real browser: from the empty list to the receipt and back, and every page sound."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.jobs import actions as jobs
from members.people.models import Retiree
from members.roster import actions, transfers
from members.roster.models import ImportBatch, TransferProposal
from members.units import actions as units
from tests.checkin.world import World
from tests.communities.factories import make_staff, make_unit
from tests.e2e.browser import OF_STAFF, Look, audit
from tests.members.factories import make_linked_member, make_member, make_phone
from tests.members.roster.rosters import Row, book, imported, planned, row, row_of, with_number, worked_off

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Open = Callable[..., Page]
PICTURES = os.environ.get("TEST_PICTURES_OF_ROSTERS")  # a folder to look at them
KINDS = ("rejected", "duplicate", "warnings", "changed", "new", "missing", "transfers", "unchanged")


def look(page: Page, name: str) -> None:
    """`page` has no fault."""
    found = audit(page, "staff")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    assert found == [], name


def rows_of_every_kind(world: World) -> list[Row]:
    """A file with every kind of row; there are more people of the unit than the file names."""
    unit = world.unit
    other = make_unit("青岛市第二中学")
    make_member(unit, name="褚玉珍")
    changed = make_member(unit, name="周平")
    return [
        row(1),
        row(1),
        {"姓名": "郑和平", "身份证号": "37010019480701001", "离退休类别": "退休"},
        {"姓名": "冯学文", "身份证号": row(9)["身份证号"], "离退休类别": "不清楚"},
        row_of(changed, 职级="副处级", 手机号码=make_phone(77), 区市="市南区", 街道="香港中路街道", 社区="云霄路社区"),
        row_of(make_linked_member(unit, name="陈志刚"), 手机号码=make_phone(78), 职级="正科级"),
        row_of(make_member(unit, name="吴秀英")),
        row_of(make_member(other, name="孙德胜")),
        row(2, 性别="女", 出生日期="1949-01-01"),
        *(row(serial) for serial in range(100, 160)),
    ]  # fmt: skip


@pytest.mark.parametrize("view", OF_STAFF, ids=str)
def test_the_way_of_a_roster(
    logged_in: Open, world: World, live_server: object, tmp_path: Path, view: Look
) -> None:
    width, size, contrast = view
    file = tmp_path / "海洋研究所离退休干部花名册（2026年）.xlsx"
    file.write_bytes(book(*rows_of_every_kind(world)))
    page = logged_in(world.unit_clerk, "/unit/roster/", width=width, size=size, contrast=contrast)
    look(page, f"{width}-1-empty")

    page.get_by_role("link", name="导入第一份名册").click()
    look(page, f"{width}-2-new")
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_role("alert")).to_contain_text("请选择名册文件")
    look(page, f"{width}-3-no-file")
    page.get_by_label("名册文件").set_input_files(file)
    page.get_by_role("button", name="上传并检查").click()
    expect(page.get_by_text("排队中，轮到就开始")).to_be_visible()
    look(page, f"{width}-4-waits")

    batch = worked_off(ImportBatch.objects.get())
    page.reload()
    expect(page.get_by_role("heading", name="逐类查看")).to_be_visible()
    for kind in KINDS:
        page.goto(f"{page.url.split('?')[0]}?show={kind}")
        look(page, f"{width}-5-{kind}")
    page.get_by_role("button", name="只导入正确的").click()
    expect(page.get_by_text("排队中，轮到就开始")).to_be_visible()
    worked_off(batch)
    page.reload()
    expect(page.get_by_role("heading", name="已导入")).to_be_visible()
    look(page, f"{width}-6-applied")

    person = with_number(2)
    Retiree.objects.filter(pk=person.pk).update(version=person.version + 1)
    page.locator("summary", has_text="撤销这次导入").click()
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_text("排队中，轮到就开始")).to_be_visible()
    worked_off(batch)
    page.reload()
    expect(page.get_by_text("已撤销这次导入")).to_be_visible()
    look(page, f"{width}-7-undone")


@pytest.mark.parametrize("view", OF_STAFF, ids=str)
def test_the_other_pages_are_sound(logged_in: Open, world: World, view: Look) -> None:
    width, size, contrast = view
    unit, clerk = world.unit, world.unit_clerk
    batches = every_state(unit, clerk)
    other = transfers_of_every_kind(world)
    pages = [("list", "/unit/roster/"), *((name, f"/unit/roster/{b.pk}/") for name, b in batches.items())]

    for name, address in pages:
        page = logged_in(clerk, address, width=width, size=size, contrast=contrast)
        look(page, f"{width}-8-{name}")
    for name, who, area in [("asked", other, "unit"), ("asking", clerk, "unit")]:
        page = logged_in(who, f"/{area}/roster/transfers/", width=width, size=size, contrast=contrast)
        look(page, f"{width}-9-transfers-{name}")
    for name in ("", "new/", "transfers/"):
        page = logged_in(
            world.bureau_clerk, f"/bureau/roster/{name}", width=width, size=size, contrast=contrast
        )
        look(page, f"{width}-9-bureau-{name.strip('/') or 'list'}")


def every_state(unit: Organisation, clerk: User) -> dict[str, ImportBatch]:
    no_roster = actions.receive(
        book({"科室": "一", "事由": "二"}), "请假条.xlsx", unit.pk, by=clerk, in_background=False
    )
    cancelled = actions.receive(book(row(1)), "名册.xlsx", unit.pk, by=clerk)
    assert cancelled.job_id is not None
    jobs.cancel(cancelled.job_id, by=clerk)
    colleague = actions.receive(book(row(1)), "名册.xlsx", unit.pk, by=make_staff(unit))
    stale = planned(unit, clerk, row(3))
    imported(unit, clerk, row(3))
    actions.approve(stale.pk, by=clerk)
    return {
        "refused": actions.plan_now(no_roster.pk, by=clerk),
        "cancelled": cancelled,
        "colleague": colleague,
        "stale": worked_off(stale),
        "nothing": planned(unit, clerk, row(3)),
        "discarded": actions.discard(planned(unit, clerk, row(4)).pk, by=clerk),
        "only-new": planned(unit, clerk, row(5), row(6)),
    }


def transfers_of_every_kind(world: World) -> User:
    """Asked of another unit, whose clerk is returned: two wait, one was handed over, one was not."""
    other = make_unit("青岛市第三中学")
    clerk = make_staff(other)
    people = [make_member(other, name=name) for name in ("孙德胜", "卫国强", "蒋兰芳", "沈素琴")]
    imported(world.unit, world.unit_clerk, *(row_of(person) for person in people))
    proposals = list(TransferProposal.objects.order_by("pk"))
    transfers.accept(proposals[2].pk, by=clerk)
    transfers.refuse(proposals[3].pk, by=clerk, reason="还在本单位，没有办过调转手续")
    return clerk


def test_without_a_script_a_roster_is_brought_all_the_same(
    logged_in: Open, world: World, tmp_path: Path
) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(book(row(1), row(2)))
    page = logged_in(world.unit_clerk, "/unit/roster/new/", javascript=False)

    page.get_by_label("名册文件").set_input_files(file)
    page.get_by_role("button", name="上传并检查").click()
    batch = worked_off(ImportBatch.objects.get())
    page.get_by_role("link", name="刷新进度").click()
    page.get_by_role("button", name="确认导入 2 人").click()
    worked_off(batch)
    page.get_by_role("link", name="刷新进度").click()

    expect(page.get_by_role("heading", name="已导入 2 人")).to_be_visible()
    assert units.unit_of(with_number(1)) == world.unit


def test_the_progress_becomes_the_plan_by_itself(logged_in: Open, world: World) -> None:
    batch = actions.receive(book(row(1)), "名册.xlsx", world.unit.pk, by=world.unit_clerk)
    page = logged_in(world.unit_clerk, f"/unit/roster/{batch.pk}/", width=1366)
    expect(page.get_by_text("排队中，轮到就开始")).to_be_visible()

    worked_off(batch)

    expect(page.get_by_role("button", name="确认导入 1 人")).to_be_visible()
