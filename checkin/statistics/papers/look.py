"""How an official paper looks: fonts of GB/T 9704, thin lines, A4 across, heads on every page, never under 9 points.

A table too wide for one page at that size is printed on as many side by side as it needs, cut between groups of
columns, each with the columns that say what a line is.

The fonts are named, not carried, and a workbook can name no second one: an office has them, elsewhere Excel, WPS and
LibreOffice take their own Song, Hei and Fang Song for the family and character set given here.
"""

from collections.abc import Sequence

from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

GB2312 = 134  # character set of the fonts
SERIF, SANS = 1, 2
TITLE_FONT = "方正小标宋简体"
HEAD_FONT = "黑体"
BODY_FONT = "仿宋_GB2312"
NORMAL_FONT = "宋体"  # of empty cells; column widths are measured in its digits
TITLE_HEIGHT, LINE_HEIGHT, ROW_HEIGHT = 40, 26, 24  # points
MARGIN = 0.35  # inches
BODY_SIZE, LEAST_SIZE = 12, 9  # points, on screen and at least on paper
DIGIT = 6.0  # points of one unit of column width: a digit of NORMAL_FONT, eight dots of 96 an inch
A4_ACROSS = 841.9 - 2 * 72 * MARGIN  # points between the margins
CARE = 0.82  # of the page is used: where Song is missing, the digits that columns are measured in are wider
ROOM = A4_ACROSS * CARE * BODY_SIZE / LEAST_SIZE / DIGIT  # units of column width on one page at LEAST_SIZE

SIGNED = "+0;-0;0"
TEXT, NUMBER, SHARE, DAYS = "@", "0", "0.0%", "0.0"
THOUSANDS = "#,##0"  # where there is room
CHANGES = {THOUSANDS: '+#,##0;-#,##0;"—"', SHARE: '+0.0%;-0.0%;"—"', DAYS: '+0.0;-0.0;"—"'}

_LINE = Side(style="thin", color="000000")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_GREY = PatternFill("solid", fgColor="F2F2F2")


def _font(name: str, size: float, family: int, *, bold: bool = False) -> Font:
    return Font(name=name, size=size, family=family, charset=GB2312, bold=bold)


def _style(
    name: str, font: Font, align: str, *, box: bool = True, wrap: bool = False, grey: bool = False
) -> NamedStyle:
    style = NamedStyle(name=name, font=font)
    style.alignment = Alignment(
        horizontal=align,
        vertical="center",
        wrap_text=wrap,
        shrink_to_fit=not wrap and box,
        indent=1 if name in ("name", "words") else 0,
    )
    if box:
        style.border = _BOX
    if grey:
        style.fill = _GREY
    return style


_BODY, _HEAD = _font(BODY_FONT, BODY_SIZE, SERIF), _font(HEAD_FONT, BODY_SIZE, SANS)


def normal() -> Font:
    return _font(NORMAL_FONT, 11, SERIF)


def styles() -> list[NamedStyle]:
    """The styles of a paper by name: title, line_…, head, name, number, total_…, words."""
    return [
        _style("title", _font(TITLE_FONT, 22, SERIF), "center", box=False),
        _style("line_left", _BODY, "left", box=False),
        _style("line_centre", _BODY, "center", box=False),
        _style("line_right", _BODY, "right", box=False),
        _style("head", _HEAD, "center", wrap=True),
        _style("name", _BODY, "left", wrap=True),
        _style("middle", _BODY, "center"),
        _style("group", _HEAD, "center", wrap=True),
        _style("number", _BODY, "right"),
        _style("total_name", _HEAD, "center", grey=True),
        _style("total_number", _HEAD, "right", grey=True),
        _style("words", _BODY, "left", wrap=True),
        _style("note", _BODY, "left", box=False, wrap=True),
    ]


def set_up(sheet: Worksheet, heads: tuple[int, int] | None, *, one_page: bool = False) -> None:
    """Printing: A4 across, one page wide (and high), centred, `heads` (first and last row) on every page, page x/y."""
    _set_up_a4(sheet)
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 1 if one_page else 0
    if heads is not None:
        sheet.print_title_rows = f"{heads[0]}:{heads[1]}"


def set_up_side_by_side(
    sheet: Worksheet,
    title: str,
    heads: tuple[int, int],
    leading: int,
    pages: Sequence[tuple[int, int]],
    last: int,
) -> None:
    """Printing on several A4 side by side: `pages` are the first and last column of each, `leading` columns stand on
    all. The title is printed above every page; its row is for the screen. `last`: the last row."""
    _set_up_a4(sheet)
    sheet.page_setup.scale = scale_of(sheet, leading, pages)
    sheet.page_setup.pageOrder = "overThenDown"
    for _, end in pages[:-1]:
        sheet.col_breaks.append(Break(id=end))
    sheet.print_title_rows = f"{heads[0]}:{heads[1]}"
    sheet.print_title_cols = f"A:{get_column_letter(leading)}"
    sheet.print_area = f"A{heads[0]}:{get_column_letter(pages[-1][1])}{last}"
    sheet.page_margins.top = 0.75
    sheet.oddHeader.center.text = title
    sheet.oddHeader.center.font, sheet.oddHeader.center.size = f"{TITLE_FONT},Regular", 20


def scale_of(sheet: Worksheet, leading: int, pages: Sequence[tuple[int, int]]) -> int:
    """Per cent at which the widest page fits, at most 100."""

    def width(first: int, last: int) -> float:
        letters = [get_column_letter(number) for number in range(first, last + 1)]
        return sum(float(sheet.column_dimensions[letter].width) for letter in letters)

    widest = width(1, leading) + max(width(*page) for page in pages)
    return min(100, int(A4_ACROSS * CARE / (widest * DIGIT) * 100))


def _set_up_a4(sheet: Worksheet) -> None:
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = "landscape"
    sheet.print_options.horizontalCentered = True
    sheet.page_margins.left = sheet.page_margins.right = MARGIN
    sheet.page_margins.top, sheet.page_margins.bottom = 0.5, 0.6
    sheet.page_margins.header = sheet.page_margins.footer = 0.3
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    sheet.oddFooter.center.size = 10
    sheet.sheet_view.showGridLines = False
