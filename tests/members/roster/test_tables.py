"""The table among titles, samples, totals, notes and signatures."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huifeng.spreadsheets.reading import Refused, opened
from members.roster.tables import DEEPEST_HEADING, Table, tables
from tests.members.factories import make_id_number

from . import workbooks
from .workbooks import HEADINGS, book, people, sheet, somebody, table

HEAD = ["序号", "姓名", "身份证号", "性别", "备注"]
ANY_CELL = st.one_of(
    st.sampled_from(["", "", "姓名", "身份证号", "性别", "合计", "示例", "基础信息", " "]),
    st.text(max_size=8),
    st.integers(),
    st.floats(),
    st.booleans(),
)


def person(serial, name="刘桂英", sex="女", remark=""):
    return [serial, name, make_id_number(serial), sex, remark]


def read(*sheets):
    """(tables with the names they hold, remarks of the file)"""
    remarks = []
    found = []
    for one in tables(iter(sheets), remarks):
        found.append((one, names_in(one)))
    return found, remarks


def names_in(one: Table):
    at = one.column_of("name")
    return [cells[at] for _, cells in one.people]


def only(*rows, **about):
    """The one table of a sheet with these rows, and the names in it."""
    ((one, names),), _ = read(sheet(*rows, **about))
    return one, names


def first_of(content):
    """The first table of an .xlsx: (table, names)."""
    with opened(content) as sheets:
        for one in tables(sheets, []):
            return one, names_in(one)
    return None


def test_a_heading_stands_under_titles_and_the_people_under_it():
    one, names = only(["花名册"], ["填报单位：某局"], HEAD, person(1), person(2))

    assert (one.heading_row, names) == (3, ["刘桂英", "刘桂英"])


def test_the_layout_of_hainan_is_read_without_its_sample_and_note():
    one, names = first_of(workbooks.hainan([somebody(1, 民族="汉族"), somebody(2)]))

    assert names == [workbooks.NAMES[1], workbooks.NAMES[2]]
    assert [one.column_of(f) for f in ("name", "phone", "category", "unit", "id_number", "original_post")] == [
        1, 2, 3, 4, 5, 6,
    ]  # fmt: skip
    assert [one.column_of(f) for f in ("sex", "birth", "ethnicity", "native_place", "title")] == [
        8,
        9,
        10,
        11,
        15,
    ]
    assert (one.heading_row, one.heading("original_post")) == (4, "职务 （职级）")
    assert one.remarks == ["没有用到的列：组织区域", "第 5 行是示例，没有读", "第 8 行是说明，没有读"]


def test_people_written_under_the_note_of_hainan_are_read():
    _, names = first_of(workbooks.hainan([somebody(1), somebody(2)], below_the_note=True))

    assert names == [workbooks.NAMES[1], workbooks.NAMES[2]]


def test_titles_totals_notes_and_signatures_are_no_people_and_that_is_said():
    one, names = first_of(book(花名册=workbooks.framed(people(3))))

    assert names == [workbooks.NAMES[n] for n in (1, 2, 3)]
    assert [words.split("是")[1] for words in one.remarks if words.startswith("第")] == [
        *["合计，没有读"] * 2,
        "说明，没有读",
        *["说明或签字，没有读"] * 3,
    ]


@pytest.mark.parametrize("seed", range(4))
def test_columns_stand_in_any_order(seed):
    one, names = first_of(workbooks.shuffled(people(2), seed))

    assert names == [workbooks.NAMES[1], workbooks.NAMES[2]]
    assert len(one.fields) == len(HEADINGS)


def test_headings_are_known_by_their_synonyms():
    words = {
        "身份证号": "公民身份号码",
        "姓名": "姓 名",
        "手机号码": "联系\n电话",
        "离退休类别": "离（退）休类别",
    }
    one, _ = first_of(workbooks.renamed(people(1), words))

    assert {one.fields[i] for i in (1, 3, 5, 6)} == {"name", "id_number", "phone", "kind"}


def test_empty_sheets_come_first_and_each_sheet_may_be_a_unit():
    with opened(
        book(Sheet1=[], 说明=[["填表说明"]], 一所=table(people(2)), 二所=table(people(1, 9)))
    ) as sheets:
        remarks = []
        found = [(one.sheet, len(names_in(one))) for one in tables(sheets, remarks)]

    assert found == [("一所", 2), ("二所", 1)]
    assert remarks == ["工作表“说明”里没有名册（没有“姓名”和“身份证号”两列），没有读"]


@pytest.mark.parametrize("depth", [15, DEEPEST_HEADING])
def test_a_heading_may_stand_deep(depth):
    _, names = only(*[[f"说明第 {n} 条"] for n in range(1, depth)], HEAD, person(1))

    assert names == ["刘桂英"]


def test_a_heading_below_everything_else_is_refused():
    with pytest.raises(Refused) as refused:
        read(sheet(*[[f"说明第 {n} 条"] for n in range(DEEPEST_HEADING)], HEAD, person(1)))

    assert refused.value.code == "no_heading"


def test_a_line_with_two_words_of_headings_above_the_heading_hides_nothing():
    _, names = only(["姓名", "联系电话"], HEAD, person(1))

    assert names == ["刘桂英"]


def test_a_heading_that_comes_again_in_the_middle_is_left_out():
    one, names = only(HEAD, person(1), HEAD, person(2))

    assert len(names) == 2
    assert one.remarks == ["没有用到的列：备注", "第 3 行是重复的表头，没有读"]


def test_a_heading_of_two_rows_that_comes_again_is_left_out():
    upper, lower = ["序号", "姓名", "身份证号", "基础信息", ""], ["", "", "", "性别", "民族"]
    one, names = only(upper, lower, person(1), upper, lower, person(2))

    assert (len(names), one.heading_row) == (2, 2)


def test_a_sheet_without_id_numbers_is_refused_and_what_was_found_is_said():
    headings = [heading for heading in HEADINGS if heading != "身份证号"]

    with pytest.raises(Refused) as refused, opened(workbooks.roster(people(2), headings)) as sheets:
        list(tables(sheets, []))

    assert refused.value.code == "no_heading"
    assert all(word in refused.value.message for word in ["姓名", "性别", "出生日期", "手机号码"])


@pytest.mark.parametrize("rows", [[["姓名"], ["刘桂英"], ["陈国强"]], [["刘桂英"], ["陈国强"]]])
def test_only_names_are_refused(rows):
    with pytest.raises(Refused) as refused:
        read(sheet(*rows))

    assert refused.value.code == "no_heading"


def test_nothing_at_all_is_refused():
    with pytest.raises(Refused) as refused:
        read(sheet())

    assert refused.value.code == "empty"


def test_two_hundred_columns_are_read_and_the_unknown_ones_said():
    one, names = first_of(workbooks.wide(people(2)))

    assert len(names) == 2
    assert one.remarks[0].startswith("没有用到的列：指标0、")
    assert one.remarks[0].count("、") == 19


def test_hidden_rows_and_columns_are_read_and_said():
    one, names = only(HEAD, person(1), person(2), hidden_rows=[3], hidden_columns=[3, 77])

    assert len(names) == 2
    assert one.remarks == ["没有用到的列：备注", "隐藏的列也读了：性别", "有 1 行是隐藏的，也读了，请核对"]


def test_a_hidden_sheet_is_not_read_and_said():
    found, remarks = read(sheet(HEAD, person(1), visible=False, name="旧"), sheet(HEAD, person(2)))

    assert ([names for _, names in found], remarks) == ([["刘桂英"]], ["工作表“旧”是隐藏的，没有读"])


@pytest.mark.parametrize(
    "row",
    [
        ["示例", "刘桂英", make_id_number(1), "女"],
        [1, "张三", "370202195001010000", "男"],
        [1, "张 三", "", "男"],
        [1, "李四（示例）", "370202195001010000", "男"],
        ["例：", "刘桂英", "37020219500101", "女"],
    ],
)
def test_a_sample_person_is_left_out_and_said(row):
    one, names = only(HEAD, row, person(2))

    assert names == ["刘桂英"]
    assert "第 2 行是示例，没有读" in one.remarks


def test_somebody_real_may_be_called_like_in_textbooks():
    _, names = only(HEAD, person(1, "张三"))

    assert names == ["张三"]


@pytest.mark.parametrize(
    "row",
    [
        [1, "刘桂英"],
        ["", "刘桂英"],
        ["", "", make_id_number(2)],
        ["", "", "", "男", "丧偶"],
        ["", "", make_id_number(2), "男"],
    ],
)
def test_a_row_with_something_missing_is_still_somebody(row):
    one, names = only(HEAD, person(1), row)

    assert len(names) == 2
    assert one.remarks == ["没有用到的列：备注"]


@pytest.mark.parametrize("row", [[7], [8, "", "", "", ""]])
def test_a_row_with_nothing_but_its_number_is_nobody(row):
    one, names = only(HEAD, person(1), row)

    assert len(names) == 1
    assert one.remarks == ["没有用到的列：备注"]


def test_of_two_columns_with_one_meaning_the_better_word_is_taken():
    one, _ = only(
        ["姓名", "联系方式", "身份证号", "手机号码"], ["刘桂英", "0532-1", make_id_number(1), "139"]
    )

    assert (one.column_of("phone"), one.remarks) == (3, ["没有用到的列：联系方式"])


def test_a_row_may_be_shorter_than_the_heading():
    one, _ = only(HEAD, person(1), [2, "陈国强", make_id_number(2)])

    assert one.column_of("sex") == 3


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(st.lists(ANY_CELL, max_size=6), max_size=8), max_size=3))
def test_no_sheet_raises_anything_but_a_refusal(sheets):
    with contextlib.suppress(Refused):
        for one in tables((sheet(*rows) for rows in sheets), []):
            assert all(len(cells) > max(one.headings) for _, cells in one.people)
