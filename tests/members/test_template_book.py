"""The empty roster table: its heads, lists to choose from, sample and paper."""

from io import BytesIO

import openpyxl
import pytest

from members.exports import template_book

pytestmark = pytest.mark.django_db

HEADS = [
    "序号", "姓名", "性别", "身份证号", "民族", "出生日期", "参加工作时间", "政治面貌", "入党时间", "原工作单位",
    "原职务", "职级", "离退休类别", "离退休时间", "手机号码", "居住区市", "街道", "社区", "详细地址", "健康状况",
    "文化程度", "职称", "专业特长", "兴趣爱好", "备注",
]  # fmt: skip


@pytest.fixture
def book(city):
    return openpyxl.load_workbook(BytesIO(template_book.make()))


@pytest.fixture
def sheet(book):
    return book["名册"]


def test_three_sheets_the_options_hidden(book):
    assert book.sheetnames == ["名册", "填表说明", "选项"]
    assert [sheet.sheet_state for sheet in book.worksheets] == ["visible", "visible", "hidden"]


def test_the_heads_are_the_agreed_words(sheet):
    assert [cell.value for cell in sheet[1]] == HEADS


def test_required_heads_show_a_star_in_red(sheet):
    starred = {cell.value for cell in sheet[1] if cell.number_format == '@"*"'}

    assert starred == {"姓名", "身份证号", "离退休类别"}
    assert all(cell.font.color.rgb == "00A6121F" for cell in sheet[1] if cell.value in starred)


def test_one_sample_that_says_to_delete_it(sheet):
    sample = dict(zip(HEADS, (cell.value for cell in sheet[2]), strict=True))

    assert (sample["姓名"], sample["备注"]) == ("张示例", "示例，请删除")
    assert sheet.max_row == 2


@pytest.mark.parametrize(
    "head", ["身份证号", "手机号码", "出生日期", "入党时间", "离退休时间", "参加工作时间"]
)
def test_numbers_and_dates_are_text_down_the_column(sheet, head):
    letter = openpyxl.utils.get_column_letter(HEADS.index(head) + 1)

    assert sheet.column_dimensions[letter].number_format == "@"
    assert sheet[f"{letter}2"].number_format == "@"


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("性别", ["男", "女"]),
        ("离退休类别", ["离休", "退休"]),
        ("居住区市", ["市南区", "市北区"]),
        ("职级", None),
        ("民族", None),
        ("政治面貌", None),
        ("健康状况", None),
        ("文化程度", None),
    ],
)
def test_a_list_to_choose_from_holds_the_words_in_use(book, sheet, head, words):
    letter = openpyxl.utils.get_column_letter(HEADS.index(head) + 1)
    rule = next(r for r in sheet.data_validations.dataValidation if str(r.sqref).startswith(f"{letter}2:"))
    area = rule.formula1.removeprefix("'选项'!")
    options = [row[0].value for row in book["选项"][area]]

    assert rule.type == "list"
    assert options == (words or template_book.choices()[head])
    assert len(options) > 1


def test_it_prints_across_a4_with_heads_on_every_page(sheet):
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.print_title_rows, sheet.print_title_cols) == ("$1:$1", "$A:$B")
    assert (sheet.page_setup.fitToHeight, sheet.sheet_properties.pageSetUpPr.fitToPage) == (0, True)


def test_how_to_fill_in_names_every_column(book):
    said = {row[0].value for row in book["填表说明"].iter_rows() if row[0].value}

    assert {head for head in HEADS if head not in said and f"{head}（必填）" not in said} == set()
