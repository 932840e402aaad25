"""The monthly statement as the official workbook: the whole area on one page, a sheet for every level inside it,
one by unit, and what each column means."""

from collections.abc import Callable, Sequence

from openpyxl.utils import get_column_letter

from checkin.statistics import catalogue
from checkin.statistics.counting import Row, Table
from checkin.statistics.months import Month

from . import explaining, forms, overview, statement
from .books import Book, Formula, Value
from .figures import format_of, shown
from .forms import Column, Form
from .statement import Statement
from .states import notes_of

TOTAL = "合计"
LEADS = {"district": (), "street": ("区市",), "community": ("区市", "街道")}
WIDTH, LONG_WIDTH = 5, 7  # units
LONG_HEAD = 8  # letters
RATIO_DIGITS = 5  # 87.6%
LENGTH = {"区市": 6, "街道": 9}
LEAD_WIDTHS = {"区市": 9, "街道": 13}  # units


def workbook(month: Month, area: str, *, tell: Callable[[str], None] = lambda words: None) -> bytes:
    """xlsx of the statement of `area`; `tell` hears what is being done. Raises RuleBroken as counting.table()."""
    tell(f"正在统计{month.words}")
    found = statement.collect(month, area)
    tell("正在制表")
    book = Book(f"{statement.TITLE}（{found.name} {month.words}）", found.name)
    overview.write(book, found)
    for level, table in found.tables.items():
        if len(area) < len("370202001001"):  # a community's own sheet is the overview
            _write_table(book, found, statement.SHEETS[level], table, LEADS[level])
    _write_units(book, found)
    explaining.write(book, found)
    return book.content()


def file_name(month: Month, area_name: str) -> str:
    """As ux.md §5.5 has it."""
    return f"{statement.FILE_TITLE}_{month.words}_{area_name}.xlsx"


def _write_table(book: Book, found: Statement, name: str, table: Table, leads: Sequence[str]) -> None:
    leads = [lead for lead in leads if LENGTH[lead] > len(found.area)]
    names = [
        Column("序号", width=6, is_name=True, is_centred=True),
        *(Column(lead, width=LEAD_WIDTHS[lead], is_name=True) for lead in leads),
        Column(
            "代码", width={6: 9, 9: 12}.get(len(table.rows[0].code) if table.rows else 12, 15), is_name=True
        ),
        Column("名称", width=15, is_name=True),
    ]

    def words_of(number: int, row: Row) -> list[Value]:
        above = [found.name_of(row.code[: LENGTH[lead]]) for lead in leads]
        return [str(number), *above, row.code, row.name]

    _write(book, found, name, table, names, words_of)


def _write_units(book: Book, found: Statement) -> None:
    names = [
        Column("序号", width=6, is_name=True, is_centred=True),
        Column("统一社会信用代码", width=21, is_name=True, is_centred=True),  # never on two lines
        Column("现管单位", width=29, is_name=True),
    ]

    def words_of(number: int, row: Row) -> list[Value]:
        return [str(number), found.unit_codes.get(row.code, ""), row.name]

    _write(book, found, statement.UNITS, found.units, names, words_of)


def _write(
    book: Book,
    found: Statement,
    name: str,
    table: Table,
    names: Sequence[Column],
    words_of: Callable[[int, Row], list[Value]],
) -> None:
    columns = [*names, *(_column(key, table.total) for key in table.keys)]
    form = Form(
        name,
        statement.TITLE,
        found.name,
        found.month.words,
        columns,
        notes=notes_of(found.whole),
    )
    first = form.first_line
    lines = [
        [*words_of(number, row), *_figures(row, table.keys, len(names), first + number - 1)]
        for number, row in enumerate(table.rows, 1)
    ]
    last = first + len(lines) - 1
    total = [
        TOTAL,
        *[None] * (len(names) - 1),
        *_figures(table.total, table.keys, len(names), last + 1, summed=(first, last) if lines else None),
    ]
    forms.write(book, form, lines, total)


def _column(key: str, total: Row) -> Column:
    return Column(
        catalogue.title(key), catalogue.group_of(key), format=format_of(key), width=_width(key, total)
    )


def _width(key: str, total: Row) -> float:
    """As wide as the sum needs it, and its head: two letters a line, long ones three."""
    digits = RATIO_DIGITS if catalogue.ratio(key) else len(str(total.value(key) or 0))
    return max(LONG_WIDTH if len(catalogue.title(key)) > LONG_HEAD else WIDTH, digits + 1)


def _figures(
    row: Row, keys: Sequence[str], leading: int, at: int, *, summed: tuple[int, int] | None = None
) -> list[Value]:
    """The figures of the line `at`: numbers, ratios of the cells beside them, in a total the sums of the lines."""
    letters = {key: get_column_letter(leading + number) for number, key in enumerate(keys, 1)}
    found: list[Value] = []
    for number, key in enumerate(keys, 1):
        ratio = catalogue.ratio(key)
        if ratio is not None:
            of, by = letters[ratio.of], letters[ratio.by]
            found.append(Formula(f'=IF({by}{at}=0,"",{of}{at}/{by}{at})', shown(row, key)))
        elif summed is not None:
            value = row.value(key)
            found.append(None if value is None else forms.sum_of(leading + number, *summed, value))
        else:
            found.append(row.value(key))
    return found
