"""Text tables: UTF-8, UTF-16 or GB18030; comma, semicolon or tab. Every cell stays text, as it was written."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO, TextIOWrapper
from itertools import islice

from .frames import Message
from .limits import CELLS_IN_A_FRAME, MAX_COLUMNS, MAX_ROWS, MAX_TEXT
from .refusals import Unreadable

_PIECE = 2**18
_BINARY = re.compile(r"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")  # in no text; 1A ended files in DOS
_LOOK_AT = 20  # rows, to guess what parts the cells


def messages(content: bytes) -> Iterator[Message]:
    """The table as one sheet without a name. Read twice: once for its width and limits, once to hand it over."""
    encoding = _encoding(content)
    delimiter = _delimiter(content, encoding)
    width = _width(_records(content, encoding, delimiter))
    yield ("sheet", "", True, frozenset(), frozenset(), frozenset())
    in_a_frame = max(1, CELLS_IN_A_FRAME // max(width, 1))
    numbers: list[int] = []
    rows: list[list[str]] = []
    for number, record in enumerate(_records(content, encoding, delimiter), 1):
        if not any(record):
            continue
        numbers.append(number)
        rows.append(record + [""] * (width - len(record)))
        if len(rows) == in_a_frame:
            yield ("rows", numbers, rows)
            numbers, rows = [], []
    if rows:
        yield ("rows", numbers, rows)


def _encoding(content: bytes) -> str:
    """The encoding in which all of it is text; a mark at the beginning decides alone."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = ["utf-16"]
    elif content.startswith(codecs.BOM_UTF8):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        if _is_text(content, encoding):
            return encoding
    raise Unreadable("not_a_table")


def _is_text(content: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            if _BINARY.search(decoder.decode(piece, start + _PIECE >= len(content))):
                return False
    except UnicodeError:
        return False
    return True


def _delimiter(content: bytes, encoding: str) -> str:
    """The one that parts most of the first rows into the same number of cells, more than one."""

    def agreement(delimiter: str) -> tuple[int, int]:
        first = [record for record in islice(_records(content, encoding, delimiter), _LOOK_AT) if record]
        widths = Counter(len(record) for record in first if len(record) > 1)
        width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return rows, width

    return max(",\t;", key=agreement)


def _records(content: bytes, encoding: str, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_TEXT)
    with TextIOWrapper(BytesIO(content), encoding, newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter)
        try:
            yield from reader
        except csv.Error as error:
            code = "cell_too_long" if "limit" in str(error) else "damaged"
            raise Unreadable(code, f"第 {reader.line_num} 行") from error


def _width(records: Iterable[list[str]]) -> int:
    width = number = 0
    for number, record in enumerate(records, 1):  # noqa: B007 (counted to the end)
        width = max(width, len(record))
        if width > MAX_COLUMNS:
            raise Unreadable("too_many_columns")
    if number > MAX_ROWS:
        raise Unreadable("too_many_rows")
    return width
