"""Everything that is no readable table is refused, for the right reason, in plain Chinese."""

import io
import struct
import zipfile

import openpyxl
import pytest

from huifeng.spreadsheets.reading import Refused
from huifeng.spreadsheets.tablereader import limits
from huifeng.spreadsheets.words import WORDS
from tests.huifeng.spreadsheets.bombs import BOMBS, bomb
from tests.huifeng.spreadsheets.files import (
    SHEET,
    locked_xls,
    locked_xlsx,
    ods,
    read,
    rezipped,
    saved,
    with_rows,
    with_sheet,
    xls,
    xlsx,
)


def refusal(content: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read(content)
    assert refused.value.message.endswith("。")
    return refused.value.code


def archive(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00" + b"\x00" * 200,
        b"%PDF-1.7\n1 0 obj\n",
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)),
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"{\\rtf1 abc}",
        bytes(range(256)) * 4,
        "a,b\n".encode("utf-16-le"),
        archive(**{"word/document.xml": b"<w/>", "[Content_Types].xml": b"<t/>"}),
        archive(**{"inner.xlsx": xlsx(["x"])}),
        xls(["x"]).replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le")),
    ],
    ids=["exe", "pdf", "jpg", "png", "rtf", "bytes", "utf-16 without mark", "docx", "zip in zip", "doc"],
)
def test_other_files_are_no_table_whatever_their_name(content: bytes) -> None:
    assert refusal(content) == "not_a_table"


@pytest.mark.parametrize(
    "content",
    [
        b"<html><table><tr><td>1</td></tr></table></html>",
        b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>',
        archive(**{"xl/workbook.bin": b"x"}),
    ],
    ids=["web page", "xml of 2003", "xlsb"],
)
def test_tables_in_another_form_are_asked_for_again(content: bytes) -> None:
    assert refusal(content) == "other_format"


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n , \n".replace(b" ", b""), xlsx(), xls(), ods()],
    ids=["nothing", "csv", "xlsx", "xls", "ods"],
)
def test_a_file_without_content_is_empty(content: bytes) -> None:
    assert refusal(content) == "empty"


def test_a_file_beyond_20_mb_is_too_large() -> None:
    assert refusal(b"a" * (limits.MAX_FILE + 1)) == "too_large"


def test_passwords_are_named() -> None:
    assert refusal(locked_xls()) == "encrypted"
    assert refusal(locked_xlsx()) == "encrypted"
    assert refusal(
        rezipped(ods(["x"]), lambda _, part: part.replace(b"</manifest:", b"<encryption-data/></manifest:"))
    ) == ("encrypted")


def test_a_zip_with_a_password_is_encrypted() -> None:
    content = bytearray(xlsx(["x"]))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1

    assert refusal(bytes(content)) == "encrypted"


@pytest.mark.parametrize("make", [xlsx, xls, ods], ids=["xlsx", "xls", "ods"])
def test_a_file_cut_off_is_damaged(make) -> None:  # type: ignore[no-untyped-def]
    whole = make(["姓名"] * 40, *[[f"王{n}"] * 40 for n in range(50)])

    for share in (0.1, 0.5, 0.9):
        assert refusal(whole[: int(len(whole) * share)]) in ("damaged", "not_a_table")


def test_an_xlsx_with_something_behind_it_is_damaged() -> None:
    assert refusal(xlsx(["x"]) + b"more") == "damaged"


def test_xml_that_does_not_end_is_damaged() -> None:
    assert refusal(with_rows("<row><c>")) == "damaged"


@pytest.mark.parametrize("part", ["xl/workbook.xml", SHEET, "xl/styles.xml", "docProps/core.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused_in_every_part(part: str, encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'.encode(
        encoding
    )

    assert refusal(rezipped(xlsx(["x"]), lambda name, old: bomb if name == part else old)) == "entities"


def test_entities_are_refused_in_an_ods() -> None:
    assert refusal(
        rezipped(ods(["x"]), lambda _, part: part + b'<!ENTITY x SYSTEM "file:///etc/passwd">')
    ) == ("entities")


@pytest.mark.parametrize("before", range(2**18 - 60, 2**18 + 5, 7))
def test_a_document_type_across_the_border_of_pieces_is_seen(before: int) -> None:
    padding = " " * (before - len("<worksheet"))
    content = rezipped(
        xlsx(["x"]), lambda name, part: f"<worksheet{padding}<!DOCTYPE".encode() if name == SHEET else part
    )

    assert refusal(content) == "entities"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (with_rows('<row r="200001"><c r="A200001"><v>1</v></c></row>'), "too_many_rows"),
        (with_rows('<row r="1"><c r="GS1"><v>1</v></c></row>'), "too_many_columns"),
        (b"a\n" * 200_001, "too_many_rows"),
        (b"," * 200 + b"x", "too_many_columns"),
        (
            with_rows(f'<row r="7"><c r="A7" t="inlineStr"><is><t>{"字" * 5001}</t></is></c></row>'),
            "cell_too_long",
        ),
        ("字".encode() * 5001, "cell_too_long"),
        (xls(["字" * 5001]), "cell_too_long"),
    ],
    ids=["xlsx rows", "xlsx columns", "csv rows", "csv columns", "xlsx text", "csv text", "xls text"],
)
def test_one_more_than_the_limit_is_refused(content: bytes, code: str) -> None:
    assert refusal(content) == code


@pytest.mark.parametrize(
    "content",
    [
        with_rows('<row r="200000"><c r="GR200000"><v>1</v></c></row>'),
        with_rows(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"字" * 5000}</t></is></c></row>'),
        b"a\n" * 200_000,
        b"," * 199 + b"x",
        "字".encode() * 5000,
    ],
    ids=["xlsx place", "xlsx text", "csv rows", "csv columns", "csv text"],
)
def test_the_limit_itself_is_read(content: bytes) -> None:
    assert read(content)


def test_the_refusal_of_a_long_text_names_sheet_and_row() -> None:
    content = xlsx(*[["x"]] * 6, ["字" * 6000])

    with pytest.raises(Refused, match=r"^“名册 第 7 行”：有一格的文字太长"):
        read(content)


def test_too_many_sheets_are_refused() -> None:
    book = openpyxl.Workbook()
    for _ in range(limits.MAX_SHEETS):
        book.create_sheet()

    assert refusal(saved(book.save)) == "too_many_sheets"


def test_a_workbook_that_was_never_calculated_is_sent_back() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><f>1</f></c></row>' for n in range(1, limits.MAX_UNCACHED + 2))

    assert refusal(with_rows(rows)) == "uncached"


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_for_what_it_is(name: str) -> None:
    assert refusal(bomb(name)) in BOMBS[name][1]


def test_every_code_has_words_that_say_what_to_do() -> None:
    assert all("请" in words for words in WORDS.values())


def test_a_zip64_list_of_parts_is_read() -> None:
    """Apache POI and EasyExcel write one for the smallest file."""
    content = xlsx(["x"])
    end = content[-22:]
    count, size, start = struct.unpack("<HII", end[10:20])
    large = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, len(content) - 22, 1)

    assert read(content[:-22] + large + locator + end) == {"名册": [(1, ["x"])]}


def test_a_sheet_in_utf_16_is_refused() -> None:
    """calamine would not find its cells, and no office program writes one."""
    content = with_sheet('<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>', encoding="utf-16")

    assert refusal(content) in ("damaged", "empty")
