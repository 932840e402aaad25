"""One month beside another: last month, the same month of last year, or any other."""

from collections.abc import Sequence
from dataclasses import dataclass

from checkin.statistics import catalogue
from checkin.statistics.months import Month

from .tables import Row, Table, table


@dataclass(frozen=True)
class Comparison:
    """The same table of two months; places that one of them lacks count as nothing there."""

    now: Table
    before: Table

    def change(self, code: str, key: str) -> float | None:
        """The figure of row `code` minus the one before ("" is a row of a cut: those of no known part).

        None when a ratio has no basis, or one of the months does not count the figure.
        """
        return difference(_row(self.now, code), _row(self.before, code), key)

    def change_of_total(self, key: str) -> float | None:
        """The same of the whole area."""
        return difference(self.now.total, self.before.total, key)


def difference(now: Row | None, before: Row | None, key: str) -> float | None:
    """A row that is not there counts as nothing; a ratio without a basis compares with nothing."""
    new, old = _value(now, key), _value(before, key)
    return None if new is None or old is None else new - old


def _row(of: Table, code: str) -> Row | None:
    return next((row for row in of.rows if row.code == code), None)


def _value(row: Row | None, key: str) -> float | None:
    if row is None:
        return None if catalogue.ratio(key) else 0
    return row.value(key)


def compare(
    month: Month,
    with_month: Month,
    area: str,
    level: str | None = None,
    measures: Sequence[str] = catalogue.M1,
    cut: str | None = None,
) -> Comparison:
    """`month` beside `with_month`. Raises RuleBroken as table()."""
    return Comparison(table(month, area, level, measures, cut), table(with_month, area, level, measures, cut))
