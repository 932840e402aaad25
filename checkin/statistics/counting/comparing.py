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
        """The figure of row `code` ("" for the total) minus the one before; None when a ratio has no basis."""
        new, old = self._value(self.now, code, key), self._value(self.before, code, key)
        return None if new is None or old is None else new - old

    def _value(self, of: Table, code: str, key: str) -> float | None:
        row = of.total if not code else next((row for row in of.rows if row.code == code), None)
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


__all__ = ["Comparison", "Row", "compare"]
