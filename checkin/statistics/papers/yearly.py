"""The annual forms as one workbook, in the look of the monthly paper."""

from collections.abc import Callable, Sequence
from typing import Any

from openpyxl.utils import get_column_letter

from checkin.statistics.counting.tables import table

from . import annual, changes, forms, look
from .annual import BASIC_FORMS, KINDS, Filled, december
from .books import Book, Formula, Value
from .changes import Change
from .forms import Column, Form
from .states import notes_of

TITLE = "离退休干部年度统计表"
UNEXPLAINED = "—"


class Year:
    """Every annual form of `area` with its figures. Raises RuleBroken (December not begun, unknown area)."""

    def __init__(self, year: int, area: str, tell: Callable[[str], None] = lambda words: None) -> None:
        self.year, self.area = year, area
        tell(f"正在统计{year}年末人数")
        december_table = table(december(year), area, measures=("total",))
        self.name, self.notes = december_table.area_name, notes_of(december_table)
        groups = annual.groups_of(year, area)
        self.basic: list[Filled] = [annual.fill(form, groups) for form in BASIC_FORMS]
        tell(f"正在比较{year - 1}年与{year}年")
        courses = changes.courses_of(year, area)
        self.changes: dict[str, list[Change]] = {kind: changes.fill(kind, courses) for kind in KINDS}

    @property
    def words(self) -> str:
        return f"{self.year}年12月31日"

    def as_json(self) -> dict[str, Any]:
        """Every figure, by form and line."""
        basic = {
            filled.form.key: {
                "columns": [
                    " ".join(filter(None, (figure.group, figure.title))) for figure in filled.form.figures
                ],
                "lines": {line.name: line.figures for line in (*filled.lines, filled.total)},
                "notes": filled.notes,
            }
            for filled in self.basic
        }
        moved = {
            kind: {
                line.name: {
                    "before": line.before,
                    "retired": line.retired,
                    "died": line.died,
                    "due": line.due,
                    "after": line.after,
                    "difference": line.difference,
                    "reasons": dict(line.reasons),
                }
                for line in lines
            }
            for kind, lines in self.changes.items()
        }
        return {"year": self.year, "area": self.area, "name": self.name, "basic": basic, "changes": moved}


def workbook(year: Year) -> bytes:
    """xlsx with a sheet a form."""
    book = Book(f"{TITLE}（{year.name} {year.year}年）", year.name)
    for filled in year.basic[:1]:
        _write_basic(book, year, filled)
    for kind, lines in year.changes.items():
        _write_changes(book, year, kind, lines)
    for filled in year.basic[1:]:
        _write_basic(book, year, filled)
    return book.content()


def file_name(year: int, area_name: str) -> str:
    return f"{TITLE}_{year}年_{area_name}.xlsx"


def _write_basic(book: Book, year: Year, filled: Filled) -> None:
    figures = filled.form.figures
    columns = [
        Column("行次", width=6, is_name=True, is_centred=True),
        Column("层次", width=26, is_name=True),
        *(Column(figure.title, figure.group, width=8.4, format=look.THOUSANDS) for figure in figures),
    ]
    form = Form(
        filled.form.name,
        filled.form.title,
        year.name,
        year.words,
        columns,
        group_height=44,
        head_height=52,
        numbered=True,
        notes=[*filled.notes, *year.notes],
    )
    first, last = form.first_line, form.first_line + len(filled.lines) - 1
    lines: list[list[Value]] = [
        [str(number), line.name, *_cells(filled, line.figures, first + number - 1)]
        for number, line in enumerate(filled.lines, 1)
    ]
    total: list[Value] = [f"{filled.total.name}", None]
    total += [
        forms.sum_of(number, first, last, figure) for number, figure in enumerate(filled.total.figures, 3)
    ]
    forms.write(book, form, lines, total)


def _cells(filled: Filled, figures: Sequence[int], row: int) -> list[Value]:
    """The figures of a line; a column that adds up others is their sum."""
    found: list[Value] = []
    for figure, value in zip(filled.form.figures, figures, strict=True):
        if figure.is_sum_of is None:
            found.append(value)
            continue
        start, end = (get_column_letter(number + 2) for number in figure.is_sum_of)
        found.append(Formula(f"=SUM({start}{row}:{end}{row})", value))
    return found


def _write_changes(book: Book, year: Year, kind: str, lines: Sequence[Change]) -> None:
    words = KINDS[kind]
    heads = [head.replace("退休", words) for head in changes.HEADS]
    columns = [
        Column("行次", width=6, is_name=True, is_centred=True),
        Column("类别", width=19, is_name=True),
        *(Column(head, width=11.5, format=look.THOUSANDS) for head in heads[:-1]),
        Column(heads[-1], width=11.5, format=look.SIGNED),
        Column("差的说明", width=49, format=look.TEXT, is_text=True),
    ]
    form = Form(
        f"{words}两年变化",
        f"{words}干部两年数字变化情况统计表",
        year.name,
        f"{year.year}年",
        columns,
        head_height=36,
        numbered=True,
        notes=[
            "应有 = 上年末 + 办理 − 去世；差 = 实有 − 应有。总数 = 机关合计 + 事业单位 + 企业（+ 其他、不明）。",
            *year.notes,
        ],
    )
    first = form.first_line
    rows = [
        [str(number), line.name, *_change_cells(lines, number - 1, first)]
        for number, line in enumerate(lines, 1)
    ]
    forms.write(book, form, rows)


def _change_cells(lines: Sequence[Change], at: int, first: int) -> list[Value]:
    """The six columns of a line and its explanation; the two lines that add up others are formulas."""
    line, row = lines[at], first + at
    counted = (line.before, line.retired, line.died, line.due, line.after, line.difference)
    found: list[Value] = []
    for column, value in zip("CDEFGH", counted, strict=True):
        if column == "F":
            found.append(Formula(f"=C{row}+D{row}-E{row}", value))
        elif column == "H":
            found.append(Formula(f"=G{row}-F{row}", value))
        elif line.name == changes.TOTAL:
            found.append(
                Formula(f"=SUM({column}{row + 1},{column}{row + 11}:{column}{first + len(lines) - 1})", value)
            )
        elif line.name == changes.ORGANS:
            found.append(Formula(f"=SUM({column}{row + 1}:{column}{row + 9})", value))
        else:
            found.append(value)
    return [*found, line.words or UNEXPLAINED]
