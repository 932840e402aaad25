"""Reading special days from csv or pasted lines: date, kind, name. Nothing is written here."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from .models import SpecialDay

SEED = Path(__file__).parent / "data" / "holidays_2024_2026.csv"
KINDS = {
    "off": SpecialDay.Kind.OFF,
    "放假": SpecialDay.Kind.OFF,
    "休": SpecialDay.Kind.OFF,
    "work": SpecialDay.Kind.WORK,
    "上班": SpecialDay.Kind.WORK,
    "班": SpecialDay.Kind.WORK,
    "调休上班": SpecialDay.Kind.WORK,
}
DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
DECEMBER, SATURDAY, LONGEST_NAME = 12, 5, 20


@dataclass(frozen=True, order=True)
class Day:
    """A day that is different."""

    date: date
    kind: str
    name: str


@dataclass
class Plan:
    """What was read: `days` to write, `errors` that forbid it, `warnings` to look at. Writes nothing."""

    days: list[Day] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_days(lines: Iterable[str], year: int | None = None) -> Plan:
    """A plan from lines of date, kind and name, parted by comma or tab; a heading line is skipped.

    With `year`, every day must be of that year, or of the December before, which a notice sometimes changes
    too.
    """
    plan, seen = Plan(), set[date]()
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in next(csv.reader([re.sub("[\t，]", ",", line.strip())]), [])]
        if not any(cells) or cells[0].lower() in ("date", "日期"):
            continue
        day = _day(cells)
        if isinstance(day, str):
            plan.errors.append(f"第{number}行：{day}")
        elif day.date in seen:
            plan.errors.append(f"第{number}行：{day.date:%Y-%m-%d}重复")
        elif year and not _belongs(day.date, year):
            plan.errors.append(f"第{number}行：{day.date:%Y-%m-%d}不在{year}年")
        else:
            seen.add(day.date)
            plan.days.append(day)
    plan.days.sort()
    if not plan.days and not plan.errors:
        plan.errors.append("没有读到任何一天，请粘贴“日期,放假或上班,节日”各一行")
    plan.warnings = [
        f"{day.date:%Y-%m-%d}不是周末，本来就要上班，请核对"
        for day in plan.days
        if day.kind == SpecialDay.Kind.WORK and day.date.weekday() < SATURDAY
    ]
    return plan


def _day(cells: list[str]) -> Day | str:
    """The day in `cells`, or what is wrong with them."""
    match = DATE.fullmatch(cells[0])
    if match is None:
        return "日期应写成 2027-01-01"
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return f"没有{cells[0]}这一天"
    kind = KINDS.get(cells[1].lower()) if len(cells) > 1 else None
    if kind is None:
        return "第二列应写“放假”或“上班”"
    name = cells[2] if len(cells) > 2 else ""
    if not 0 < len(name) <= LONGEST_NAME:
        return "第三列应写节日名称，不超过20字"
    return Day(day, str(kind), name)


def _belongs(day: date, year: int) -> bool:
    return day.year == year or (day.year == year - 1 and day.month == DECEMBER)
