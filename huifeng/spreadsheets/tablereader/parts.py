"""Checking every part of a zipped workbook, and knowing which part is which sheet."""

import html
import posixpath
import re
from zipfile import ZipInfo

from .limits import MB
from .refusals import Unreadable
from .scan import UNKNOWN, Found, check_part, check_sheet
from .zipped import unpacked

_MAX_INDEX = 4 * MB  # workbook.xml and its relations: a few kilobytes in life

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^<>]*)")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^<>]*)")
_ATTRIBUTE = re.compile(rb"(?:^|\s)(?:\w+:)?(id|Target)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)


class Workbook:
    """The parts of an .xlsx: first all but the sheets are checked, then, at the caller's time, the sheets."""

    def __init__(self, content: bytes, parts: list[ZipInfo]):
        self._content = content
        self._sheets = _sheet_parts(content, parts)
        self._parts = parts
        self._zeros = False
        for part in parts:
            name = plain_name(part)
            if name not in self._sheets:
                zeros = check_part(unpacked(content, part))
                self._zeros |= zeros and name.endswith("sharedstrings.xml")  # pictures are full of them

    def check_sheets(self) -> list[Found]:
        """What each sheet hides, in the order of the workbook. Raises Unreadable."""
        found = {
            plain_name(part): check_sheet(unpacked(self._content, part))
            for part in self._parts
            if plain_name(part) in self._sheets
        }
        for sheet in found.values():
            sheet.zeros = sheet.zeros or self._zeros
        return [found.get(name, UNKNOWN) for name in self._sheets]


def check_document(content: bytes, parts: list[ZipInfo]) -> None:
    """Check all parts of an .ods. An encrypted one says so in its manifest."""
    for part in parts:
        if plain_name(part) == "meta-inf/manifest.xml" and b"encryption-data" in _whole(content, part):
            raise Unreadable("encrypted")
        check_part(unpacked(content, part))


def plain_name(part: ZipInfo) -> str:
    """The name as calamine compares names: without regard to capitals and slashes."""
    return part.filename.replace("\\", "/").lower()


def _sheet_parts(content: bytes, parts: list[ZipInfo]) -> list[str]:
    """The parts' names of the workbook's sheets, in its order."""
    by_name = {plain_name(part): part for part in parts}
    workbook = min((name for name in by_name if name.rpartition("/")[2] == "workbook.xml"), key=len)
    folder = posixpath.dirname(workbook)
    relations = by_name.get(posixpath.join(folder, "_rels/workbook.xml.rels"))
    if relations is None:
        raise Unreadable("damaged")
    targets = {}
    for found in _RELATION.finditer(_whole(content, relations)):
        relation = _attributes(found[1])
        target = relation.get("target", "").replace("\\", "/").lower()
        targets[relation.get("id")] = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
    sheets = (_attributes(found[1]) for found in _SHEET.finditer(_whole(content, by_name[workbook])))
    return [targets.get(sheet.get("id"), "") for sheet in sheets]


def _attributes(tag: bytes) -> dict[str, str]:
    """Id (with any prefix) and Target of a tag."""
    found = _ATTRIBUTE.finditer(tag)
    return {a[1].decode().lower(): html.unescape((a[2] or a[3] or b"").decode()) for a in found}


def _whole(content: bytes, part: ZipInfo) -> bytes:
    if part.file_size > _MAX_INDEX:
        raise Unreadable("damaged")
    return b"".join(unpacked(content, part))
