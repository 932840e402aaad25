"""Columns of the statement that upper rooms count (四就近, needs, feedback). Filled in their `AppConfig.ready`.

A column exists only when its room has registered it: until then it is absent, never zero.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .months import Month


@dataclass(frozen=True)
class Column:
    """Something counted per place and month that is no property of a person-month.

    `count(month)`: figures by 12-digit place code, as of now. `rows(month, area)`: a queryset of exactly as many
    rows as the figure of that area says. Both are asked while a month is open; a closing freezes the figures.
    """

    key: str
    title: str
    sentence: str
    count: Callable[[Month], dict[str, int]]
    rows: Callable[[Month, str], Any]
    unit: str = "人次"


columns: dict[str, Column] = {}


def add(column: Column) -> None:
    """Raises ValueError when another column has the key."""
    if columns.setdefault(column.key, column) != column:
        raise ValueError(f"statistics column {column.key} is declared twice")
