"""The rows that were refused, as a workbook to mend and send again: the same columns in the same order, each row's
trouble in front, bad cells marked. Rows that are fine are left out.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from huifeng.jobs import files
from huifeng.spreadsheets.reading import Cell, opened

from . import columns
from .cells import text_of
from .models import ImportBatch, ImportRow
from .notes import Level
from .tables import Table, tables

TITLE = "错误说明"
BAD = PatternFill("solid", fgColor="FFC000")
HEAD = PatternFill("solid", fgColor="F6F2EC")
WIDEST = 40
type Trouble = dict[tuple[str, int], list[dict[str, Any]]]


def make(batch: ImportBatch) -> bytes:
    """The workbook as .xlsx. The file that was sent must still be kept."""
    assert batch.file is not None
    trouble = _trouble(batch)
    book = Workbook(write_only=True)
    remarks: list[str] = []
    with opened(files.content_of(batch.file)) as sheets:
        for table in tables(sheets, remarks):
            _write(book, table, trouble)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _trouble(batch: ImportBatch) -> Trouble:
    rows = batch.rows.filter(verdict__in=[ImportRow.Verdict.REJECTED, ImportRow.Verdict.DUPLICATE])
    found: Trouble = defaultdict(list)
    for sheet, row, notes in rows.values_list("sheet", "row", "notes"):
        found[sheet, row] = [note for note in notes or [] if note["level"] == Level.ERROR]
    return found


def _write(book: Workbook, table: Table, trouble: Trouble) -> None:
    rows = _rows(table, trouble)
    first = next(rows, None)
    if first is None:
        return
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", table.sheet)[:31] or None)
    width = max(table.headings) + 1
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = WIDEST
    for at in range(width):
        heading = table.headings.get(at, "")
        wide = {"id_number": 22, "residence_address": 30}.get(
            table.fields.get(at, ""), max(10, 2 * len(heading) + 2)
        )
        sheet.column_dimensions[get_column_letter(at + 2)].width = wide
    sheet.append([_head(sheet, TITLE), *(_head(sheet, table.headings.get(at, "")) for at in range(width))])
    for number, cells in _with(first, rows):
        notes = trouble[table.sheet[:60], number]
        sheet.append(_row(sheet, table, cells[:width], notes))


def _with(
    first: tuple[int, list[Cell]], rest: Iterator[tuple[int, list[Cell]]]
) -> Iterator[tuple[int, list[Cell]]]:
    yield first
    yield from rest


def _rows(table: Table, trouble: Trouble) -> Iterator[tuple[int, list[Cell]]]:
    return ((row, cells) for row, cells in table.people if (table.sheet[:60], row) in trouble)


def _row(sheet: Any, table: Table, cells: list[Cell], notes: list[dict[str, Any]]) -> list[WriteOnlyCell]:
    words = "；".join(note["message"] for note in notes)
    marks = {_column(table, note["field"]): note["message"] for note in notes}
    reason = _text(sheet, words)
    reason.alignment = Alignment(wrap_text=True, vertical="top")
    made = [reason]
    for at, cell in enumerate(cells):
        written = _text(sheet, text_of(cell) if cell != "" else "")
        if at in marks:
            written.fill = BAD
            written.comment = Comment(marks[at], "惠风家园")
        made.append(written)
    return made


def _column(table: Table, field: str) -> int | None:
    """Where a field stands in the file."""
    return table.column_of(field or columns.SKIPPED)


def _text(sheet: Any, words: str) -> WriteOnlyCell:
    """A text cell: ID numbers stay whole, and nothing in it is ever a formula."""
    cell = WriteOnlyCell(sheet, value=words)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _head(sheet: Any, words: str) -> WriteOnlyCell:
    cell = _text(sheet, words)
    cell.font, cell.fill = Font(bold=True), HEAD
    return cell
