"""One official form on one sheet: title, 填报单位 and 统计时间, heads in merged groups, lines, total, signatures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, combinations, groupby, islice, pairwise

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from . import look
from .books import Book, Formula, Value

SIGNATURES = ("填表人：", "审核人：", "填报日期：　　　　年　　月　　日")
TITLE, LINE, HEAD = 1, 2, 3  # rows; the heads take two
# points: the height of a line in a cell with several, what a cell leaves empty, with an indent and without
LINE_OF_TEXT, PADDING, EDGE = 16, 12, 2


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

    @property
    def pages(self) -> list[tuple[int, int]]:
        """First and last column of each printed page, without the leading ones that stand on all; parts stay whole.

        As few as can be read (look.ROOM), about as wide as each other.
        """
        parts = self.parts
        widths = [sum(column.width for column in part) for part in parts]
        many = len(_filled(widths, self._room))
        ends = [[*cuts, len(parts)] for cuts in combinations(range(1, len(parts)), many - 1)]
        best = min(ends, key=lambda found: _unevenness(widths, found, self._room))
        last = list(accumulate(len(part) for part in parts))
        starts = [self.leading + 1, *(self.leading + last[end - 1] + 1 for end in best[:-1])]
        return [(start, self.leading + last[end - 1]) for start, end in zip(starts, best, strict=True)]

    @property
    def parts(self) -> list[list[Column]]:
        """The columns after the leading ones that stand under one head on one page: a group, cut where it is wider."""
        found = []
        for _, members in groupby(self.columns[self.leading :], key=lambda column: column.group):
            group = list(members)
            left = iter(group)
            found += [
                list(islice(left, many)) for many in _even([column.width for column in group], self._room)
            ]
        return found

    @property
    def _room(self) -> float:
        return look.ROOM - sum(column.width for column in self.columns[: self.leading])


def _unevenness(widths: Sequence[float], ends: Sequence[int], room: float) -> tuple[float, float]:
    """How far the widest page is too wide, and how unlike the pages are, where they end after so many parts."""
    pages = [sum(widths[start:end]) for start, end in pairwise([0, *ends])]
    return max(0.0, max(pages) - room), sum(page * page for page in pages)


def _even(widths: Sequence[float], room: float) -> list[int]:
    """How many columns in a row go on each page: as few pages as `room` allows, about as wide as each other."""
    fewest = len(_filled(widths, room))
    even = sum(widths) / fewest
    while len(_filled(widths, even)) > fewest:
        even += 1
    return _filled(widths, even)


def _filled(widths: Sequence[float], room: float) -> list[int]:
    """How many in a row go on each page; what is wider than a page has one to itself."""
    pages, left = [0], room
    for width in widths:
        if pages[-1] and width > left:
            pages.append(0)
            left = room
        pages[-1] += 1
        left -= width
    return pages


def write(
    book: Book, form: Form, lines: Sequence[Sequence[Value]], total: Sequence[Value] | None = None
) -> Worksheet:
    """Add the form as a sheet. `total` comes last, under the lines it sums up; see sum_of()."""
    sheet = book.sheet(form.name, [column.width for column in form.columns])
    pages = form.pages
    if len(pages) > 1:
        _write_titles(book, sheet, form, pages)
    else:
        write_title(book, sheet, form.title, form.filled_by, form.time, len(form.columns))
    _write_heads(book, sheet, form)
    row = form.first_line
    styles = [_style_of(column) for column in form.columns]
    formats = [look.TEXT if column.is_name else column.format for column in form.columns]
    for line in lines:
        for number, (value, style, form_of) in enumerate(zip(line, styles, formats, strict=True), 1):
            book.put(sheet, row, number, value, style, form_of)
        sheet.row_dimensions[row].height = _height(form, line)
        row += 1
    if total is not None:
        _write_total(book, sheet, form, row, total)
        row += 1
    sheet.freeze_panes = f"{get_column_letter(form.leading + 1)}{form.first_line}"
    if len(pages) == 1:
        write_foot(book, sheet, row, (1, len(form.columns)), form.notes)
        look.set_up(sheet, (HEAD, form.first_line - 1))
        return sheet
    last = max(write_foot(book, sheet, row, page, form.notes) for page in pages)
    look.set_up_side_by_side(sheet, form.title, (LINE, form.first_line - 1), form.leading, pages, last)
    return sheet


def _height(form: Form, line: Sequence[Value]) -> float:
    """Of a row whose names may need two lines."""
    lines = max(
        lines_of(str(value), column.width)
        for value, column in zip(line, form.columns, strict=True)
        if column.is_name
    )
    return look.ROW_HEIGHT if lines == 1 else lines * LINE_OF_TEXT + 6


def lines_of(text: str, width: float) -> int:
    """How many lines a text of the body needs in columns of `width` units."""
    letters = sum(1 if ord(letter) > 0x2E7F else 0.5 for letter in text)
    return max(1, math.ceil(letters * look.BODY_SIZE / (width * look.DIGIT - PADDING)))


def sum_of(column: int, first: int, last: int, value: float) -> Formula:
    """The sum of a column over rows; `value` is what it gives."""
    letter = get_column_letter(column)
    return Formula(f"=SUM({letter}{first}:{letter}{last})", value)


def write_title(book: Book, sheet: Worksheet, title: str, filled_by: str, time: str, columns: int) -> None:
    """Title, and under it 填报单位 left, 统计时间 in the middle, 单位：人 right."""
    book.span(sheet, (TITLE, TITLE), (1, columns), title, "title")
    _write_thirds(
        book, sheet, LINE, (1, columns), (f"填报单位：{filled_by}", f"统计时间：{time}", "单位：人")
    )
    sheet.row_dimensions[TITLE].height, sheet.row_dimensions[LINE].height = (
        look.TITLE_HEIGHT,
        look.LINE_HEIGHT,
    )


def _write_titles(book: Book, sheet: Worksheet, form: Form, pages: Sequence[tuple[int, int]]) -> None:
    """The title for the screen; then 填报单位 in the leading columns, 统计时间 and 单位：人 on every page."""
    book.span(sheet, (TITLE, TITLE), (1, pages[0][1]), form.title, "title")
    book.put(sheet, LINE, 1, f"填报单位：{form.filled_by}", "line_left")
    time, unit = f"统计时间：{form.time}", "单位：人"
    for first, last in pages:
        widths = [column.width for column in form.columns[first - 1 : last]]
        right = _columns_for(widths[::-1], _width_of(unit), at_least=len(widths) // 3)
        if sum(widths[:-right]) < _width_of(time):
            book.span(sheet, (LINE, LINE), (first, last), f"{time}　{unit}", "line_right")
            continue
        book.span(sheet, (LINE, LINE), (first, last - right), time, "line_centre")
        book.span(sheet, (LINE, LINE), (last - right + 1, last), unit, "line_right")
    sheet.row_dimensions[TITLE].height, sheet.row_dimensions[LINE].height = (
        look.TITLE_HEIGHT,
        look.LINE_HEIGHT,
    )


def write_foot(
    book: Book, sheet: Worksheet, row: int, columns: tuple[int, int], notes: Sequence[str] = ()
) -> int:
    """Notes and signatures under the columns from first to last. Returns the last row."""
    letters = [get_column_letter(number) for number in range(columns[0], columns[1] + 1)]
    width = sum(sheet.column_dimensions[letter].width for letter in letters)
    for note in notes:
        book.span(sheet, (row, row), columns, note, "note")
        lines = lines_of(note, width)
        sheet.row_dimensions[row].height = look.LINE_HEIGHT if lines == 1 else lines * LINE_OF_TEXT + 6
        row += 1
    parts = _parts_of_signatures(sheet, columns)
    aligns = ("left", "left", "left") if parts[0] == parts[1] else ("left", "centre", "right")
    for word, part, align in zip(SIGNATURES, parts, aligns, strict=True):
        book.span(sheet, (row, row), part, word, f"line_{align}")
        sheet.row_dimensions[row].height = look.LINE_HEIGHT + 4
        row += part[1] == columns[1]  # the next one stands under it
    return row - 1


def _parts_of_signatures(sheet: Worksheet, columns: tuple[int, int]) -> list[tuple[int, int]]:
    """The columns of each signature: side by side where all words have room, else each has the whole width."""
    first, last = columns
    widths = [float(sheet.column_dimensions[get_column_letter(n)].width) for n in range(first, last + 1)]
    needed = [_width_of(words) for words in SIGNATURES]
    left = _columns_for(widths, needed[0], at_least=len(widths) * 3 // 10)
    right = _columns_for(widths[::-1], needed[2])
    if sum(widths[left : len(widths) - right]) < needed[1]:
        return [columns] * len(SIGNATURES)
    return [(first, first + left - 1), (first + left, last - right), (last - right + 1, last)]


def _columns_for(widths: Sequence[float], needed: float, at_least: int = 1) -> int:
    """How many columns in a row give that much width."""
    many = max(1, at_least)
    while many < len(widths) and sum(widths[:many]) < needed:
        many += 1
    return many


def _width_of(words: str) -> float:
    """Units of column width that words without lines around them need."""
    return (len(words) * look.BODY_SIZE + EDGE) / look.DIGIT


def _write_thirds(
    book: Book, sheet: Worksheet, row: int, columns: tuple[int, int], words: Sequence[str]
) -> None:
    first, last = columns
    third, wide = (
        (last - first + 1) * 3 // 10,
        (last - first + 1) * 9 // 20,
    )  # the date of a signature is the longest
    parts = ((first, first + third - 1), (first + third, last - wide), (last - wide + 1, last))
    for part, text, align in zip(parts, words, ("left", "centre", "right"), strict=True):
        book.span(sheet, (row, row), part, text, f"line_{align}")


def _write_heads(book: Book, sheet: Worksheet, form: Form) -> None:
    number = 1
    leading = groupby(form.columns[: form.leading], key=lambda column: column.group)
    for found in (*(list(members) for _, members in leading), *form.parts):
        group = found[0].group
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
