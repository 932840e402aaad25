"""Workbooks through python-calamine: the sheets' cells as plain values, in frames."""

import datetime as dt
import math
from collections.abc import Callable, Iterator
from io import BytesIO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from .frames import Message
from .limits import CELLS_IN_A_FRAME, MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, MAX_TEXT
from .meanwhile import Meanwhile
from .refusals import Unreadable
from .scan import UNKNOWN, Found

_MAX_NAME = 31  # Excel's own limit
_EXACT = 2**53  # beyond it a float has lost digits, and stays a float so that the consumer sees it


def messages(content: bytes, look: Callable[[], list[Found]]) -> Iterator[Message]:
    """All worksheets, hidden ones too. `look` checks the sheets and tells what they hide, in order.

    Opening reads all but the sheets, so they are looked through meanwhile: 0.15 s less for 100,000 rows.
    """
    try:
        looking = Meanwhile(look)
        with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
            found = looking.result()
            if len(book.sheets_metadata) > MAX_SHEETS:
                raise Unreadable("too_many_sheets")
            for index, sheet in enumerate(book.sheets_metadata):
                if sheet.typ is not SheetTypeEnum.WorkSheet:  # a chart of its own, an old macro
                    continue
                name = sheet.name.replace("\0", "")[:_MAX_NAME]
                visible = sheet.visible is SheetVisibleEnum.Visible
                told = found[index] if index < len(found) else UNKNOWN
                hidden = frozenset(told.hidden_rows), frozenset(told.hidden_columns)
                yield ("sheet", name, visible, *hidden, frozenset(told.uncached))
                yield from _rows(book.get_sheet_by_index(index), name, told.zeros)
    except PasswordError as locked:
        raise Unreadable("encrypted") from locked
    except CalamineError as broken:
        raise Unreadable("damaged") from broken


def _rows(sheet: CalamineSheet, name: str, zeros: bool) -> Iterator[Message]:
    """Rows with content, from column A on: calamine gives the rows above the first cell, not the columns left of it."""
    if sheet.start is None or sheet.end is None:
        return
    if sheet.end[0] >= MAX_ROWS:
        raise Unreadable("too_many_rows", name)
    if sheet.end[1] >= MAX_COLUMNS:
        raise Unreadable("too_many_columns", name)
    left = [""] * sheet.start[1]
    blank = [""] * sheet.width
    in_a_frame = max(1, CELLS_IN_A_FRAME // (sheet.end[1] + 1))
    numbers: list[int] = []
    rows: list[list[object]] = []
    for number, row in enumerate(sheet.iter_rows(), 1):
        if row == blank:
            continue
        if zeros:
            row = [cell.replace("\0", "") if isinstance(cell, str) else cell for cell in row]
        try:
            cells = [
                cell if cell.__class__ is str and len(cell) <= MAX_TEXT else _plain(cell) for cell in row
            ]
        except Unreadable as no:
            raise Unreadable(no.code, f"{name} 第 {number} 行") from no
        numbers.append(number)
        rows.append(left + cells if left else cells)
        if len(rows) == in_a_frame:
            yield ("rows", numbers, rows)
            numbers, rows = [], []
    if rows:
        yield ("rows", numbers, rows)


def _plain(cell: object) -> object:
    """A cell that is no short text: whole numbers as int, dates as ISO text to the second."""
    if isinstance(cell, str):
        raise Unreadable("cell_too_long")
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < _EXACT:
            return int(cell)
        return cell if math.isfinite(cell) else ""
    if isinstance(cell, dt.datetime):
        return _moment(cell)
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell)
    return cell


def _moment(cell: dt.datetime) -> str:
    """Excel counts days in a float, so a full second may arrive as 59.999."""
    if cell.microsecond and cell < dt.datetime.max - dt.timedelta(seconds=1):
        cell = (cell + dt.timedelta(milliseconds=500)).replace(microsecond=0)
    return cell.isoformat() if cell.time() != dt.time() else cell.date().isoformat()
