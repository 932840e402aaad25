"""A workbook in the look of our official papers, written as text: a thousand of them in the time openpyxl takes for
ten.

openpyxl makes an empty workbook of that look once in a process; of each report only the cells are written, and put
beside what does not change. Same input, same bytes.
"""

import re
import zipfile
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from checkin.statistics.papers import look

WHEN = (1980, 1, 1, 0, 0, 0)  # of the parts of the archive: the earliest it can say
NUMBER, CHECK = "FEEDBACK-NUMBER", "FEEDBACK-CHECK"  # stand in the footers until they are known
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CELLS = re.compile(rb"<sheetData ?/>|<sheetData>.*</sheetData>", re.DOTALL)
_STYLED = re.compile(rb'<c r="([A-Z]+)1" s="(\d+)"')


@dataclass(frozen=True)
class Layout:
    """One sheet: its name, its columns (widths in digits), the rows that stand on every page (on screen too, if
    they are the first)."""

    name: str
    widths: tuple[float, ...]
    heads: tuple[int, int] | None = None


@dataclass
class Cells:
    """The rows of one sheet, added from above."""

    rows: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)

    def add(self, height: float, *cells: tuple[str, str | int, int]) -> None:
        """A row of `height` points: each cell is a style, a value and over how many columns it reaches."""
        number, column, written = len(self.rows) + 1, 1, []
        index = styles()
        for style, value, span in cells:
            for step in range(span):
                place = f"{_letter(column + step)}{number}"
                written.append(_cell(place, index[style], value if step == 0 else ""))
            if span > 1:
                self.merged.append(f"{_letter(column)}{number}:{_letter(column + span - 1)}{number}")
            column += span
        self.rows.append(f'<row r="{number}" ht="{height}" customHeight="1">{"".join(written)}</row>')

    def xml(self) -> str:
        merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in self.merged)
        count = len(self.merged)
        merges = f'<mergeCells count="{count}">{merged}</mergeCells>' if count else ""
        return f"<sheetData>{''.join(self.rows)}</sheetData>{merges}"


@cache
def _letter(number: int) -> str:
    return get_column_letter(number)


def _cell(place: str, style: int, value: str | int) -> str:
    if isinstance(value, int):
        return f'<c r="{place}" s="{style}"><v>{value}</v></c>'
    if not value:
        return f'<c r="{place}" s="{style}"/>'
    text = escape(_NOT_XML.sub("", value))
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


@cache
def _empty(layouts: tuple[Layout, ...]) -> dict[str, bytes]:
    """The parts of an empty workbook with these sheets."""
    book = Workbook()
    book.remove(book.active)
    for style in look.styles():
        book.add_named_style(style)
    for layout in layouts:
        sheet = book.create_sheet(layout.name)
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties()
        for number, width in enumerate(layout.widths, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        look.set_up(sheet, layout.heads)
        if layout.heads is not None and layout.heads[0] == 1:
            sheet.freeze_panes = f"A{layout.heads[1] + 1}"
        sheet.oddFooter.left.text, sheet.oddFooter.right.text = f"编号 {NUMBER}", f"校验 {CHECK}"
        sheet.oddFooter.left.size = sheet.oddFooter.right.size = 9
        for number, name in enumerate(_names(), 1):
            sheet.cell(1, number).style = name
    stream = BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as made:
        return {name: made.read(name) for name in made.namelist()}


def _names() -> list[str]:
    return [style.name for style in look.styles()]


@cache
def styles() -> dict[str, int]:
    """The number of each style of our papers in the workbook."""
    sheet = _empty((Layout("x", ()),))["xl/worksheets/sheet1.xml"]
    numbers = {column.decode(): int(style) for column, style in _STYLED.findall(sheet)}
    return {name: numbers.get(_letter(place), 0) for place, name in enumerate(_names(), 1)}


def workbook(
    layouts: tuple[Layout, ...], cells: list[Cells], *, title: str, number: str, check: str
) -> bytes:
    """The xlsx of these sheets."""
    parts = dict(_empty(layouts))
    for place, sheet in enumerate(cells, 1):
        name = f"xl/worksheets/sheet{place}.xml"
        before, after = _CELLS.split(parts[name], 1)
        after = after.replace(NUMBER.encode(), escape(number).encode()).replace(
            CHECK.encode(), check.encode()
        )
        parts[name] = before + sheet.xml().encode() + after
    parts["docProps/core.xml"] = _CORE.format(title=escape(title)).encode()
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as book:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            book.writestr(entry, content)
    return stream.getvalue()


_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:creator>惠风家园</dc:creator>'
    "</cp:coreProperties>"
)
