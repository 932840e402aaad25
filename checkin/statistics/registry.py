"""Columns of the statement that upper rooms count (四就近, needs, feedback). Filled in their `AppConfig.ready`.

A column exists only when its room has registered it: until then it is absent, never zero. How to add one:
docs/statistics.md, "Columns of other rooms".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from .months import Month

OTHER = "其他"


@dataclass(frozen=True)
class Column:
    """Something counted per place and month that is no property of a person in a month (visits, reports, needs).

    `key`, `title`: as those of a measure. `sentence`: the definition, printed
    with every figure. `count(month)`: whole numbers by 12-digit code of a community (of a street or district ending
    in zeros where the community is not known), as of now; places that count nothing may be left out. It is asked
    while a month is open, once a table; a closing freezes what it says. `address(month, area)`: the page that lists
    as many rows as the figure of that area says, "" where there is none; whether the reader may open it is decided
    there. `group`: the head it stands under. `unit`: what is counted.

    By unit or dimension nobody can cut it, so there a dash stands.
    """

    key: str
    title: str
    sentence: str
    count: Callable[[Month], dict[str, int]]
    address: Callable[[Month, str], str] | None = None
    group: str = OTHER
    unit: str = "人次"


columns: dict[str, Column] = {}
taken: set[str] = set()  # the keys of the catalogue, which enters them itself


def add(column: Column) -> None:
    """Raises ValueError for a key that is taken and for a sentence that is none."""
    if columns.get(column.key, column) != column or column.key in taken:
        raise ValueError(f"statistics column {column.key} is declared twice")
    if not column.sentence.endswith("。"):
        raise ValueError(f"statistics column {column.key} needs a sentence that says what it counts")
    columns[column.key] = column


def count(key: str, month: Month) -> dict[str, int]:
    """What the column counts. Raises ValueError for what is no code of a place: it would be in no area's sum."""
    found = columns[key].count(month)
    for code in found:
        if not re.fullmatch(r"\d{12}", code, re.ASCII):
            raise ValueError(f"statistics column {key} counts at {code!r}, which is no place")
    return found


def address(key: str, month: Month, area: str) -> str:
    """The page behind the figure of `area`, "" where there is none."""
    find = columns[key].address
    return find(month, area) if find is not None else ""
