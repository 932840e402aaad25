"""Whatever bytes are sent, only rows or Refused come out, in time. TEST_ALL=1 tries many more."""

import datetime as dt
import io
import os
import time
import zipfile
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huifeng.spreadsheets.reading import Refused
from huifeng.spreadsheets.tablereader import limits
from huifeng.spreadsheets.tablereader.scan import check_sheet
from tests.huifeng.spreadsheets.files import ods, read, rezipped, with_strings, xls, xlsx

ALL = os.environ.get("TEST_ALL") == "1"
few = settings(
    max_examples=300 if ALL else 12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SECONDS = 15  # a child may calculate 5 seconds for a small file, and others share the machine

ROWS: list[list[object]] = [["姓名", "年龄", "生日"]] + [
    ["王建国", n, dt.date(1958, 3, 1)] for n in range(60)
]
WHOLE = {
    "xlsx": with_strings(xlsx(*ROWS, F3="=1+1"), b"<si><t>x</t></si>"),
    "xls": xls(*ROWS),
    "ods": ods(*[["王建国", "x"]] * 60),
    "csv": "\n".join(f'王建国,"{n}",1958' for n in range(60)).encode("gb18030"),
}

edits = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "double", "move"]),
        st.floats(0, 1, exclude_max=True),
        st.integers(1, 255),
        st.sampled_from([1, 2, 8, 100, 5000]),
    ),
    min_size=1,
    max_size=6,
)


def edited(content: bytes, changes: list[tuple[str, float, int, int]]) -> bytes:
    changed = bytearray(content)
    for kind, share, value, length in changes:
        at = int(share * len(changed))
        piece = changed[at : at + length]
        if kind == "flip" and piece:
            changed[at] ^= value
        elif kind == "cut":
            del changed[at : at + length]
        elif kind == "double":
            changed[at:at] = piece * (1 + value % 4)
        elif kind == "move":
            del changed[at : at + length]
            changed[value:value] = piece
    return bytes(changed)


def check_only_rows_or_refused(content: bytes) -> None:
    start = time.monotonic()
    try:
        sheets = read(content)
    except Refused as no:
        assert no.message  # noqa: PT017
        sheets = {}
    assert time.monotonic() - start < SECONDS
    for rows in sheets.values():
        assert len({len(cells) for _, cells in rows}) <= 1
        assert [number for number, _ in rows] == sorted({number for number, _ in rows})
        for _, cells in rows:
            assert all(type(cell) in (str, int, float, bool) for cell in cells)
            assert not any(
                "\0" in cell or len(cell) > limits.MAX_TEXT for cell in cells if isinstance(cell, str)
            )


@few
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe"]),
)
def test_arbitrary_bytes(content: bytes, beginning: bytes) -> None:
    check_only_rows_or_refused(beginning + content)


@few
@given(st.text(st.sampled_from('a王,;\t\n\r" '), max_size=60))
def test_arbitrary_text(text: str) -> None:
    check_only_rows_or_refused(text.encode())


@pytest.mark.parametrize("kind", WHOLE)
@few
@given(changes=edits)
def test_a_file_with_changed_bytes(kind: str, changes: list[tuple[str, float, int, int]]) -> None:
    check_only_rows_or_refused(edited(WHOLE[kind], changes))


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@few
@given(data=st.data())
def test_a_zip_with_changed_parts(kind: str, data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(WHOLE[kind])) as archive:
        chosen = data.draw(st.sampled_from(archive.namelist()))
    changes = data.draw(edits)

    check_only_rows_or_refused(
        rezipped(WHOLE[kind], lambda name, part: edited(part, changes) if name == chosen else part)
    )


@settings(max_examples=2000 if ALL else 100, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=12))
def test_a_sheet_tells_the_same_in_whatever_pieces_it_comes(cuts: list[int]) -> None:
    sheet = (
        b'<worksheet><cols><col min="2" max="3" hidden="1"/></cols><sheetData><row r="1"><c r="A1"><f>B1</f></c>'
        b'<c r="B1"><v>1</v></c></row><row r="2" hidden="1"/><row r="3" hidden="true"><c r="A3" t="str"><f>1</f>'
        b'<v></v></c><c r="B3"><f/><v></v></c></row></sheetData></worksheet>'
    )
    borders = [0, *sorted(cuts), len(sheet)]

    found = check_sheet(sheet[start:end] for start, end in pairwise(borders))

    assert (found.hidden_rows, found.hidden_columns) == ({2, 3}, {1, 2})
    assert found.uncached == {(1, 0), (3, 1)}
