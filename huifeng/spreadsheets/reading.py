"""Reading office tables that strangers send: .xlsx, .xls, .ods, .csv, told apart by their content.

The work is done in a child process with little memory and time (docs/decisions/0006), so that no file can take this
process down. Limits are in `tablereader.limits`, the words of every refusal in `words`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from huifeng.spreadsheets.running import Child
from huifeng.spreadsheets.tablereader.limits import MAX_FILE
from huifeng.spreadsheets.words import Refused, refusal

__all__ = ["MAX_FILE", "Cell", "Refused", "Sheet", "opened"]

type Cell = str | int | float | bool  # "" for an empty cell; dates come as ISO text


@dataclass(frozen=True)
class Sheet:
    """One sheet. Row numbers are those the sheet shows, from 1; columns count from 0.

    Cells: text as it is, whole numbers below 2**53 as int, other numbers as float (18 digits have lost the last ones
    in the file already), yes and no as bool, errors such as #N/A as "". Dates as "1958-03-01", with a time
    ("1958-03-01T08:30:00") only when it is not midnight. In text tables (.csv) every cell is text. A merged cell's
    value stands in its first cell. All rows of a sheet are equally long and begin in column A.

    Hidden rows and columns and uncached formulas are told for .xlsx only: in .xls and .ods they look like all others.
    """

    name: str  # "" in a text table
    visible: bool
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    uncached: frozenset[tuple[int, int]]  # (row, column) of formulas whose result the file does not hold
    rows: Iterator[tuple[int, list[Cell]]]  # rows without any content are left out


@contextmanager
def opened(content: bytes) -> Iterator[Iterator[Sheet]]:
    """The sheets of a file, one after the other; each sheet's rows are read before the next is asked for.

    Raises Refused at any step, also after thousands of good rows: nothing counts before the sheets have ended.
    Leaving the block ends the child; rows cannot be read afterwards.
    """
    if not content:
        raise refusal("empty")
    if len(content) > MAX_FILE:
        raise refusal("too_large")
    with Child(content) as child:
        yield _Messages(child).sheets()


class _Messages:
    """Turns the child's messages into sheets and rows. One message is always looked at ahead."""

    def __init__(self, child: Child):
        self._child = child

    def sheets(self) -> Iterator[Sheet]:
        self._next = self._child.receive()
        while self._next[0] != "end":
            if self._next[0] == "sheet":
                _, name, visible, hidden_rows, hidden_columns, uncached = self._next
                self._next = self._child.receive()
                yield Sheet(name, visible, hidden_rows, hidden_columns, uncached, self._rows())
            else:  # rows nobody wanted
                self._next = self._child.receive()

    def _rows(self) -> Iterator[tuple[int, list[Cell]]]:
        while self._next[0] == "rows":
            _, numbers, rows = self._next
            yield from zip(numbers, rows, strict=True)
            self._next = self._child.receive()
