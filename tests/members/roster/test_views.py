"""The pages of an import: send, watch, look, confirm, take back; and who may not."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from huifeng.audit.models import AuditEntry
from huifeng.jobs import actions as jobs
from members.people.models import Retiree
from members.roster import actions
from members.roster.models import ImportBatch
from tests.communities.factories import make_external_unit, make_staff, make_unit
from tests.members.factories import make_member
from tests.members.roster.rosters import book, imported, planned, row, row_of, worked_off

pytestmark = pytest.mark.django_db

State = ImportBatch.State
BAD = {"姓名": "郑和平", "身份证号": "123", "离退休类别": "退休"}


@pytest.fixture
def at_unit(client: Client, unit_clerk) -> Client:
    client.force_login(unit_clerk)
    return client


@pytest.fixture
def at_bureau(bureau_clerk) -> Client:
    client = Client()
    client.force_login(bureau_clerk)
    return client


def as_file(content: bytes, name: str = "花名册.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def text_of(answer) -> str:
    return answer.content.decode()


def with_everything(unit, clerk) -> ImportBatch:
    """A plan with every kind of row."""
    make_member(unit, name="没列上")
    other = make_unit("青岛市第二中学")
    batch = planned(
        unit,
        clerk,
        row(1),
        row(1),
        BAD,
        row_of(make_member(unit, name="周平"), 职级="副处级"),
        row_of(make_member(unit, name="吴平")),
        row_of(make_member(other, name="孙平")),
        row(2, 性别="女"),
    )
    return actions.keep_error_book(batch.pk, by=clerk)


# the way through --------------------------------------------------------------------------------------------


def test_the_whole_way_of_a_roster(at_unit, unit):
    answer = at_unit.post("/unit/roster/new/", {"file": as_file(book(row(1), row(2), BAD))})
    batch = ImportBatch.objects.get()
    page = f"/unit/roster/{batch.pk}/"
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert "排队中" in text_of(at_unit.get(page))

    worked_off(batch)
    looked_at = text_of(at_unit.get(page))
    assert "只导入正确的 2 行" in looked_at
    assert "下载错误表（1 行）" in looked_at
    assert not Retiree.objects.exists()

    assert at_unit.post(f"{page}approve/")["Location"] == page
    assert "确认导入" not in text_of(at_unit.get(page))
    worked_off(batch)
    receipt = text_of(at_unit.get(page))
    assert "已导入 2 人" in receipt
    assert batch.number in receipt

    assert at_unit.post(f"{page}undo/")["Location"] == page
    worked_off(batch)
    assert "移出 2 人" in text_of(at_unit.get(page))
    assert not Retiree.objects.exists()


def test_the_history_shows_what_became_of_each(at_unit, unit, unit_clerk):
    batches = [imported(unit, unit_clerk, row(1)), planned(unit, unit_clerk, row(2), BAD)]

    history = text_of(at_unit.get("/unit/roster/"))

    assert all(batch.number in history for batch in batches)
    assert "已导入" in history
    assert "待您确认" in history


def test_who_did_not_ask_sees_that_a_colleague_is_at_it(unit, unit_clerk):
    batch = actions.receive(book(row(1)), "名册.xlsx", unit.pk, by=unit_clerk)
    colleague = Client()
    colleague.force_login(make_staff(unit))

    page = text_of(colleague.get(f"/unit/roster/{batch.pk}/"))

    assert f"{unit_clerk.display_name}正在办理：检查名册" in page


def test_an_import_is_given_up(at_unit, unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(1))

    answer = at_unit.post(f"/unit/roster/{batch.pk}/discard/", follow=True)

    assert f"已放弃 {batch.number}" in text_of(answer)
    page = text_of(at_unit.get(f"/unit/roster/{batch.pk}/"))
    assert "逐类查看" not in page


def test_an_import_is_checked_again(at_unit, unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(1))

    at_unit.post(f"/unit/roster/{batch.pk}/check/")

    assert "排队中" in text_of(at_unit.get(f"/unit/roster/{batch.pk}/"))


def test_a_plan_out_of_date_says_so_and_can_be_checked_again(at_unit, unit, unit_clerk, member):
    batch = planned(unit, unit_clerk, row_of(member, 职级="副处级"))
    Retiree.objects.update(version=9)
    at_unit.post(f"/unit/roster/{batch.pk}/approve/")

    worked_off(batch)

    page = text_of(at_unit.get(f"/unit/roster/{batch.pk}/"))
    assert "什么也没有写" in page
    assert f"/unit/roster/{batch.pk}/check/" in page


def test_a_check_that_was_cancelled_can_be_done_again(at_unit, unit, unit_clerk):
    batch = actions.receive(book(row(1)), "名册.xlsx", unit.pk, by=unit_clerk)
    jobs.cancel(batch.job_id, by=unit_clerk)
    page = f"/unit/roster/{batch.pk}/"
    assert f'action="{page}check/"' in text_of(at_unit.get(page))

    at_unit.post(f"{page}check/")

    assert worked_off(batch).state == State.PLANNED


def test_who_was_kept_at_an_undo_is_listed(at_unit, unit, unit_clerk):
    batch = imported(unit, unit_clerk, row(1), row(2))
    Retiree.objects.filter(name=row(1)["姓名"]).update(version=2)
    actions.undo_now(batch.pk, by=unit_clerk)

    page = at_unit.get(f"/unit/roster/{batch.pk}/?show=kept")

    assert [line.row.name for line in page.context["slice"].rows] == [row(1)["姓名"]]


def test_the_workbook_of_errors_is_downloaded_and_audited(at_unit, unit, unit_clerk):
    batch = actions.keep_error_book(planned(unit, unit_clerk, row(1), BAD).pk, by=unit_clerk)

    answer = at_unit.get(f"/unit/roster/{batch.pk}/errors/")

    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active
    assert [cells[1].value for cells in sheet] == ["姓名", "郑和平"]
    assert AuditEntry.objects.filter(action="roster.errors_downloaded", actor_id=unit_clerk.pk).count() == 1


def test_after_a_month_the_page_says_that_the_rows_are_gone(at_unit, unit, unit_clerk):
    batch = planned(unit, unit_clerk, row(1))
    ImportBatch.objects.update(created_at=timezone.now() - actions.KEPT_FOR * 2)
    actions.forget_old()

    page = text_of(at_unit.get(f"/unit/roster/{batch.pk}/"))

    assert "明细只保留 30 天" in page
    assert "确认导入" not in page


# the plan ---------------------------------------------------------------------------------------------------

TABS = {
    "rejected": "郑和平",
    "duplicate": "第 2 行",
    "warnings": "性别",
    "changed": "正县（处）级",
    "new": "原来没有",
    "missing": "没列上",
    "transfers": "青岛市第二中学",
    "unchanged": "吴平",
}


@pytest.mark.parametrize("kind", TABS)
def test_each_kind_of_row_is_shown(at_unit, unit, unit_clerk, kind):
    batch = with_everything(unit, unit_clerk)

    page = text_of(at_unit.get(f"/unit/roster/{batch.pk}/?show={kind}"))

    assert TABS[kind] in page
    assert f'href="?show={kind}" aria-current="true"' in page


def test_a_kind_nobody_knows_shows_the_first(at_unit, unit, unit_clerk):
    batch = with_everything(unit, unit_clerk)

    assert "郑和平" in text_of(at_unit.get(f"/unit/roster/{batch.pk}/?show=x&after=y"))


def test_no_full_number_is_on_the_page(at_unit, unit, unit_clerk, member):
    batch = planned(unit, unit_clerk, row(1, 手机号码="13900001234"), row_of(member, 手机号码="13900005678"))

    page = "".join(
        text_of(at_unit.get(f"/unit/roster/{batch.pk}/?show={kind}")) for kind in ("new", "changed")
    )

    assert [
        n for n in ("13900001234", "13900005678", member.id_number, row(1)["身份证号"]) if n in page
    ] == []


@pytest.mark.parametrize("kind", ["new", "missing"])
def test_rows_come_by_fifty(at_unit, unit, unit_clerk, kind):
    for _ in range(60 if kind == "missing" else 0):
        make_member(unit)
    batch = planned(unit, unit_clerk, *(row(serial) for serial in range(120 if kind == "new" else 1)))
    address, seen = f"/unit/roster/{batch.pk}/?show={kind}", []

    while address:
        answer = at_unit.get(address)
        seen.append(len(answer.context["slice"].rows))
        following = answer.context["slice"].next_url
        address = f"/unit/roster/{batch.pk}/{following}" if following else ""

    assert seen == ([50, 50, 20] if kind == "new" else [50, 10])


# files that are not taken -----------------------------------------------------------------------------------


def test_without_a_file_the_form_asks_for_one(at_unit):
    answer = at_unit.post("/unit/roster/new/", {})

    assert answer.status_code == 422
    assert "请选择名册文件" in text_of(answer)


def test_an_empty_file_is_told(at_unit):
    answer = at_unit.post("/unit/roster/new/", {"file": as_file(b"")})

    assert answer.status_code == 422
    assert "文件是空的" in text_of(answer)


def test_more_than_20_mb_is_not_taken(at_unit):
    answer = at_unit.post("/unit/roster/new/", {"file": as_file(bytes(20 * 1024 * 1024 + 1))})

    assert answer.status_code == 422
    assert "超过 20 MB" in text_of(answer)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("content", "name"), [(b"%PDF-1.7 nothing", "花名册.xlsx"), (b"PK\x03\x04 cut off", "花名册.xlsx")]
)
def test_what_is_no_table_is_refused_in_plain_words(at_unit, content, name):
    at_unit.post("/unit/roster/new/", {"file": as_file(content, name)})
    batch = worked_off(ImportBatch.objects.get())

    page = text_of(at_unit.get(f"/unit/roster/{batch.pk}/"))

    assert batch.state == State.REFUSED
    assert "文件没有读成" in page
    assert batch.refused in page
    assert "改好后重新上传" in page


def test_a_table_that_is_no_roster_is_told_with_the_way_on(at_unit):
    at_unit.post("/unit/roster/new/", {"file": as_file(book({"科室": "一", "事由": "二"}))})
    batch = worked_off(ImportBatch.objects.get())

    page = text_of(at_unit.get(f"/unit/roster/{batch.pk}/"))

    assert "没有找到名册的表头" in page
    assert "改好后重新上传" in page


# a bureau ---------------------------------------------------------------------------------------------------


def test_a_bureau_sends_the_roster_of_one_unit(at_bureau, unit):
    at_bureau.post("/bureau/roster/new/", {"file": as_file(book(row(1))), "unit": f" {unit.name} "})
    batch = ImportBatch.objects.get()

    assert batch.organisation == unit
    worked_off(batch)
    assert at_bureau.get(batch.job.page if batch.job else f"/bureau/roster/{batch.pk}/").status_code == 200


def test_a_unit_is_found_by_its_credit_code(at_bureau, unit):
    at_bureau.post("/bureau/roster/new/", {"file": as_file(book(row(1))), "unit": unit.code.lower()})

    assert ImportBatch.objects.get().organisation == unit


def test_a_unit_outside_is_found(at_bureau):
    outside = make_external_unit("南京市机械厂")
    at_bureau.post("/bureau/roster/new/", {"file": as_file(book(row(1))), "unit": "南京市机械厂"})

    assert ImportBatch.objects.get().organisation == outside


def test_a_bureau_sends_a_file_of_several_units(city, at_bureau, unit):
    make_unit("青岛市第二中学", place=unit.division)
    rows = [row(1, 单位全称=unit.name), row(2, 单位全称="青岛市第二中学"), row(3, 单位全称="没有的单位")]
    at_bureau.post("/bureau/roster/new/", {"file": as_file(book(*rows))})

    batch = worked_off(ImportBatch.objects.get())

    assert batch.organisation == city.districts[0]
    assert (batch.counts["new"], batch.counts["rejected"]) == (2, 1)
    assert "没有的单位" in text_of(at_bureau.get(f"/bureau/roster/{batch.pk}/"))


def test_a_unit_nobody_knows_brings_suggestions(at_bureau, unit):
    answer = at_bureau.post("/bureau/roster/new/", {"file": as_file(book(row(1))), "unit": "第一研究所"})

    assert answer.status_code == 422
    assert f"是不是{unit.name}" in text_of(answer)


def test_a_unit_of_another_district_is_not_known(city, at_bureau):
    other = make_unit("市北区第九中学", place=city.districts[1].division)
    answer = at_bureau.post("/bureau/roster/new/", {"file": as_file(book(row(1))), "unit": other.name})

    assert answer.status_code == 422
    assert not ImportBatch.objects.exists()
