"""What the monthly paper holds: its columns in groups, and the tables of every level of the area."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from checkin.statistics import catalogue, registry
from checkin.statistics.counting import Table, table
from checkin.statistics.counting.tables import LENGTHS, LEVELS
from checkin.statistics.months import Month
from communities.organisations.models import Organisation
from huifeng.errors import RuleBroken

TITLE = "离退休干部到居住地联系报到情况统计表"
FILE_TITLE = "离退休干部居住地报到情况统计表"  # ux.md §5.5
SHEETS = {"city": "全市", "district": "区市", "street": "街道", "community": "社区"}
UNITS = "单位"
MOST_COUNTS = 3


@dataclass(frozen=True)
class Statement:
    """The tables of `area` in `month`, by level and by unit, all counted of the same state; `before`: a month ago."""

    month: Month
    area: str
    tables: Mapping[str, Table]
    units: Table
    before: Table

    @property
    def whole(self) -> Table:
        """The table whose total is the area's, of the level next below it."""
        return next(iter(self.tables.values()))

    @property
    def name(self) -> str:
        return self.whole.area_name

    @cached_property
    def unit_codes(self) -> dict[str, str]:
        """统一社会信用代码 of the units by the code of their line."""
        ids = [int(row.code) for row in self.units.rows if row.code]
        rows = Organisation.objects.filter(pk__in=ids)
        return {str(pk): code for pk, code in rows.values_list("pk", "credit_code")}

    def name_of(self, code: str) -> str:
        """The name of the district or street `code` in these tables, "" when they do not hold it."""
        return self._names.get(code, "")

    @cached_property
    def _names(self) -> dict[str, str]:
        rows = (row for found in self.tables.values() for row in found.rows)
        return {row.code: row.name for row in rows} | {self.area: self.name}


def columns() -> tuple[str, ...]:
    """Keys in the order of the paper: M1 with the parts of its ratios, group by group, then registered columns."""
    keys: list[str] = []
    for key in catalogue.M1:
        ratio = catalogue.ratio(key)
        parts = (ratio.of, ratio.by) if ratio else ()
        keys += [each for each in (*parts, key) if each not in keys]
    groups = list(dict.fromkeys(catalogue.group_of(key) for key in keys))
    more = list(dict.fromkeys(column.group for column in registry.columns.values()))
    return (
        *sorted(keys, key=lambda key: groups.index(catalogue.group_of(key))),
        *sorted(registry.columns, key=lambda key: more.index(catalogue.group_of(key))),
    )


def levels_of(area: str) -> list[str]:
    """The levels inside an area, its own left out unless there is none below."""
    below = [level for level in LEVELS if LENGTHS[level] > len(area)]
    return below or ["community"]


def collect(month: Month, area: str) -> Statement:
    """Count every table of the paper. Raises RuleBroken as counting.table(), and while figures keep changing.

    An open month changes while it is counted: tables that do not agree are counted again.
    """
    keys = columns()
    counted_people = tuple(key for key in keys if key not in registry.columns)  # those are not known by unit
    before = table(month.previous, area, measures=keys)
    for _ in range(MOST_COUNTS):
        tables = {level: table(month, area, level, keys) for level in levels_of(area)}
        units = table(month, area, measures=counted_people, cut="unit")
        statement = Statement(month, area, tables, units, before)
        if _agree(statement):
            return statement
    raise RuleBroken("数字正在变动，这次没有算成。请过几分钟再办。", code="figures_changing")


def _agree(statement: Statement) -> bool:
    whole = statement.whole.total.figures
    tables = [*statement.tables.values(), statement.units]
    return all(whole.get(key) == figure for each in tables for key, figure in each.total.figures.items())
