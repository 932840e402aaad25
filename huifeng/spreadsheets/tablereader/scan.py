"""One pass over the XML of an .xlsx or .ods before the native reader sees it.

It refuses document types and entities, and finds what calamine does not tell: hidden rows and columns, and formulas
whose result the file does not hold. Rows and cells count only with their own number (`r="…"`), which Excel, WPS and
LibreOffice always write. Plain searches come first and patterns after: most sheets hold neither "hidden" nor formulas.
"""

import re
from collections.abc import Iterable

from .limits import MAX_COLUMNS, MAX_ROW_XML, MAX_ROWS, MAX_UNCACHED
from .refusals import Unreadable


def _spread(word: bytes) -> bytes:
    """A pattern for the word in UTF-8, UTF-16 and UTF-32 alike: zero bytes may stand between the letters."""
    return rb"\x00{0,3}".join(re.escape(bytes([letter])) for letter in word)


# A comment or text that only mentions them is refused as well: no office program writes such a thing.
_TYPES = re.compile(b"|".join(map(_spread, (b"<!DOCTYPE", b"<!ENTITY"))), re.IGNORECASE)
_EDGE = 40  # longest match less one

_PREFIX = re.compile(rb"<(?:\w+:)?")
_ROW = re.compile(rb"<(?:\w+:)?row\s([^<>]*)")
_COLUMN = re.compile(rb"<(?:\w+:)?col\s([^<>]*)")
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)>\s*"
    rb"<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f\s*>)\s*"
    rb"(?:<(?:\w+:)?v(?:\s[^<>]*)?>([^<]*)<)?"
)
_HIDDEN = re.compile(rb"(?:^|\s)hidden\s*=\s*[\"'](?:1|true)[\"']")
_TEXT_RESULT = re.compile(rb"(?:^|\s)t\s*=\s*[\"']str[\"']")  # there an empty result is a result
_NUMBER = {
    name: re.compile(rb"(?:^|\s)%s\s*=\s*[\"'](\d{1,7})[\"']" % name.encode()) for name in ("r", "min", "max")
}
_PLACE = re.compile(rb"(?:^|\s)r\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")


class Found:
    """What a sheet's XML tells: rows from 1, columns from 0. (No dataclass: importing them takes the child 9 ms.)"""

    def __init__(self) -> None:
        self.hidden_rows: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.uncached: set[tuple[int, int]] = set()
        self.zeros = False  # as in Watch


UNKNOWN = Found()  # of a sheet that was not looked at
UNKNOWN.zeros = True


class Watch:
    """Watches the pieces of one part go by. Raises Unreadable when they define a document type or an entity."""

    def __init__(self) -> None:
        self.zeros = (
            False  # whether a cell's text may come out with a zero character, which no database takes
        )
        self._edge = b""

    def see(self, piece: bytes) -> None:
        if b"!" in piece or b"_" in piece or b"!" in self._edge or b"_" in self._edge:
            whole = self._edge + piece  # a match may lie across the border
            if _TYPES.search(whole):
                raise Unreadable("entities")
            self.zeros = self.zeros or b"_x0000_" in whole
        self.zeros = self.zeros or b"\x00" in piece
        self._edge = (self._edge + piece[-_EDGE:])[-_EDGE:]


def check_part(pieces: Iterable[bytes]) -> bool:
    """Watch a part to its end; whether zero characters may come out of it."""
    watch = Watch()
    for piece in pieces:
        watch.see(piece)
    return watch.zeros


def check_sheet(pieces: Iterable[bytes]) -> Found:
    """As `check_part`, and tell what the sheet hides. Works on whole rows, so nothing is missed between pieces."""
    found, watch, rest = Found(), Watch(), b""
    for piece in pieces:
        watch.see(piece)
        end = _end_of_rows(piece)
        if end:
            _look(rest + piece[:end], found)
            rest = piece[end:]
        else:
            rest += piece
        if len(rest) > MAX_ROW_XML:
            raise Unreadable("cell_too_long")
    _look(rest, found)
    found.zeros = watch.zeros
    return found


def _end_of_rows(piece: bytes) -> int:
    """Where the last whole row ends, 0 if none does. Empty rows (`<row r="5"/>`) end where the next begins."""
    end = piece.rfind(b"row>") + 4
    if end >= 4:
        return end
    name = piece.rfind(b"row ")
    start = piece.rfind(b"<", 0, max(name, 0))
    return start if start > 0 and _PREFIX.fullmatch(piece, start, name) else 0


def _look(rows: bytes, found: Found) -> None:
    if b"h" in rows and b"hidden" in rows:
        _look_for_hidden(rows, found)
    if b"f" in rows and (b"<f" in rows or b":f" in rows):
        _look_for_formulas(rows, found)


def _look_for_hidden(rows: bytes, found: Found) -> None:
    for column in _COLUMN.finditer(rows):
        first, last = _number("min", column[1]), _number("max", column[1])
        if first and last and _HIDDEN.search(column[1]):
            found.hidden_columns.update(range(first - 1, min(last, MAX_COLUMNS)))
    for row in _ROW.finditer(rows):
        number = _number("r", row[1])
        if number and number <= MAX_ROWS and _HIDDEN.search(row[1]):
            found.hidden_rows.add(number)


def _look_for_formulas(rows: bytes, found: Found) -> None:
    for attributes, result in _FORMULA.findall(rows):
        if result or _TEXT_RESULT.search(attributes):
            continue
        if place := _PLACE.search(attributes):
            found.uncached.add((int(place[2]), column_number(place[1].decode())))
            if len(found.uncached) > MAX_UNCACHED:
                raise Unreadable("uncached")


def _number(name: str, attributes: bytes) -> int | None:
    found = _NUMBER[name].search(attributes)
    return int(found[1]) if found else None


def column_number(letters: str) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
