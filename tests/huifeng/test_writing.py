"""Plain lists as xlsx, csv and ods: whole, as text, and calculated by nobody."""

import csv
import os
import shutil
import subprocess
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest
import python_calamine
import tablib

from huifeng.errors import RuleBroken
from huifeng.spreadsheets import writing
from huifeng.spreadsheets.neutral import neutral, plain, untyped
from huifeng.spreadsheets.writing import FORMATS, Column, Table

FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u3000=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "﹦1+1",
    "﹢1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.invalid","看")',
]
HARMLESS = [
    "",
    "王建国",
    "-1",
    "-1.5",
    "-12%",
    "0532-85881234",
    "138****5678",
    "1950-03",
    "云霄路 1-2 号",
    "a=b",
]


def table(rows: list[tuple[str, ...]]) -> Table:
    columns = [Column("姓名", 10), Column("身份证号", 21, "18 位"), Column("备注", 20)]
    return Table("名单", columns, iter(rows), len(rows), [("导出人", "张伟"), ("用途", "走访慰问")])


ROWS = [
    ("王建国", "370202195003081234", "-1"),
    ("李秀英", "37020219500308123X", ""),
    ("赵强", "", "053285881234"),
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_gets_an_apostrophe(text):
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays_as_it_is(text):
    assert neutral(text) == text


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS, "'quoted'"])
def test_plain_takes_back_what_neutral_did_and_nothing_else(text):
    assert plain(neutral(text)) == text


def test_neutral_of_neutral_adds_nothing():
    assert neutral(neutral("=1+1")) == neutral("=1+1")


@pytest.mark.parametrize("text", ["370202195003081234", "0532", "053285881234"])
def test_in_csv_digits_that_excel_would_change_get_an_apostrophe(text):
    assert untyped(text) == f"'{text}"


@pytest.mark.parametrize("text", ["13900001234", "12", "0", "1950-03"])
def test_in_csv_other_digits_stay_as_they_are(text):
    assert untyped(text) == text


def test_xlsx_holds_the_list_as_text_with_a_clean_sheet():
    book = openpyxl.load_workbook(BytesIO(writing.xlsx(table(ROWS))))

    assert book.sheetnames == ["说明", "名单"]
    sheet = book["名单"]
    assert [cell.value for cell in sheet[1]] == ["姓名", "身份证号", "备注"]
    assert [cell.value for cell in sheet[2]] == list(ROWS[0])
    assert {cell.data_type for cell in sheet[2]} == {"s"}
    assert {cell.number_format for cell in sheet[2]} == {"@"}
    assert sheet.max_row == 4
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["B"].width == pytest.approx(21, abs=1)


def test_xlsx_says_who_what_for_and_what_the_columns_mean():
    book = openpyxl.load_workbook(BytesIO(writing.xlsx(table(ROWS))))

    said = {row[0].value: row[1].value for row in book["说明"].iter_rows()}
    assert said == {"项目": "内容", "导出人": "张伟", "用途": "走访慰问", "列：身份证号": "18 位"}


def test_xlsx_takes_rows_from_a_generator_and_lets_its_error_through():
    def rows():
        yield ("王建国", "", "")
        raise RuleBroken("停", code="stop")

    with pytest.raises(RuleBroken):
        writing.xlsx(Table("名单", [Column("姓名"), Column("身份证号"), Column("备注")], rows(), 2))


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_list_still_has_its_heads(name):
    content = FORMATS[name].write(table([]))

    if name == "csv":
        heads = content.decode("utf-8-sig").splitlines()[1].split(",")
    else:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
        heads = book.get_sheet_by_name("名单").to_python()[0]
    assert heads == ["姓名", "身份证号", "备注"]


def test_csv_is_known_to_excel_and_keeps_its_digits():
    content = writing.csv(table(ROWS))

    assert content.startswith(b"\xef\xbb\xbf")
    about, heads, *rows = csv.reader(StringIO(content.decode("utf-8-sig")))
    assert about == ["说明：导出人 张伟；用途 走访慰问"]
    assert heads == ["姓名", "身份证号", "备注"]
    assert rows[0] == ["王建国", "'370202195003081234", "-1"]


def test_ods_holds_the_same_as_text():
    book = tablib.Databook().load(writing.ods(table(ROWS)), "ods")

    about, data = book.sheets()
    assert (about.title, data.title) == ("说明", "名单")
    assert data[0] == ROWS[0]


def test_ods_refuses_long_lists_with_what_to_do():
    long = Table("名单", [Column("姓名")], iter([]), writing.MOST_ODS + 1)

    with pytest.raises(RuleBroken, match="xlsx"):
        writing.ods(long)


def test_xlsx_refuses_more_than_a_sheet_holds():
    with pytest.raises(RuleBroken, match="1,048,575"):
        writing.xlsx(Table("名单", [Column("姓名")], iter([]), writing.MOST_XLSX + 1))


def test_two_columns_of_one_title_are_refused():
    with pytest.raises(ValueError, match="two columns"):
        Table("名单", [Column("姓名"), Column("姓名")], [], 0)


@pytest.mark.parametrize("name", FORMATS)
def test_no_cell_of_any_format_is_a_formula(name):
    content = FORMATS[name].write(table([(text, text, text) for text in FORMULAS]))

    if name == "xlsx":
        cells = openpyxl.load_workbook(BytesIO(content))["名单"].iter_rows(min_row=2)
        assert {cell.data_type for row in cells for cell in row if cell.value} == {"s"}
    elif name == "csv":
        assert all(
            cell.startswith("'")
            for row in list(csv.reader(StringIO(content.decode("utf-8-sig"))))[2:]
            for cell in row
        )
    else:
        data = tablib.Databook().load(content, "ods").sheets()[1]
        assert all(cell.startswith("'") for row in data for cell in row)


@pytest.mark.skipif(
    shutil.which("soffice") is None and not os.environ.get("TEST_SOFFICE"),
    reason="LibreOffice is not installed",
)
@pytest.mark.parametrize("name", FORMATS)
def test_libreoffice_calculates_nothing(name, tmp_path: Path):
    source = tmp_path / f"list.{name}"
    source.write_bytes(FORMATS[name].write(table([("=1+1", "=2*3*7", "@SUM(1;1)"), ("＝1+1", "+1+1", "-1")])))
    last_sheet = "2" if name != "csv" else "0"
    as_csv = f"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,{last_sheet}"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"

    subprocess.run(
        [
            "soffice",
            profile,
            "--headless",
            "--convert-to",
            as_csv,
            "--outdir",
            str(tmp_path / "out"),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )

    text = next((tmp_path / "out").iterdir()).read_text("utf-8")
    assert "=1+1" in text
    assert "=2*3*7" in text
    assert "@SUM(1;1)" in text
    assert "42" not in text
    assert "-1" in text.splitlines()[-1]
