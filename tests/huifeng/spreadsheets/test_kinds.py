"""Every kind of table, told by its content."""

import datetime as dt

import openpyxl
import pytest

from huifeng.spreadsheets.reading import opened
from tests.huifeng.spreadsheets.files import (
    ods,
    read,
    rows_of,
    saved,
    with_rows,
    with_sheet,
    with_strings,
    xls,
    xlsx,
)


def test_an_xlsx_gives_its_rows() -> None:
    assert read(xlsx(["姓名", "年龄"], ["王建国", 68])) == {
        "名册": [(1, ["姓名", "年龄"]), (2, ["王建国", 68])]
    }


def test_an_xls_gives_its_rows() -> None:
    content = xls(["姓名", "年龄", "生日"], ["王建国", 68.5, dt.date(1958, 3, 1)])

    assert rows_of(content) == [(1, ["姓名", "年龄", "生日"]), (2, ["王建国", 68.5, "1958-03-01"])]


def test_an_ods_gives_its_rows() -> None:
    assert rows_of(ods(["姓名"], ["王建国"])) == [(1, ["姓名"]), (2, ["王建国"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_text_table_is_read_in_any_usual_form(encoding: str, delimiter: str) -> None:
    text = f"姓名{delimiter}年龄\r\n逄𬸚{delimiter}68\r\n"

    assert rows_of(text.encode(encoding)) == [(1, ["姓名", "年龄"]), (2, ["逄𬸚", "68"])]


def test_a_big_endian_utf_16_table_is_read() -> None:
    assert rows_of(b"\xfe\xff" + "姓名,年龄\n".encode("utf-16-be")) == [(1, ["姓名", "年龄"])]


def test_a_text_table_of_one_column_is_read() -> None:
    assert rows_of("姓名\n王建国".encode()) == [(1, ["姓名"]), (2, ["王建国"])]


def test_a_quoted_line_break_stays_in_its_cell_and_its_row() -> None:
    assert rows_of(b'a,"b\nc"\nd,e\n') == [(1, ["a", "b\nc"]), (2, ["d", "e"])]


def test_a_delimiter_inside_quotes_or_words_is_not_guessed() -> None:
    assert rows_of("姓名;爱好\n王;书法,茶\n李;棋\n".encode())[1] == (2, ["王", "书法,茶"])


def test_an_id_number_in_a_text_table_keeps_its_digits() -> None:
    assert rows_of(b"a,370212195508300171\n") == [(1, ["a", "370212195508300171"])]


def test_short_rows_of_a_text_table_are_filled_up_and_blank_ones_left_out() -> None:
    assert rows_of(b"a,b,c\n\n,,\nd\n") == [(1, ["a", "b", "c"]), (4, ["d", "", ""])]


def test_rows_begin_in_column_a_and_keep_their_numbers() -> None:
    assert rows_of(xlsx(C5="x", D7="y")) == [(5, ["", "", "x", ""]), (7, ["", "", "", "y"])]


def test_an_xls_that_begins_further_down_keeps_its_numbers() -> None:
    assert rows_of(xls([], [], ["", "x"])) == [(3, ["", "x"])]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (dt.date(1958, 3, 1), "1958-03-01"),
        (dt.datetime(1958, 3, 1, 8, 30), "1958-03-01T08:30:00"),
        (dt.datetime(1958, 3, 1), "1958-03-01"),
        (dt.time(8, 30), "08:30:00"),
        (3, 3),
        (3.25, 3.25),
        (-0.0, 0),
        (2**53, float(2**53)),
        (370212195508300171, 3.702121955083002e17),
        (True, True),
        ("#N/A", ""),
        (" a ", " a "),
        ("0012", "0012"),
    ],
)
def test_a_cell_arrives_as_a_plain_value(value: object, cell: object) -> None:
    ((_, (got, _)),) = rows_of(xlsx([value, "end"]))

    assert (got, type(got)) == (cell, type(cell))


def test_a_time_that_is_almost_a_second_is_that_second() -> None:
    assert rows_of(xlsx([dt.datetime(1958, 3, 1, 8, 29, 59, 999900)])) == [(1, ["1958-03-01T08:30:00"])]


def test_what_is_no_number_is_an_empty_cell() -> None:
    content = with_rows(
        '<row r="1"><c r="A1"><v>nan</v></c><c r="B1"><v>inf</v></c><c r="C1"><v>1</v></c></row>'
    )

    assert rows_of(content) == [(1, ["", "", 1])]


def test_zero_characters_never_come_out() -> None:
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>a{}b</t></is></c></row>'

    assert rows_of(with_rows(cell.format("_x0000_"))) == [(1, ["ab"])]
    assert rows_of(with_rows(cell.format("\0"))) == [(1, ["ab"])]
    assert rows_of(xls(["a\0b"])) == [(1, ["ab"])]


def test_a_merged_value_stands_in_its_first_cell() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["C2"] = "青岛", "x"
    book.active.merge_cells("A1:C1")

    assert rows_of(saved(book.save)) == [(1, ["青岛", "", ""]), (2, ["", "", "x"])]


def test_hidden_sheets_rows_and_columns_are_told() -> None:
    book = openpyxl.Workbook()
    for number in range(1, 5):
        book.active.append([number, number, number, number])
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("旧").sheet_state = "hidden"

    with opened(saved(book.save)) as sheets:
        first, second = [(sheet, list(sheet.rows))[0] for sheet in sheets]

    assert (first.visible, first.hidden_rows, first.hidden_columns) == (True, {3}, {1})
    assert (second.visible, second.hidden_rows, second.hidden_columns) == (False, set(), set())


def test_a_chart_of_its_own_is_no_sheet_and_shifts_nothing() -> None:
    book = openpyxl.Workbook()
    book.create_chartsheet("图", 0)
    book.active = 1
    book.worksheets[0].append(["x"])
    book.worksheets[0].row_dimensions[1].hidden = True

    with opened(saved(book.save)) as sheets:
        (sheet,) = sheets

    assert sheet.hidden_rows == {1}


def test_formulas_without_a_result_are_told_and_empty() -> None:
    content = with_rows(
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A2*2</f></c><c r="C2"><f>A2</f><v></v></c>'
        '<c r="D2"><f t="shared" si="0"/></c><c r="E2"><f>A2</f><v>5</v></c>'
        '<c r="F2" t="str"><f>A2</f><v></v></c><c r="AA2"><v>9</v></c><c r="AB2"><f>1</f><v/></c></row>'
    )

    with opened(content) as sheets:
        sheet = next(sheets)
        rows = list(sheet.rows)

    assert sheet.uncached == {(2, 1), (2, 2), (2, 3), (2, 27)}
    assert rows[0][1][:6] == [1, "", "", "", 5, ""]


def test_names_with_a_prefix_are_understood() -> None:
    content = with_sheet(
        '<x:cols><x:col min="2" max="2" hidden="1"/></x:cols><x:sheetData>'
        '<x:row r="1" hidden="1"><x:c r="A1"><x:v>1</x:v></x:c><x:c r="B1"><x:f>A1</x:f></x:c></x:row>'
        "</x:sheetData>",
        head='<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">',
    )

    with opened(content) as sheets:
        (sheet,) = sheets

    assert (sheet.hidden_rows, sheet.hidden_columns, sheet.uncached) == ({1}, {1}, {(1, 1)})


def test_what_is_hidden_is_found_across_the_borders_of_pieces() -> None:
    rows = "".join(
        f'<row r="{n}"{' hidden="1"' if n % 3 == 0 else ""}><c r="A{n}"><v>{n}</v></c>'
        f'<c r="B{n}"><f>A{n}</f></c></row>'
        for n in range(1, 9001)
    )

    with opened(with_rows(rows)) as sheets:
        (sheet,) = sheets

    assert sheet.hidden_rows == set(range(3, 9001, 3))
    assert sheet.uncached == {(n, 1) for n in range(1, 9001)}


def test_rows_left_unread_do_not_disturb_the_next_sheet() -> None:
    book = openpyxl.Workbook()
    for _ in range(3000):
        book.active.append(["x"] * 10)
    book.create_sheet("二").append(["y"])

    with opened(saved(book.save)) as sheets:
        first = next(sheets)
        next(first.rows)
        second = next(sheets)

        assert (second.name, list(second.rows)) == ("二", [(1, ["y"])])
        assert list(sheets) == []


def test_a_wrong_dimension_of_a_small_sheet_does_no_harm() -> None:
    content = with_sheet(
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>'
        "</sheetData>"
    )

    assert rows_of(content) == [(1, [1, 2])]


def test_a_million_empty_rows_do_no_harm() -> None:
    empty = "".join(f'<row r="{n}"/>' for n in range(2, 1_000_002))

    assert rows_of(with_rows(f'<row r="1"><c r="A1"><v>1</v></c></row>{empty}')) == [(1, [1])]


def test_shared_texts_are_read() -> None:
    content = with_rows('<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" t="s"><v>0</v></c></row>')

    assert rows_of(with_strings(content, b"<si><t>x</t></si><si><r><t>y</t></r><r><t>z</t></r></si>")) == [
        (1, ["yz", "x"])
    ]
