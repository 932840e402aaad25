"""A workbook of official papers, written cell by cell.

openpyxl writes formulas without their results, so a preview that does not calculate (a phone, a mail) would show
empty totals. What a formula gives is therefore written beside it; programs that calculate do so again on opening.
"""

import re
import zipfile
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from . import look

LONGEST_NAME = 31  # of a sheet, Excel's own limit
_FORMULA = re.compile(r'(<c r="([A-Z]+\d+)"[^>]*><f>[^<]*</f>)<v\s*(?:/>|></v>)')


@dataclass(frozen=True)
class Formula:
    """`text` as Excel calculates it, and the `value` it gives (None: an empty cell)."""

    text: str
    value: float | None


type Value = str | float | Formula | None


class Book:
    """Sheets in the order they are added; `content()` is the xlsx."""

    def __init__(self, title: str, author: str) -> None:
        self._book = Workbook()
        self._book.remove(self._book.active)
        self._book.properties.title, self._book.properties.creator = title, author
        self._book.calculation.fullCalcOnLoad = True
        self._book._fonts = IndexedList([look.normal()])
        self._book._named_styles["Normal"].font = look.normal()
        for style in look.styles():
            self._book.add_named_style(style)
        self._results: dict[str, dict[str, float]] = {}
        self._looks: dict[tuple[str, str], Any] = {}

    def sheet(self, name: str, widths: Sequence[float]) -> Worksheet:
        """A new sheet with columns of `widths` (in digits)."""
        sheet = self._book.create_sheet(name[:LONGEST_NAME])
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties()
        for number, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        return sheet

    def put(
        self, sheet: Worksheet, row: int, column: int, value: Value, style: str, number_format: str = ""
    ) -> None:
        """Write one cell. Text stays text, also when it looks like a number or a formula."""
        cell = sheet.cell(row, column)
        if isinstance(value, Formula):
            cell.value = value.text
            if value.value is not None:
                self._results.setdefault(sheet.title, {})[cell.coordinate] = value.value
        else:
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # a name that begins with "=" is no formula
        # looking a style up by name for each of 90,000 cells takes longer than writing them
        known = self._looks.get((style, number_format))
        if known is None:
            cell.style = style
            if number_format:
                cell.number_format = number_format
            self._looks[style, number_format] = copy(cell._style)
        else:
            cell._style = copy(known)

    def span(
        self, sheet: Worksheet, rows: tuple[int, int], columns: tuple[int, int], value: Value, style: str
    ) -> None:
        """Write one value over several cells, each with its lines."""
        for row in range(rows[0], rows[1] + 1):
            for column in range(columns[0], columns[1] + 1):
                self.put(sheet, row, column, value if (row, column) == (rows[0], columns[0]) else None, style)
        if rows[0] != rows[1] or columns[0] != columns[1]:
            sheet.merge_cells(
                start_row=rows[0], end_row=rows[1], start_column=columns[0], end_column=columns[1]
            )

    def content(self) -> bytes:
        plain, made = BytesIO(), BytesIO()
        self._book.save(plain)
        parts = {f"xl/worksheets/sheet{n}.xml": name for n, name in enumerate(self._book.sheetnames, 1)}
        with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                content = old.read(entry)
                results = self._results.get(parts.get(entry.filename, ""))
                if results:
                    content = _with_results(content.decode(), results).encode()
                new.writestr(entry, content, zipfile.ZIP_DEFLATED)
        return made.getvalue()


def _with_results(xml: str, results: dict[str, float]) -> str:
    def written(match: re.Match[str]) -> str:
        result = results.get(match[2])
        return match[0] if result is None else f"{match[1]}<v>{result!r}</v>"

    return _FORMULA.sub(written, xml)
