"""The official workbook of a month."""

import time
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader

from checkin.statistics import actions, catalogue, counting, registry
from checkin.statistics.months import Month
from checkin.statistics.papers import forms, look, monthly, statement
from checkin.statistics.papers.books import Book
from communities.divisions.models import Division
from huifeng.accounts.models import User
from members.people.models import Retiree
from tests.checkin.statistics.papers.offices import calculated, convert
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.members.factories import RetireeFactory

CITY = "3702"
HEAD_ROW, FIRST = 4, 5


@pytest.fixture
def month(world: World) -> Month:
    """This month with people who live, checked in and wait in both districts and belong to a unit or to none."""
    codes = [community.division.code for community in world.city.communities]
    for number, code in enumerate(codes * 2):
        RetireeFactory(
            residence_id=code, sex="FM"[number % 2], kind=Retiree.Kind.LIXIU if number == 3 else "tuixiu"
        )
    for _ in range(3):
        world.confirmed()
    world.confirmed(community_id=world.here.pk)
    world.submitted()
    return Month.current()


def opened(content: bytes, *, values: bool = False) -> Workbook:
    return load_workbook(BytesIO(content), data_only=values)


def heads(sheet: Worksheet) -> dict[str, int]:
    """Column numbers by key: titles repeat, so the group above counts too."""
    found, group = {}, ""
    for column in range(1, sheet.max_column + 1):
        group = sheet.cell(HEAD_ROW - 1, column).value or group
        found[group, sheet.cell(HEAD_ROW, column).value] = column
    return {
        key: found[catalogue.group_of(key), catalogue.title(key)]
        for key in statement.columns()
        if (catalogue.group_of(key), catalogue.title(key)) in found
    }


def figures(sheet: Worksheet, row: int) -> dict[str, object]:
    return {key: sheet.cell(row, column).value for key, column in heads(sheet).items()}


def expected(row: counting.Row, keys: Sequence[str] = ()) -> dict[str, object]:
    """What counting says, with shares as fractions of one."""
    found = {}
    for key in keys or statement.columns():
        value, ratio = row.value(key), catalogue.ratio(key)
        found[key] = value / 100 if value is not None and ratio is not None and ratio.is_share else value
    return found


SHEETS = {"区市": "district", "街道": "street", "社区": "community"}


@pytest.mark.parametrize(("name", "level"), SHEETS.items())
def test_every_figure_is_the_one_that_is_counted(month: Month, name: str, level: str) -> None:
    sheet = opened(monthly.workbook(month, CITY), values=True)[name]
    table = counting.table(month, CITY, level, statement.columns())
    for number, row in enumerate(table.rows):
        assert figures(sheet, FIRST + number) == pytest.approx(expected(row)), row.name
    assert figures(sheet, FIRST + len(table.rows)) == pytest.approx(expected(table.total))
    assert table.total.figures["checked_in"] == 4


def test_units_are_counted_beside_the_places(month: Month) -> None:
    sheet = opened(monthly.workbook(month, CITY), values=True)["单位"]
    of_people = [
        key for key in statement.columns() if key not in registry.columns
    ]  # the rest is not known by unit
    table = counting.table(month, CITY, measures=of_people, cut="unit")
    assert [sheet.cell(FIRST + n, 3).value for n in range(len(table.rows))] == [
        row.name for row in table.rows
    ]
    for number, row in enumerate(table.rows):
        assert figures(sheet, FIRST + number) == pytest.approx(expected(row, of_people))


def test_the_first_sheet_shows_the_month_beside_the_one_before(month: Month) -> None:
    sheet = opened(monthly.workbook(month, CITY), values=True)["全市"]
    shown = {
        (row[at + 1].value): tuple(row[at + n].value for n in (2, 3, 4))
        for row in sheet.iter_rows(min_row=4)
        for at in (0, 6)
    }
    total = counting.table(month, CITY).total
    before = counting.table(month.previous, CITY).total
    key = "checked_in"
    now, then = total.value(key), before.value(key)
    assert now is not None
    assert then is not None
    assert shown["累计已报到"] == (now, then, now - then)


def test_sums_are_formulas_that_libreoffice_calculates_alike(month: Month, tmp_path: Path) -> None:
    content = monthly.workbook(month, CITY)
    formulas, values = opened(content), opened(content, values=True)
    again = calculated(content, tmp_path)
    assert again.sheetnames == formulas.sheetnames
    seen = 0
    for sheet in formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    seen += 1
                    written = values[sheet.title][cell.coordinate].value
                    found = again[sheet.title][cell.coordinate].value
                    assert (found or None) == pytest.approx(written or None), (sheet.title, cell.coordinate)
    assert seen > 4 * 40
    lines = counting.table(month, CITY).rows
    total = formulas["区市"].cell(FIRST + len(lines), heads(formulas["区市"])["total"]).value
    assert str(total).startswith("=SUM(")


def test_every_sheet_is_set_up_for_printing(month: Month) -> None:
    book = opened(monthly.workbook(month, CITY))
    assert book.sheetnames == ["全市", "区市", "街道", "社区", "单位", "说明"]
    for sheet in book.worksheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.print_title_rows
        assert sheet.print_options.horizontalCentered
        assert "&P" in sheet.oddFooter.center.text
        assert sheet.freeze_panes
        assert all((sheet.row_dimensions[row].height or 0) >= 17 for row in range(1, sheet.max_row + 1))


def printed_pages(sheet: Worksheet) -> list[list[int]]:
    """The columns on each page side by side, those that are repeated first."""
    leading = list(
        range(1, 1 + (range_boundaries(sheet.print_title_cols)[2] if sheet.print_title_cols else 0))
    )
    ends = [each.id for each in sheet.col_breaks.brk] + [sheet.max_column]
    starts = [len(leading) + 1, *(end + 1 for end in ends[:-1])]
    return [leading + list(range(start, end + 1)) for start, end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("people", [12, 1_000_000])
def test_nothing_is_printed_smaller_than_nine_points(
    month: Month, people: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever has to fit on a page fits at the scale that is written, or that fitting it to the page gives."""
    width = monthly._width
    monkeypatch.setattr(
        monthly,
        "_width",
        lambda key, total: max(width(key, total), len(str(people)) + 1 if people > 99 else 0),
    )
    assert_every_sheet_fits(opened(monthly.workbook(month, CITY)))


def assert_every_sheet_fits(book: Workbook) -> None:
    for sheet in book.worksheets:
        sizes = [
            sum(sheet.column_dimensions[get_column_letter(number)].width for number in page) * look.DIGIT
            for page in printed_pages(sheet)
        ]
        fitting = look.A4_ACROSS / max(sizes)
        if sheet.sheet_properties.pageSetUpPr.fitToPage:
            heights = sum(sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1))
            scale = min(1, fitting, *([515 / heights] if sheet.page_setup.fitToHeight == 1 else []))
        else:
            scale = sheet.page_setup.scale / 100
            assert scale <= fitting * 0.85, sheet.title  # room for programs that measure columns wider
        assert scale * look.BODY_SIZE >= look.LEAST_SIZE, (sheet.title, scale)


@pytest.fixture
def many_columns(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """25 columns of other rooms in three groups, one of which is wider than a page."""
    monkeypatch.setattr(registry, "columns", dict(registry.columns))
    for number in range(25):
        group = "四就近服务" if number < 19 else ("诉求办理", "结对关爱")[number % 2]
        registry.add(
            registry.Column(
                f"dummy_{number}", f"第{number}项服务办结人次", "本月的人次。", lambda month: {}, group=group
            )
        )
    return [key for key in registry.columns if key.startswith("dummy_")]


@pytest.mark.parametrize("widths", [[60, 60], [90, 60], [30] * 9, [5] * 40, [99, 60, 5, 5]])
def test_pages_are_as_few_as_fit_and_hold_every_column_once(widths: list[float]) -> None:
    columns = [forms.Column("名称", width=15, is_name=True)]
    columns += [forms.Column(f"第{n}栏", "办结", width=width) for n, width in enumerate(widths)]
    form = forms.Form("表", "表", "青岛市", "2026年5月", columns)

    pages = form.pages

    assert [n for first, last in pages for n in range(first, last + 1)] == list(range(2, len(columns) + 1))
    assert len(pages) >= sum(widths) / (look.ROOM - 15)
    if len(pages) == 1:
        return
    book = Book("表", "青岛市")
    sheet = forms.write(book, form, [["湛山", *[1 for _ in widths]]])
    assert [cell.value for row in sheet.iter_rows() for cell in row].count("填表人：") == len(pages)


def test_columns_of_other_rooms_go_on_further_sheets_and_pages(month: Month, many_columns: list[str]) -> None:
    book = opened(monthly.workbook(month, CITY))

    assert_every_sheet_fits(book)
    assert book.sheetnames == ["全市", "全市（续）", "区市", "街道", "社区", "单位", "说明"]
    titles = {catalogue.title(key) for key in many_columns}
    overview = [cell.value for name in book.sheetnames[:2] for row in book[name].iter_rows() for cell in row]
    assert titles <= set(overview)
    assert titles <= {cell.value for cell in book["社区"][HEAD_ROW]}
    for page in printed_pages(book["社区"]):
        assert book["社区"].cell(3, page[5]).value, "a page begins with a head"


def test_groups_of_columns_stay_on_one_page_and_names_stand_on_each(month: Month) -> None:
    sheet = opened(monthly.workbook(month, CITY))["社区"]

    pages = printed_pages(sheet)

    assert len(pages) == 4
    assert sheet.print_title_rows == "$2:$4"
    assert sheet.oddHeader.center.text == statement.TITLE
    for page in pages:
        assert [sheet.cell(3, number).value for number in page[:5]] == [
            "序号",
            "区市",
            "街道",
            "代码",
            "名称",
        ]
        assert sheet.cell(3, page[5]).value, "a page begins with a group"
        last_rows = range(sheet.max_row - 2, sheet.max_row + 1)  # a narrow page has them under one another
        words = [sheet.cell(row, number).value for row in last_rows for number in page]
        assert [word for word in words if word in forms.SIGNATURES] == list(forms.SIGNATURES)


def test_no_signature_is_cut(month: Month, many_columns: list[str]) -> None:
    """Side by side or one under the other, each stands in cells as wide as its words."""
    seen = 0
    for sheet in opened(monthly.workbook(month, CITY)).worksheets:
        for merged in sheet.merged_cells.ranges:
            word = sheet.cell(merged.min_row, merged.min_col).value
            if word in forms.SIGNATURES:
                columns = range(merged.min_col, merged.max_col + 1)
                width = sum(sheet.column_dimensions[get_column_letter(number)].width for number in columns)
                assert width * look.DIGIT >= len(str(word)) * look.BODY_SIZE, (sheet.title, word)
                seen += 1
    assert seen > 20


def test_a_sheet_looks_as_an_official_paper_does(month: Month) -> None:
    sheet = opened(monthly.workbook(month, CITY))["街道"]
    title, head, body = sheet.cell(1, 1), sheet.cell(4, 6), sheet.cell(FIRST, 6)
    assert (title.font.name, title.font.size) == ("方正小标宋简体", 22)
    assert (head.font.name, head.font.size, head.alignment.wrap_text) == ("黑体", 12, True)
    assert (body.font.name, body.font.size, body.border.left.style) == ("仿宋_GB2312", 12, "thin")
    words = [cell.value for cell in sheet[2] if cell.value]
    assert words[:3] == ["填报单位：青岛市", f"统计时间：{month.words}", "单位：人"]
    code = sheet.cell(FIRST, 3)
    assert (code.data_type, code.number_format) == ("s", "@")
    assert "市南区" in [sheet.cell(FIRST + n, 2).value for n in range(6)]


def test_a_name_that_begins_with_an_equals_sign_stays_a_name(world: World) -> None:
    world.unit.name = "=1+1"
    world.unit.save()
    world.confirmed()
    sheet = opened(monthly.workbook(Month.current(), CITY))["单位"]
    cell = sheet.cell(FIRST, 3)
    assert (cell.value, cell.data_type) == ("=1+1", "s")


@pytest.mark.parametrize(
    ("area", "sheets"),
    [
        ("370202", ["全区市", "街道", "社区", "单位", "说明"]),
        ("370202001", ["全街道", "社区", "单位", "说明"]),
        ("370202001001", ["社区", "单位", "说明"]),
    ],
)
def test_a_part_of_the_city_holds_only_what_lies_in_it(month: Month, area: str, sheets: list[str]) -> None:
    book = opened(monthly.workbook(month, area))
    assert book.sheetnames == sheets
    for name in ("街道", "社区"):
        if name in sheets[1:]:
            codes = [
                cell.value
                for row in book[name].iter_rows(min_row=FIRST)
                for cell in row
                if cell.number_format == "@"
            ]
            assert all(code.startswith(area) for code in codes if code and code.isdigit() and len(code) > 6)


def test_what_each_column_means_stands_on_the_last_sheet(month: Month) -> None:
    sheet = opened(monthly.workbook(month, CITY))["说明"]
    sentences = {row[2].value: row[3].value for row in sheet.iter_rows(min_row=5)}
    titles = {catalogue.title(key) for key in statement.columns()}
    assert {title: words for title, words in sentences.items() if title in titles} == sentences
    assert all(sentences.values())
    assert sentences["报到率"] == catalogue.sentence("rate")
    assert "未封存" in str(sheet.cell(2, 1).value)
    assert "全部相符" in str(sheet.cell(3, 1).value)


def test_a_closed_month_says_who_closed_it_and_that_it_was_reopened(world: World) -> None:
    month = Month.current().previous
    system = User.objects.system()
    actions.close(month, by=system, explanation="试封存")
    assert "已封存" in str(opened(monthly.workbook(month, CITY))["说明"].cell(2, 1).value)
    first, second = (
        make_staff(world.city.city, display_name="张一"),
        make_staff(world.city.city, display_name="张二"),
    )
    actions.ask_reopen(month, by=first, reason="漏了一个街道")
    actions.reopen(month, by=second)
    sheet = opened(monthly.workbook(month, CITY))["说明"]
    assert "未封存" in str(sheet.cell(2, 1).value)
    assert f"数据曾于{timezone.localdate():%Y-%m-%d}由张二重开：漏了一个街道" in str(sheet.cell(2, 1).value)


def test_libreoffice_prints_as_many_pages_as_there_are_breaks(month: Month, tmp_path: Path) -> None:
    content = monthly.workbook(month, CITY)
    pages = PdfReader(BytesIO(convert(content, "pdf", tmp_path))).pages
    titled = [page for page in pages if statement.TITLE in page.extract_text().replace("\n", "")]
    assert len(titled) == sum(len(printed_pages(sheet)) for sheet in opened(content).worksheets)
    assert all(page.mediabox.width > page.mediabox.height for page in pages)


def test_two_thousand_communities_take_seconds(month: Month, world: World) -> None:
    street = world.city.streets[0].division
    Division.objects.bulk_create(
        Division(code=f"{street.area}{n:03d}", level="community", name=f"第{n}社区", short_name=f"第{n}社区",
                 stem=f"第{n}", sound="", parent=street)
        for n in range(100, 900)
    )  # fmt: skip
    Retiree.objects.bulk_create(
        Retiree(
            name="王一", kind="tuixiu", sex="M", retired_on="2010-04", residence_id=f"{street.area}{n:03d}"
        )
        for n in range(100, 900)
    )
    began = time.monotonic()
    content = monthly.workbook(month, CITY)
    assert timedelta(seconds=time.monotonic() - began) < timedelta(seconds=20)
    assert opened(content)["社区"].max_row > 800


def test_the_file_is_called_as_agreed(world: World) -> None:
    assert (
        monthly.file_name(Month(2026, 8), "市南区") == "离退休干部居住地报到情况统计表_2026年8月_市南区.xlsx"
    )
