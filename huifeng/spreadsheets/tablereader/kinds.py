"""Telling what a file is by its first bytes and its parts, never by its name."""

import re
import struct
from collections.abc import Iterable

from .refusals import Unreadable

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# What is often sent by mistake, or on purpose, under a table's name. None of them can begin a table.
_OTHERS = (
    b"%PDF-",
    b"MZ",
    b"\x7fELF",
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"{\\rtf",
    b"Rar!",
    b"7z\xbc\xaf",
    b"PK",
)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!|html|head|body|table|meta)", re.IGNORECASE)
# The first record of an .xls since Excel 5; FILEPASS comes right behind it, or behind a write protection.
_WORKBOOK_BEGINS = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00")
_FIRST_RECORDS = 8
_FILEPASS = 0x2F


def kind_of(content: bytes) -> str:
    """ "zip", "ole" or "text"; raises Unreadable for what can be no table."""
    if content.startswith(ZIP):
        return "zip"
    if content.startswith(OLE):
        return "ole"
    if content.startswith(_OTHERS):
        raise Unreadable("not_a_table")
    if _MARKUP.match(content):  # web pages that systems export as .xls; Excel's XML of 2003
        raise Unreadable("other_format")
    return "text"


def kind_of_parts(names: Iterable[str]) -> str:
    """ "xlsx" or "ods" by the names of a zip's parts, in small letters."""
    found = {name.rpartition("/")[2] for name in names}
    if "workbook.xml" in found:
        return "xlsx"
    if "workbook.bin" in found:
        raise Unreadable("other_format")
    if {"mimetype", "content.xml", "manifest.xml"} <= found:
        return "ods"
    raise Unreadable("not_a_table")


def check_ole(content: bytes) -> None:
    """Raise Unreadable unless the container holds an .xls. Directory entries are UTF-16, so their names can be seen."""
    if _entry("EncryptedPackage") in content or _has_filepass(content):
        raise Unreadable("encrypted")
    if _entry("Workbook") not in content and _entry("Book") not in content:
        raise Unreadable("not_a_table")


def _entry(name: str) -> bytes:
    return name.encode("utf-16-le") + b"\x00\x00"


def _has_filepass(content: bytes) -> bool:
    """Whether the workbook says near its beginning that the rest is encrypted. calamine only says it cannot read it."""
    begin = _WORKBOOK_BEGINS.search(content)
    at = begin.start() if begin else len(content)
    for _ in range(_FIRST_RECORDS):
        if at + 4 > len(content):
            break
        record, size = struct.unpack_from("<HH", content, at)
        if record == _FILEPASS:
            return True
        at += 4 + size
    return False
