"""Rosters as units send them, tidy and nasty, as .xlsx. Everybody in them is fictional."""

import random
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from huifeng.spreadsheets.reading import Cell, Sheet
from tests.members.factories import make_id_number, make_phone

type Row = Sequence[Any]
type Person = dict[str, Any]  # cells by heading

HEADINGS = [
    "序号",
    "姓名",
    "性别",
    "身份证号",
    "出生日期",
    "手机号码",
    "离退休类别",
    "离退休时间",
    "职级",
    "政治面貌",
]
NAMES = ["刘桂英", "陈国强", "孙玉兰", "王德海", "于延春", "周世平", "赵建军", "徐凤琴"]
UNDER_BASICS = ["性别", "出生日期", "民族", "籍贯", "政治面貌", "入党时间", "文化程度", "职称"]
HAINAN = ["序号", "姓名", "手机号码", "人员类别", "单位全称", "身份证号码", "职务\r\n（职级）", "组织区域"]
HAINAN_NOTE = "说明：每个单位一张单独的表，如单位有更新则替代旧表，最后每个市县形成一张汇总表进行导入。"


def somebody(serial: int, *, born: date = date(1950, 3, 8), **cells: Any) -> Person:
    """A person with a valid ID number; another one for each `serial`. `cells` by heading."""
    person = {
        "序号": serial,
        "姓名": NAMES[serial % len(NAMES)],
        "性别": "男",
        "身份证号": make_id_number(serial, born=born),
        "出生日期": f"{born:%Y-%m}",
        "手机号码": make_phone(serial),
        "离退休类别": "退休",
        "离退休时间": "2010-04",
        "职级": "正处级",
        "政治面貌": "中共党员",
    }
    return person | cells


def people(count: int, first: int = 1) -> list[Person]:
    return [somebody(serial) for serial in range(first, first + count)]


def table(rows: Iterable[Person], headings: Sequence[str] = HEADINGS) -> list[Row]:
    """The heading and a row for each person."""
    return [list(headings), *([person.get(heading, "") for heading in headings] for person in rows)]


def book(**sheets: Iterable[Row]) -> bytes:
    """An .xlsx with these sheets. Text stays text, also when it begins like a formula."""
    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for at, row in enumerate(rows, 1):
            _fill(sheet, at, row)
    return saved(made)


def roster(rows: Iterable[Person], headings: Sequence[str] = HEADINGS) -> bytes:
    """One sheet that begins with its heading."""
    return book(花名册=table(rows, headings))


def hainan(rows: Iterable[Person], *, below_the_note: bool = False) -> bytes:
    """附件4 of Hainan (domain.md §1.5): title, heading of two rows, a sample person, a note under the people."""
    made = Workbook()
    sheet = made.active
    sheet.title = "离退休干部职工信息收集模版"
    _fill(sheet, 1, ["附件4"])
    _fill(sheet, 2, ["离退休干部职工信息收集模版"])
    sheet.merge_cells("A2:P2")
    _fill(sheet, 3, [*HAINAN, "基础信息\n（时间如果是2000年1月，填写成2000-01）"])
    _fill(sheet, 4, [*[""] * 8, *UNDER_BASICS])
    for letter in "ABCDEFGH":
        sheet.merge_cells(f"{letter}3:{letter}4")
    sheet.merge_cells("I3:P3")
    sample = [
        1, "张三", "13800000000", "公务员", "某某单位", "460100195001010000", "处长（正处级）", "海口市", "男",
        "1950-01", "汉族", "海南海口", "中共党员", "1975-07", "大学", "工程师",
    ]  # fmt: skip
    _fill(sheet, 5, sample)
    note_at = 6 if below_the_note else 6 + len(list(rows))
    for at, person in enumerate(rows, 8 if below_the_note else 6):
        said = person | {"身份证号码": person["身份证号"], "职务\r\n（职级）": "处长"}
        _fill(sheet, at, [said.get(heading, "") for heading in [*HAINAN, *UNDER_BASICS]])
    _fill(sheet, note_at, [HAINAN_NOTE])
    sheet.merge_cells(f"A{note_at}:P{note_at + 1}")
    return saved(made)


def framed(rows: Sequence[Person]) -> list[Row]:
    """Titles above; a total, notes and signatures below."""
    heading, *lines = table(rows)
    return [
        ["青岛市第一研究所离退休干部花名册"],
        [],
        ["填报单位：（盖章）", "", "", "", "", "填报日期：2026年11月1日"],
        heading,
        *lines,
        ["合计", f"{len(rows)}人", "", "", "", "", "", "", "其中离休", "0人"],
        ["", "小计：", len(rows), "人", "", ""],
        ["注：本表一式三份。"],
        ["单位负责人：李明", "", "", "审核人：赵强", "", "", "填表人：王芳"],
        ["", "填表日期", "2026-11-01"],
        ["", "分管领导（签字）：", "", "", "年  月  日"],
    ]


def shuffled(rows: Iterable[Person], seed: int) -> bytes:
    """The columns in another order."""
    headings = HEADINGS[:]
    random.Random(seed).shuffle(headings)
    return roster(rows, headings)


def renamed(rows: Iterable[Person], words: dict[str, str]) -> bytes:
    """Other words for the headings."""
    heading, *lines = table(rows)
    return book(名单=[[words.get(word, word) for word in heading], *lines])


def wide(rows: Iterable[Person], columns: int = 200) -> bytes:
    """Columns nobody knows, up to `columns`, with something in each row."""
    heading, *lines = table(rows)
    more = columns - len(heading)
    return book(
        全表=[[*heading, *(f"指标{n}" for n in range(more))], *([*line, *["是"] * more] for line in lines)]
    )


def sheet(
    *rows: Sequence[Cell],
    name: str = "花名册",
    first: int = 1,
    visible: bool = True,
    hidden_rows: Iterable[int] = (),
    hidden_columns: Iterable[int] = (),
    uncached: Iterable[tuple[int, int]] = (),
) -> Sheet:
    """A sheet as the reader gives it; the rows are numbered from `first`, empty ones left out."""
    numbered = ((number, list(row)) for number, row in enumerate(rows, first) if any(c != "" for c in row))
    return Sheet(
        name, visible, frozenset(hidden_rows), frozenset(hidden_columns), frozenset(uncached), numbered
    )


def cells_of(content: bytes) -> dict[str, list[list[Any]]]:
    """What an .xlsx holds, by sheet: rows of values."""
    found = load_workbook(BytesIO(content))
    return {page.title: [[cell.value for cell in row] for row in page.iter_rows()] for page in found}


def saved(made: Workbook) -> bytes:
    content = BytesIO()
    made.save(content)
    return content.getvalue()


def _fill(sheet: Worksheet, at: int, row: Row) -> None:
    for column, value in enumerate(row, 1):
        if value == "":
            continue
        cell = sheet.cell(at, column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type, cell.number_format = "s", "@"
