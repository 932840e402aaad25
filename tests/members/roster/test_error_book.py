"""The rows that were refused, as a workbook to mend and send again."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from members.people.models import Retiree
from members.roster import actions, error_book, report
from members.roster.models import ImportBatch
from tests.members.factories import make_id_number

from .importing import bring, plan
from .workbooks import HEADINGS, book, framed, roster, saved, somebody, table

pytestmark = pytest.mark.django_db


def errors_of(batch: ImportBatch):
    return load_workbook(BytesIO(error_book.make(batch)))


def values(page):
    return [[cell.value for cell in row] for row in page.iter_rows()]


def broken():
    return [
        somebody(1),
        somebody(2, 身份证号=make_id_number(2)[:17]),
        somebody(3, 离退休类别="内退"),
        somebody(4, 姓名=""),
        somebody(5),
        somebody(6, 姓名="=A+B", 身份证号=""),
    ]


def test_only_the_refused_rows_are_in_it_in_the_same_columns(unit):
    page = errors_of(plan(book(花名册=framed(broken())), unit)).active

    head, *rows = values(page)
    assert head == ["错误说明", *HEADINGS]
    assert [row[1] for row in rows] == ["2", "3", "4", "6"]
    assert all(row[0] for row in rows)
    assert rows[0][4] == make_id_number(2)[:17]


def test_the_bad_cells_are_coloured_and_say_why(unit):
    page = errors_of(plan(roster(broken()), unit)).active

    marked = {(c.row, page.cell(1, c.column).value): c.comment.text for row in page for c in row if c.comment}
    assert set(marked) == {(2, "身份证号"), (3, "离退休类别"), (4, "姓名"), (5, "身份证号")}
    assert "少 1 位" in marked[2, "身份证号"]
    assert all(
        (cell.fill.fgColor.rgb == "00FFC000") == (cell.comment is not None)
        for row in page.iter_rows(min_row=2)
        for cell in row
    )


def test_every_cell_is_text_and_none_a_formula(unit):
    page = errors_of(plan(roster(broken()), unit)).active

    assert {cell.data_type for row in page for cell in row if cell.value is not None} <= {"s", "inlineStr"}
    assert page["C5"].value == "=A+B"
    assert {cell.number_format for row in page for cell in row} == {"@"}


def test_a_mended_book_is_taken_without_a_word(unit):
    batch = bring(roster(broken()), unit)
    mended = errors_of(batch)
    page = mended.active
    page["E2"], page["H3"], page["C4"], page["C5"], page["E5"] = (
        make_id_number(2), "退休", "于延春", "赵建军", make_id_number(6),
    )  # fmt: skip

    again = bring(saved(mended), unit)

    found = report.of_plan(again)
    assert (found["rows"], found["new"], found["errors"], found["warnings"]) == (4, 4, [], [])
    assert Retiree.objects.count() == 6


def test_a_book_that_was_not_mended_is_refused_for_the_same_reasons(unit):
    batch = plan(roster(broken()), unit)

    again = plan(error_book.make(batch), unit)

    first, second = (report.of_plan(b)["errors"] for b in (batch, again))
    assert [(e["column"], e["code"], e["message"]) for e in first] == [
        (e["column"], e["code"], e["message"]) for e in second
    ]


def test_a_duplicate_comes_back_with_the_row_it_repeats(unit):
    page = errors_of(plan(roster([somebody(1), somebody(1)]), unit)).active

    assert "第 2 行" in page["A2"].value


def test_each_sheet_has_its_own(unit):
    one, two = table([somebody(1, 身份证号="1")]), table([somebody(2)])
    three = table([somebody(3, 姓名="")], [*HEADINGS[::-1]])

    found = errors_of(plan(book(一=one, 二=two, 三=three), unit))

    assert found.sheetnames == ["一", "三"]
    assert values(found["三"])[0] == ["错误说明", *HEADINGS[::-1]]


def test_numbers_and_dates_come_back_as_they_read(unit):
    row = somebody(1, 身份证号="", 手机号码=13900000001, 离退休时间=2010.04)

    page = errors_of(plan(roster([row]), unit)).active

    assert (page["G2"].value, page["I2"].value) == ("13900000001", "2010.04")


def test_without_refused_rows_nothing_is_kept(unit):
    batch = plan(roster([somebody(1)]), unit)

    assert actions.keep_error_book(batch.pk, by=batch.by).error_file is None
    assert len(values(errors_of(batch).active)) <= 1
