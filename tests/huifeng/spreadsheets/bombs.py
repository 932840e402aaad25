"""Files made to fill memory, disk or time, with the codes they may be refused with."""

import io
import random
import re
import zipfile
from collections.abc import Callable
from functools import cache

from huifeng.spreadsheets.tablereader.limits import MB
from tests.huifeng.spreadsheets.files import (
    SHEET,
    lying_about_size,
    rezipped,
    with_rows,
    with_sheet,
    with_strings,
    xls,
    xlsx,
)


def _in_sheet(part: bytes) -> bytes:
    return rezipped(xlsx(["x"]), lambda name, old: part if name == SHEET else old)


def high_ratio() -> bytes:
    return _in_sheet(b"<worksheet><sheetData>" + b"<row><c><v>1</v></c></row>" * 1_000_000)


def lie_small() -> bytes:
    """Says it unpacks to 1,000 bytes, unpacks to 150 MB."""
    return lying_about_size(_in_sheet(b"<worksheet>" + b" " * (150 * MB)), SHEET, 1000)


def lie_small_in_strings() -> bytes:
    """The same in a part that calamine reads at once."""
    return lying_about_size(with_strings(xlsx(["x"]), b" " * (150 * MB)), "xl/sharedStrings.xml", 1000)


def declared_large() -> bytes:
    return lying_about_size(xlsx(["x"]), SHEET, 2**32 - 2)


def many_parts() -> bytes:
    return rezipped(xlsx(["x"]), lambda _, old: old, **{f"xl/media/{n}": b"" for n in range(50_000)})


def overlapping() -> bytes:
    """Many names for the same packed bytes, so that a small file holds much without a high ratio."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr("xl/workbook.xml", bytes(range(256)) * 4 * 1024)
        first = new.infolist()[0]
        for n in range(1000):
            copy = zipfile.ZipInfo(f"xl/{n}")
            for field in ("CRC", "compress_size", "file_size", "header_offset", "compress_type"):
                setattr(copy, field, getattr(first, field))
            new.filelist.append(copy)
    return file.getvalue()


def nested() -> bytes:
    inner = high_ratio()
    return rezipped(xlsx(["x"]), lambda name, old: inner if name == SHEET else old)


def far_cells() -> bytes:
    """Two cells, 17 thousand million places between them."""
    return with_sheet(
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData>'
    )


def far_cells_in_disorder() -> bytes:
    return with_rows('<row r="1"><c r="ZZ900000"><v>1</v></c><c r="A1"><v>1</v></c></row>')


def far_cells_of_an_xls() -> bytes:
    return xls(["x"] + [""] * 254 + ["y"], *[[]] * 65_534, [""] * 255 + ["z"])


def one_text_everywhere() -> bytes:
    """One shared text of 5,000 characters in 520,000 cells: 8 GB out of 1 MB."""
    row = "".join(f'<c r="{letter}{{0}}" t="s"><v>0</v></c>' for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    rows = "".join(f'<row r="{n}">{row.format(n)}</row>' for n in range(1, 20_001))
    return with_strings(with_rows(rows), b"<si><t>" + "字".encode() * 5000 + b"</t></si>")


def gigantic_cell() -> bytes:
    """30 MB of text that hardly shrinks, in one cell."""
    noise = random.Random(1).randbytes(15 * MB).hex()
    return with_rows(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{noise}</t></is></c></row>')


def gigantic_text_cell() -> bytes:
    return b'"' + b"a" * (19 * MB)


def claimed_strings() -> bytes:
    return with_strings(xlsx(["x"]), b"<si><t>x</t></si>", count=99_999_999_999)


def one_sheet_many_times() -> bytes:
    """Ninety-nine names for one sheet of 60,000 rows."""

    def more(name: str, part: bytes) -> bytes:
        sheet = re.search(rb"<sheet [^>]*/>", part) if name == "xl/workbook.xml" else None
        if sheet is None:
            return part
        names = [sheet[0].replace("名册".encode(), b"s%d" % n) for n in range(98)]
        return part.replace(sheet[0], sheet[0] + b"".join(names))

    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 60_001))
    return rezipped(with_rows(rows), more)


# Lies about extent die of memory they do not get; what is only very much stops at the rows or at the time.
BOMBS: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "high ratio": (high_ratio, {"zip_bomb"}),
    "lie about size": (lie_small, {"zip_bomb"}),
    "lie about the strings' size": (lie_small_in_strings, {"zip_bomb"}),
    "declared large": (declared_large, {"zip_bomb"}),
    "many parts": (many_parts, {"zip_bomb"}),
    "overlapping parts": (overlapping, {"zip_bomb"}),
    "nested": (nested, {"damaged"}),
    "far cells": (far_cells, {"spread_out"}),
    "far cells in disorder": (far_cells_in_disorder, {"spread_out", "too_many_rows"}),
    "far cells of an xls": (far_cells_of_an_xls, {"spread_out", "too_many_columns"}),
    "one text everywhere": (one_text_everywhere, {"spread_out", "too_large"}),
    "gigantic cell": (gigantic_cell, {"cell_too_long"}),
    "gigantic text cell": (gigantic_text_cell, {"cell_too_long"}),
    "claimed strings": (claimed_strings, {"spread_out"}),
    "one sheet many times": (one_sheet_many_times, {"too_many_rows"}),
}


@cache
def bomb(name: str) -> bytes:
    """The file, made once a test run."""
    return BOMBS[name][0]()
