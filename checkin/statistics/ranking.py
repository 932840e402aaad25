"""The quarter's ranking (通报): areas or units side by side by what the catalogue defines, ties and changes shown.

Only what has a source is ranked: 反馈按时率 and the like join when their room registers them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from huifeng.errors import RuleBroken

from . import catalogue
from .counting import Row, table
from .counting.tables import LENGTHS
from .months import Month

RANKED = ("rate", "on_time_rate")
BY = ("district", "street", "unit")


@dataclass(frozen=True, order=True)
class Quarter:
    """Three calendar months. `str()` is 2026Q3, `words` 2026年第三季度."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """Raises RuleBroken for anything but "2026Q3"."""
        match = re.fullmatch(r"(\d{4})Q([1-4])", text.strip(), re.ASCII)
        if match is None or not 2000 <= int(match[1]) <= 2100:
            raise RuleBroken("季度请写成 2026Q3 这样。", code="quarter_unreadable")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, month: Month) -> "Quarter":
        return cls(month.year, (month.month + 2) // 3)

    @classmethod
    def of_day(cls, day: date) -> "Quarter":
        return cls.of(Month.of(day))

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def words(self) -> str:
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"

    @property
    def previous(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    @property
    def months(self) -> list[Month]:
        """The months that have begun; none for a quarter to come."""
        first = 3 * self.number - 2
        every = [Month(self.year, first + number) for number in range(3)]
        return [month for month in every if month <= Month.current()]


@dataclass(frozen=True)
class Place:
    """One value of a line: what it is, of how many, its rank among all, and the change in points or days.

    `value` and `rank` are None where it would be divided by nothing: who has nothing to do is not ranked.
    """

    value: float | None
    of: int
    by: int
    rank: int | None = None
    shared: bool = False
    change: float | None = None


@dataclass(frozen=True)
class Line:
    code: str
    name: str
    places: dict[str, Place] = field(default_factory=dict)


def ranking(quarter: Quarter, area: str, by: str, sort: str = "rate") -> list[Line]:
    """The lines of `area`, the best first by `sort`; who cannot be ranked comes last.

    A rate of stock (报到率) is that of the quarter's last month, a rate of flow (确认及时率) that of all its months.
    Six tables are counted, none twice. Raises RuleBroken (a quarter to come, unknown `by` or `sort`).
    """
    if sort not in RANKED:
        raise RuleBroken("不能按这一项排名，请另选。", code="unknown_ranking")
    if by not in BY or (by != "unit" and LENGTHS[by] <= len(area)):
        raise RuleBroken("这个地区不能这样排名，请另选。", code="unknown_ranking")
    if not quarter.months:
        raise RuleBroken(f"{quarter.words}还没有到，请选本季度或以前的季度。", code="quarter_in_future")
    now, before = _lines(quarter, area, by), _lines(quarter.previous, area, by)
    for key in RANKED:
        _rank(now, before, key)
    return sorted(now.values(), key=lambda line: (line.places[sort].rank or len(now) + 1, line.code))


def _lines(quarter: Quarter, area: str, by: str) -> dict[str, Line]:
    level, cut = (None, "unit") if by == "unit" else (by, None)
    rows: dict[str, dict[Month, Row]] = {}
    for month in quarter.months:
        for row in table(month, area, level, RANKED, cut).rows:
            if row.code and not row.is_unknown:
                rows.setdefault(row.code, {})[month] = row
    return {
        code: Line(
            code,
            list(found.values())[-1].name,
            {key: _place(key, found, quarter.months[-1]) for key in RANKED},
        )
        for code, found in rows.items()
    }


def _place(key: str, rows: Mapping[Month, Row], last: Month) -> Place:
    ratio = catalogue.ratio(key)
    assert ratio is not None, "what is ranked is a ratio"
    is_flow = ratio.group == catalogue.NEWS
    counted = [row for month, row in rows.items() if is_flow or month == last]
    of = sum(row.figures[ratio.of] for row in counted)
    by = sum(row.figures[ratio.by] for row in counted)
    return Place(of / by * 100 if by else None, of, by)


def _rank(now: dict[str, Line], before: dict[str, Line], key: str) -> None:
    """The same value has the same rank, and the next one is as many places lower (1, 2, 2, 4)."""
    values = [place.value for line in now.values() if (place := line.places[key]).value is not None]
    for line in now.values():
        place = line.places[key]
        if place.value is None:
            continue
        old = before[line.code].places[key].value if line.code in before else None
        line.places[key] = Place(
            place.value,
            place.of,
            place.by,
            1 + sum(value > place.value for value in values),
            values.count(place.value) > 1,
            None if old is None else place.value - old,
        )
