"""Reading office tables that strangers send: .xlsx, .xls, .csv, told apart by their content."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import python_calamine

from huifeng.errors import RuleBroken

LARGEST_FILE = 20 * 1024 * 1024  # bytes

type Cell = str | int | float | bool  # "" for an empty cell; dates come as ISO text


class Refused(RuleBroken):
    """The whole file cannot be read; the message says in plain Chinese why and what to do."""


@dataclass(frozen=True)
class Sheet:
    """One sheet. Row numbers are those the sheet shows, from 1; columns count from 0."""

    name: str
    visible: bool
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    uncached: frozenset[tuple[int, int]]  # (row, column) of formulas whose result the file does not hold
    rows: Iterator[tuple[int, list[Cell]]]  # rows without any content are left out


@contextmanager
def opened(content: bytes) -> Iterator[Iterator[Sheet]]:
    """The sheets of a file, one after the other; each sheet's rows are read before the next is asked for."""
    yield _sheets(content)


def _sheets(content: bytes) -> Iterator[Sheet]:
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(content))
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        start = sheet.start[0] + 1 if sheet.start else 1
        none: frozenset[int] = frozenset()
        rows = (
            (start + n, row)
            for n, row in enumerate(sheet.to_python(skip_empty_area=True))
            if any(c != "" for c in row)
        )
        yield Sheet(name, True, none, none, frozenset(), rows)  # type: ignore[arg-type]
