"""Tables of every kind, whole and broken, made on the spot."""

import io
import struct
import zipfile
from collections.abc import Callable

import odf.opendocument
import odf.table
import odf.text
import openpyxl
import psutil
import xlwt

from huifeng.spreadsheets import running
from huifeng.spreadsheets.reading import Cell, opened

type Rows = list[tuple[int, list[Cell]]]

HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
SHEET = "xl/worksheets/sheet1.xml"


def read(content: bytes) -> dict[str, Rows]:
    """Everything a file holds: rows by sheet."""
    with opened(content) as sheets:
        return {sheet.name: list(sheet.rows) for sheet in sheets}


def rows_of(content: bytes) -> Rows:
    """The rows of the only sheet."""
    (rows,) = read(content).values()
    return rows


def child_processes() -> list[psutil.Process]:
    """The readers this process has started and not ended: the test database's engines are children too."""
    return [child for child in psutil.Process().children() if str(running._CHILD) in child.cmdline()]


def xlsx(*rows: list[object], **cells: object) -> bytes:
    """A workbook with the sheet 名册: rows from A1 on, then single cells by name."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "名册"
    for row in rows:
        sheet.append(row)
    for place, value in cells.items():
        sheet[place] = value
    return saved(book.save)


def saved(save: Callable[[io.BytesIO], object]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def rezipped(content: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """The same zip with every part passed through `change`, and `more` parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, part in more.items():
            new.writestr(name, part)
    return file.getvalue()


def with_sheet(xml: str, head: str = HEAD, encoding: str = "utf-8") -> bytes:
    """A workbook whose only sheet is this XML."""
    sheet = f"{head}{xml}</{head[1:].split()[0]}>".encode(encoding)
    return rezipped(xlsx(["x"]), lambda name, part: sheet if name == SHEET else part)


def with_rows(xml: str) -> bytes:
    return with_sheet(f"<sheetData>{xml}</sheetData>")


def with_strings(content: bytes, items: bytes, count: int = 1) -> bytes:
    """The workbook with a table of shared texts, which openpyxl does not write."""
    strings = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="%d">' % count
    )
    return rezipped(content, lambda _, part: part, **{"xl/sharedStrings.xml": strings + items + b"</sst>"})


def xls(*rows: list[object]) -> bytes:
    """An .xls of Excel 97 with the sheet 名册."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("名册")
    date = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            sheet.write(y, x, value, date) if hasattr(value, "year") else sheet.write(y, x, value)
    return saved(book.save)


def locked_xls() -> bytes:
    """An .xls whose stream says, where Excel says it, that the rest is encrypted (record FILEPASS, 002F)."""
    content = xls(["x"])
    start = content.index(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20  # behind the record BOF
    filepass = struct.pack("<HHHHI", 0x2F, 8, 1, 1, 1)
    assert content[start : start + 12].startswith(b"\xe1\x00\x02\x00")
    return content[:start] + filepass + content[start + 12 :]


def locked_xlsx() -> bytes:
    """What Excel writes for a workbook with a password: a container with the entry EncryptedPackage."""
    return xls(["x"]).replace("Workbook\0".encode("utf-16-le"), "Encrypte\0".encode("utf-16-le")) + (
        "EncryptedPackage\0".encode("utf-16-le")
    )


def ods(*rows: list[str]) -> bytes:
    document = odf.opendocument.OpenDocumentSpreadsheet()
    table = odf.table.Table(name="名册")
    for row in rows:
        line = odf.table.TableRow()
        for value in row:
            cell = odf.table.TableCell(valuetype="string")
            cell.addElement(odf.text.P(text=value))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    return saved(document.write)


def lying_about_size(content: bytes, name: str, size: int) -> bytes:
    """The zip with another unpacked size for a part, in its own header and in the list of parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        real = struct.pack("<I", archive.getinfo(name).file_size)
    at, changed = 0, bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        while (at := content.find(signature, at)) >= 0:
            if changed[at + offset : at + offset + 4] == real:
                changed[at + offset : at + offset + 4] = struct.pack("<I", size)
            at += 4
        at = 0
    return bytes(changed)
