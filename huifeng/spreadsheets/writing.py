"""Writing plain lists: xlsx (fast, streamed), csv, ods. Official layouts are made elsewhere, by openpyxl.

A list has a sheet of data as clean as a roster, so that it can be read in again, and says beside it who made it
and for what (说明). All cells are text: an ID number, a phone, a year and month stay as they are.
"""

import csv as text_files
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from typing import Any

import tablib
from rustpy_xlsxwriter import Format, write_worksheets

from huifeng.errors import RuleBroken

from .neutral import neutral, untyped

type Row = Sequence[str]

ABOUT = "说明"
MOST_XLSX = 1_048_575  # rows of a sheet, less the heads
MOST_ODS = 20_000  # odfpy keeps the whole document in memory, and takes a millisecond a row
HEAD_GROUND = "F6F2EC"


@dataclass(frozen=True)
class Column:
    """`width` in characters of a digit; a Chinese character takes two."""

    title: str
    width: float = 12
    meaning: str = ""


@dataclass(frozen=True)
class Table:
    """A list to be written: `rows` are read once; `count` says beforehand how many there are.

    `about`: pairs for the sheet 说明, before what the columns mean.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    count: int
    about: Sequence[tuple[str, str]] = field(default=())

    def __post_init__(self) -> None:
        if len({column.title for column in self.columns}) < len(self.columns):
            raise ValueError("two columns of one title")

    @property
    def titles(self) -> list[str]:
        return [column.title for column in self.columns]

    @property
    def explanation(self) -> list[tuple[str, str]]:
        """The rows of the sheet 说明."""
        return [*self.about, *((f"列：{c.title}", c.meaning) for c in self.columns if c.meaning)]


def xlsx(table: Table) -> bytes:
    """As a workbook; rows go through one at a time. Raises RuleBroken (more rows than a sheet has)."""
    _refuse_more_than(MOST_XLSX, table, "xlsx", "请加上条件，分几份导出")
    titles, text = table.titles, Format().set_num_format("@")
    head = Format().set_bold().set_background_color(HEAD_GROUND).set_border("thin").set_num_format("@")
    wrapped = Format().set_text_wrap().set_align("top").set_num_format("@")
    stream = BytesIO()
    write_worksheets(
        [(ABOUT, _about(table)), (table.name, _records(titles, table.rows))],
        stream,
        freeze_panes={table.name: {"row": 1, "col": 0}},
        header_format={"general": head, ABOUT: head, table.name: head},
        column_widths={ABOUT: [18.0, 80.0], table.name: [float(c.width) for c in table.columns]},
        column_formats={ABOUT: [wrapped, wrapped], table.name: [text] * len(titles)},
        ignore_errors={table.name: titles},
        page_setup={
            table.name: {
                "landscape": True,
                "paper_size": 9,  # A4
                "fit_to_pages": (1, 0),
                "repeat_rows": 0,
                "center_horizontally": True,
                "footer": "&C第 &P 页，共 &N 页",
            }
        },
    )
    return stream.getvalue()


def csv(table: Table) -> bytes:
    """As text in UTF-8 with a byte order mark, by which Excel knows it; one line of explanation above the heads."""
    stream = BytesIO()
    with TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True) as lines:
        writer = text_files.writer(lines)
        if table.about:
            writer.writerow([f"{ABOUT}：" + "；".join(f"{name} {value}" for name, value in table.about)])
        writer.writerow(table.titles)
        writer.writerows([untyped(value) for value in row] for row in table.rows)
        return stream.getvalue()


def ods(table: Table) -> bytes:
    """As an OpenDocument table, for small lists. Raises RuleBroken (more than MOST_ODS rows)."""
    _refuse_more_than(MOST_ODS, table, "ods", "请改选 xlsx，或加上条件分几份导出")
    about = tablib.Dataset(*table.explanation, headers=["项目", "内容"], title=ABOUT)
    data = tablib.Dataset(headers=table.titles, title=table.name)
    for row in table.rows:
        data.append([neutral(value) for value in row])
    content: bytes = tablib.Databook([about, data]).export("ods")
    return content


@dataclass(frozen=True)
class Way:
    """A way to write a list: what it is called, what a browser is told, how it is done."""

    label: str
    content_type: str
    write: Callable[[Table], bytes]


FORMATS = {
    "xlsx": Way("Excel（xlsx）", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx),
    "csv": Way("文本（csv）", "text/csv; charset=utf-8", csv),
    "ods": Way("WPS、LibreOffice（ods）", "application/vnd.oasis.opendocument.spreadsheet", ods),
}


def _refuse_more_than(most: int, table: Table, name: str, advice: str) -> None:
    if table.count > most:
        raise RuleBroken(
            f"{name} 最多 {most:,} 行，这份名单有 {table.count:,} 行。{advice}。", code="too_many_rows"
        )


def _about(table: Table) -> list[dict[str, str]]:
    rows = [{"项目": name, "内容": value} for name, value in table.explanation]
    return rows or [{"项目": "", "内容": ""}]


def _records(titles: Sequence[str], rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Each row by its heads; without any row one empty one, as the writer takes the heads from the first."""
    some = iter(rows)
    first = next(some, [""] * len(titles))
    return (dict(zip(titles, row, strict=True)) for row in itertools.chain([first], some))
