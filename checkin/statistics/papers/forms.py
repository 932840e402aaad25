"""One official form on one sheet: title, 填报单位 and 统计时间, heads in merged groups, lines, total, signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from . import look
from .books import Book, Formula, Value

SIGNATURES = ("填表人：", "审核人：", "填报日期：　　　　年　　月　　日")
TITLE, LINE, HEAD = 1, 2, 3  # rows; the heads take two


@dataclass(frozen=True)
class Column:
    """Columns side by side with the same `group` share a merged head. `is_name`: text that says what a line is;
    `is_text`: other text."""

    title: str
    group: str = ""
    width: float = 5.4
    format: str = look.NUMBER
    is_name: bool = False
    is_centred: bool = False
    is_text: bool = False


@dataclass(frozen=True)
class Form:
    """The words around the figures. `notes`: sentences under the table."""

    name: str
    title: str
    filled_by: str
    time: str
    columns: Sequence[Column]
    group_height: float = look.LINE_HEIGHT
    head_height: float = 84
    numbered: bool = False  # a row of column numbers under the heads: 甲, 乙, 1, 2, …
    notes: Sequence[str] = ()

    @property
    def leading(self) -> int:
        """How many columns say what a line is."""
        return sum(1 for column in self.columns if column.is_name)

    @property
    def first_line(self) -> int:
        return HEAD + 2 + self.numbered


def write(
    book: Book, form: Form, lines: Sequence[Sequence[Value]], total: Sequence[Value] | None = None
) -> Worksheet:
    """Add the form as a sheet. `total` comes last, under the lines it sums up; see sum_of()."""
    sheet = book.sheet(form.name, [column.width for column in form.columns])
    write_title(book, sheet, form.title, form.filled_by, form.time, len(form.columns))
    _write_heads(book, sheet, form)
    row = form.first_line
    styles = [_style_of(column) for column in form.columns]
    formats = [look.TEXT if column.is_name else column.format for column in form.columns]
    for line in lines:
        for number, (value, style, form_of) in enumerate(zip(line, styles, formats, strict=True), 1):
            book.put(sheet, row, number, value, style, form_of)
        sheet.row_dimensions[row].height = look.ROW_HEIGHT
        row += 1
    if total is not None:
        _write_total(book, sheet, form, row, total)
        row += 1
    write_foot(book, sheet, row, len(form.columns), form.notes)
    sheet.freeze_panes = f"{get_column_letter(form.leading + 1)}{form.first_line}"
    look.set_up(sheet, (HEAD, form.first_line - 1))
    return sheet


def sum_of(column: int, first: int, last: int, value: float) -> Formula:
    """The sum of a column over rows; `value` is what it gives."""
    letter = get_column_letter(column)
    return Formula(f"=SUM({letter}{first}:{letter}{last})", value)


def write_title(book: Book, sheet: Worksheet, title: str, filled_by: str, time: str, columns: int) -> None:
    """Title, and under it 填报单位 left, 统计时间 in the middle, 单位：人 right."""
    book.span(sheet, (TITLE, TITLE), (1, columns), title, "title")
    _write_thirds(book, sheet, LINE, columns, (f"填报单位：{filled_by}", f"统计时间：{time}", "单位：人"))
    sheet.row_dimensions[TITLE].height, sheet.row_dimensions[LINE].height = (
        look.TITLE_HEIGHT,
        look.LINE_HEIGHT,
    )


def write_foot(book: Book, sheet: Worksheet, row: int, columns: int, notes: Sequence[str] = ()) -> None:
    for note in notes:
        book.span(sheet, (row, row), (1, columns), note, "note")
        sheet.row_dimensions[row].height = look.LINE_HEIGHT
        row += 1
    _write_thirds(book, sheet, row, columns, SIGNATURES)
    sheet.row_dimensions[row].height = look.LINE_HEIGHT + 4


def _write_thirds(book: Book, sheet: Worksheet, row: int, columns: int, words: Sequence[str]) -> None:
    third = columns // 3
    parts = ((1, third), (third + 1, columns - third), (columns - third + 1, columns))
    for part, text, align in zip(parts, words, ("left", "centre", "right"), strict=True):
        book.span(sheet, (row, row), part, text, f"line_{align}")


def _write_heads(book: Book, sheet: Worksheet, form: Form) -> None:
    number = 1
    for group, members in groupby(form.columns, key=lambda column: column.group):
        found = list(members)
        if group:
            book.span(sheet, (HEAD, HEAD), (number, number + len(found) - 1), group, "head")
            for offset, column in enumerate(found):
                book.put(sheet, HEAD + 1, number + offset, column.title, "head")
        else:
            for offset, column in enumerate(found):
                book.span(sheet, (HEAD, HEAD + 1), (number + offset, number + offset), column.title, "head")
        number += len(found)
    sheet.row_dimensions[HEAD].height = form.group_height
    sheet.row_dimensions[HEAD + 1].height = form.head_height
    if form.numbered:
        marks = [
            *"甲乙丙丁"[: form.leading],
            *(str(n) for n in range(1, len(form.columns) - form.leading + 1)),
        ]
        for number, mark in enumerate(marks, 1):
            book.put(sheet, HEAD + 2, number, mark, "middle", look.TEXT)
        sheet.row_dimensions[HEAD + 2].height = look.ROW_HEIGHT


def _write_total(book: Book, sheet: Worksheet, form: Form, row: int, total: Sequence[Value]) -> None:
    book.span(sheet, (row, row), (1, form.leading), total[0], "total_name")
    for number, (value, column) in enumerate(zip(total, form.columns, strict=True), 1):
        if number > form.leading:
            book.put(sheet, row, number, value, "total_number", column.format)
    sheet.row_dimensions[row].height = look.ROW_HEIGHT + 2


def _style_of(column: Column) -> str:
    if column.is_centred:
        return "middle"
    return "name" if column.is_name or column.is_text else "number"
