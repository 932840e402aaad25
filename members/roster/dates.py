"""Dates as people write them in a roster, kept as precise as they were written: "1958", "1958-03", "1958-03-01"."""

import math
import re
from datetime import date, timedelta

from .notes import Note, warning

EXCEL_EPOCH = date(1899, 12, 30)
SERIALS = range(3_000, 60_000)  # 1908 to 2064; a bare year is less, 195803 is more
YEARS = range(1900, 2101)

WRITTEN = re.compile(
    r"(\d{4})(?:[年./\-](\d{1,2})(?:[月./\-](\d{1,2})[日号]?)?)?[年月]?(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?",
    re.ASCII,
)
RUN_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})?", re.ASCII)


def read(cell: str | float) -> tuple[str, Note | None]:
    """The partial date a cell means, and what to look at when that is not certain ("" then: nothing made up)."""
    if isinstance(cell, bool):
        return _unclear(str(cell))
    if isinstance(cell, int | float):
        return _number(cell)
    text = cell.translate(_PLAIN)
    if ":" not in text:  # else the space stands before a time, which says nothing about the day
        text = text.replace(" ", "")
    if len(text) < 6 and text.isdecimal() and int(text) in SERIALS and int(text) not in YEARS:
        return _serial(int(text))
    match = WRITTEN.fullmatch(text) or (RUN_TOGETHER.fullmatch(text) if len(text) in (6, 8) else None)
    if match is not None:
        return _checked(cell, *match.groups())
    return _unclear(cell)


_PLAIN = str.maketrans("０１２３４５６７８９．／－—–。·　", "0123456789./---.. ")


def _number(cell: float) -> tuple[str, Note | None]:
    """A number: a year, 195803, 19580301, Excel's day count, or 1958.3 for March.

    1958.1 is refused: Excel also shows 1958.10 that way, so it may be January or October.
    """
    if not math.isfinite(cell):
        return _unclear(str(cell))
    if cell == int(cell):
        whole = int(cell)
        if whole in SERIALS and whole not in YEARS:
            return _serial(whole)
        return read(str(whole))
    if int(cell) not in YEARS:  # a day count with a time of day
        return _serial(int(cell)) if int(cell) in SERIALS else _unclear(str(cell))
    year, month = f"{cell:.2f}".split(".")
    if cell != float(f"{year}.{month}"):
        return _unclear(str(cell))
    if month == "10":
        words = f"“{cell}”可能是 1 月也可能是 10 月，只记了年份，请改成 {year}-01 或 {year}-10"
        return year, warning("date_ambiguous", words)
    return _checked(str(cell), year, month.removesuffix("0"), None)


def _serial(days: int) -> tuple[str, Note | None]:
    return (EXCEL_EPOCH + timedelta(days=days)).isoformat(), None


def _checked(cell: str, year: str, month: str | None, day: str | None) -> tuple[str, Note | None]:
    try:
        date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return "", warning("date_impossible", f"“{cell}”不是真实的日期，没有填，请改正")
    if int(year) not in YEARS:
        return "", warning("date_impossible", f"“{cell}”的年份不对，没有填，请改正")
    return "-".join([year, *(f"{int(part):02}" for part in (month, day) if part)]), None


def _unclear(cell: str) -> tuple[str, Note | None]:
    return "", warning(
        "date_unclear", f"看不懂日期“{cell[:20]}”，没有填，请写成 1958-03-01 或 1958-03 的样子"
    )


def same(one: str, other: str) -> bool:
    """Whether two partial dates agree as far as both say something."""
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]
