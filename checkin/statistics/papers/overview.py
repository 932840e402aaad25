"""The first sheet: the whole area on one page, each figure with last month's and the change; what does not fit on it
continues on a sheet of its own."""

from collections.abc import Sequence
from itertools import batched, chain, groupby

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from checkin.statistics import catalogue
from checkin.statistics.counting import Row, Table

from . import forms, look, statement
from .books import Book, Formula
from .figures import format_of, shown
from .statement import Statement
from .states import notes_of

HEADS = ("类别", "项目", "本月", "上月", "比上月")
WIDTHS = (11.5, 22, 9.5, 9.5, 9)
ROW = 17  # points: all of it on one page that is still read with ease
MOST = 29  # lines of a half at look.LEAST_SIZE, with title, notes and signatures
GAP = 2  # width of the column between the two halves
LEFT, RIGHT = 1, len(HEADS) + 2  # first columns of the halves
COLUMNS = 2 * len(HEADS) + 1
FIRST = forms.HEAD + 1
OWN = {4: "全市", 6: "全区市", 9: "全街道", 12: "社区"}


def write(book: Book, found: Statement) -> None:
    """Add the sheet: two halves side by side, one page."""
    write_figures(book, OWN[len(found.area)], found.name, found.whole, found.before)


def write_figures(book: Book, sheet_name: str, name: str, now: Table, before: Table) -> None:
    """The same of the totals of any two tables: who fills it in is `name`."""
    for number, keys in enumerate(_sheets(now.keys)):
        more = "" if number == 0 else f"（续{number if number > 1 else ''}）"
        _write_sheet(book, sheet_name + more, name, now, before, keys)


def _write_sheet(
    book: Book, sheet_name: str, name: str, now: Table, before: Table, keys: Sequence[str]
) -> None:
    sheet = book.sheet(sheet_name, [*WIDTHS, GAP, *WIDTHS])
    forms.write_title(book, sheet, statement.TITLE, name, now.month.words, COLUMNS)
    halves = [half for half in _halves(keys) if half]
    rows = max(len(half) for half in halves)
    for left, half in zip((LEFT, RIGHT), halves, strict=False):
        _write_half(book, sheet, (now.total, before.total), left, half)
    for row in range(FIRST, FIRST + rows):
        sheet.row_dimensions[row].height = ROW
    sheet.row_dimensions[forms.HEAD].height = look.LINE_HEIGHT
    forms.write_foot(book, sheet, FIRST + rows, (1, COLUMNS), [*notes_of(now), "各项口径见“说明”表。"])
    sheet.freeze_panes = f"A{FIRST}"
    look.set_up(sheet, (forms.HEAD, forms.HEAD), one_page=True)


def _sheets(keys: Sequence[str]) -> list[list[str]]:
    """The figures of each sheet: whole groups, as long as their halves fit; a longer group goes on."""
    found: list[list[str]] = [[]]
    for _, members in groupby(keys, key=catalogue.group_of):
        for part in batched(members, MOST, strict=False):
            if found[-1] and max(len(half) for half in _halves([*found[-1], *part])) > MOST:
                found.append([])
            found[-1] += part
    return found


def _halves(keys: Sequence[str]) -> tuple[list[str], list[str]]:
    """Whole groups left and right, as even as that allows."""
    groups = [list(members) for _, members in groupby(keys, key=catalogue.group_of)]
    best = min(range(1, len(groups) + 1), key=lambda n: max(_count(groups[:n]), _count(groups[n:])))
    return list(chain(*groups[:best])), list(chain(*groups[best:]))


def _count(groups: Sequence[Sequence[str]]) -> int:
    return sum(len(group) for group in groups)


def _write_half(book: Book, sheet: Worksheet, rows: tuple[Row, Row], left: int, keys: Sequence[str]) -> None:
    for offset, head in enumerate(HEADS):
        book.put(sheet, forms.HEAD, left + offset, head, "head")
    row = FIRST
    for group, members in groupby(keys, key=catalogue.group_of):
        lines = list(members)
        book.span(sheet, (row, row + len(lines) - 1), (left, left), group, "group")
        for key in lines:
            _write_line(book, sheet, rows, row, left, key)
            row += 1


def _write_line(book: Book, sheet: Worksheet, rows: tuple[Row, Row], row: int, left: int, key: str) -> None:
    now, before = shown(rows[0], key), shown(rows[1], key)
    form = format_of(key) if catalogue.ratio(key) else look.THOUSANDS
    book.put(sheet, row, left + 1, catalogue.title(key), "name", look.TEXT)
    book.put(sheet, row, left + 2, now, "number", form)
    book.put(sheet, row, left + 3, before, "number", form)
    this, last = f"{get_column_letter(left + 2)}{row}", f"{get_column_letter(left + 3)}{row}"
    change = None if now is None or before is None else now - before
    formula = Formula(f'=IF(OR({this}="",{last}=""),"",{this}-{last})', change)
    book.put(sheet, row, left + 4, formula, "number", look.CHANGES[form])
