"""A unit's own row of the monthly statement as a workbook: its figures beside last month's, and what each means."""

from checkin.statistics import counting, registry
from checkin.statistics.counting import Row
from checkin.statistics.facts import city_area
from checkin.statistics.months import Month
from communities.organisations.models import Organisation

from . import explaining, overview, statement
from .books import Book

KEYS = tuple(key for key in statement.columns() if key not in registry.columns)  # those nobody knows by unit


WHO = "月末现管单位是本单位的人都算，不论住在哪里。"


def rows_of(month: Month, unit_id: int) -> tuple[Row, Row]:
    """The unit's figures of the month and of the one before. Raises RuleBroken as counting.table()."""
    return _table(month, unit_id).total, _table(month.previous, unit_id).total


def workbook(month: Month, unit: Organisation) -> bytes:
    """xlsx of two sheets: the figures, the definitions."""
    now, before = _table(month, unit.pk), _table(month.previous, unit.pk)
    book = Book(f"{statement.TITLE}（{unit.name} {month.words}）", unit.name)
    overview.write_figures(book, "本单位", unit.name, now, before)
    explaining.write_definitions(book, unit.name, now, WHO)
    return book.content()


def file_name(month: Month, unit: Organisation) -> str:
    return f"{statement.FILE_TITLE}_{month.words}_{unit.name}.xlsx"


def _table(month: Month, unit_id: int) -> counting.Table:
    return counting.table(month, city_area(), measures=KEYS, cut="unit", unit_ids=(unit_id,))
