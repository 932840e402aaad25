"""Finding the table in a sheet: the heading among titles, the people among samples, totals, notes and signatures."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from django.core.exceptions import ValidationError

from huifeng.spreadsheets.reading import Cell, Refused, Sheet
from members.people import id_numbers

from . import columns
from .cells import text_of, without_unseen

DEEPEST_HEADING = 40  # rows with content above a heading; after that a sheet holds no roster
NEEDED = ("name", "id_number")
SAMPLE_NAMES = frozenset(["张三", "李四", "王五", "某某", "×××", "XXX"])  # some are really called so
SAMPLE = re.compile(r"示例|样例|举例|^例[:：]?$")
TOTAL = re.compile(r"^(?:合计|总计|小计|共计|总数|累计)")
BELOW = re.compile(
    r"^(?:填表|填报|制表|审核|审批|负责人|经办|联系人|联系电话|单位[(（]?(?:盖章|公章)|[(（]?盖章|日期|说明|注[:：]|注意|备注[:：]|附件"
    r"|填写说明|[*※]|.{0,8}(?:签字|签名|盖章|负责人|领导|审核人|经办人)(?:[(（].{1,4}[)）])?[:：])"
)
ONLY_A_NAME = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·]{2,4}")
LONGEST_SERIAL = 6  # characters of a running number; more are a note in the first column
MOST_SAID = 20  # remarks of one kind about one sheet


@dataclass
class Table:
    """The roster in one sheet. `fields` are by column from 0; `remarks` fill while `people` is read."""

    sheet: str
    fields: dict[int, str]
    headings: dict[int, str]
    heading_row: int
    people: Iterator[tuple[int, list[Cell]]]
    uncached: frozenset[tuple[int, int]]
    remarks: list[str] = field(default_factory=list)

    def heading(self, name: str) -> str:
        """What the file calls a field; our own word when the file has no such column."""
        return next(
            (self.headings[i] for i, known in self.fields.items() if known == name), columns.title_of(name)
        )

    def column_of(self, name: str) -> int | None:
        return next((i for i, known in self.fields.items() if known == name), None)


def tables(sheets: Iterable[Sheet], remarks: list[str]) -> Iterator[Table]:
    """The rosters of a file, sheet by sheet; what is not read is said in `remarks`.

    Raises Refused when no sheet has a heading with name and ID number: it lists what was found instead.
    """
    found = False
    nearest: list[str] = []
    for sheet in sheets:
        if not sheet.visible:
            remarks.append(f"工作表“{sheet.name}”是隐藏的，没有读")
            continue
        table, seen = _table(sheet)
        if table is not None:
            found = True
            yield table
            continue
        if seen:
            remarks.append(f"工作表“{sheet.name}”里没有名册（没有“姓名”和“身份证号”两列），没有读")
        nearest = max(nearest, seen, key=len)
    if not found:
        raise Refused(_no_heading(nearest), code="no_heading" if nearest else "empty")


def _no_heading(nearest: list[str]) -> str:
    if not nearest:
        return "文件是空的，没有读到任何内容。请选对文件再上传。"
    read = "、".join(nearest[:12])
    return (
        f"没有找到名册的表头。表头里至少要有“姓名”和“身份证号”，读到的是：{read}。请对照模板改好表头再上传。"
    )


def _table(sheet: Sheet) -> tuple[Table | None, list[str]]:
    """The sheet's roster, or None with the headings that looked most like one."""
    above: list[tuple[int, list[Cell]]] = []
    rows = iter(sheet.rows)
    nearest: list[str] = []
    while (line := next(rows, None)) is not None:
        number, cells = line
        known = _fields(cells)
        if "name" in known.values() and len(known) > 1:
            following = next(rows, None)
            fields, headings, is_double = _headings(cells, following)
            if not is_double and following is not None:
                rows = chain([following], rows)
            if all(name in fields.values() for name in NEEDED):
                return _begin(sheet, fields, headings, number + is_double, rows), []
            nearest = max(nearest, list(headings.values()), key=len)
        above.append((number, cells))
        nearest = max(nearest, [text_of(c)[:20] for c in cells if c != ""], key=len) if not known else nearest
        if len(above) >= DEEPEST_HEADING:
            break
    for _ in rows:  # a sheet is read to its end before the next one begins
        pass
    return None, nearest


def _begin(
    sheet: Sheet,
    fields: dict[int, str],
    headings: dict[int, str],
    heading_row: int,
    rows: Iterator[tuple[int, list[Cell]]],
) -> Table:
    table = Table(sheet.name, fields, headings, heading_row, iter(()), sheet.uncached)
    unused = [text for i, text in headings.items() if i not in fields]
    if unused:
        table.remarks.append(f"没有用到的列：{'、'.join(unused[:MOST_SAID])}")
    hidden = [headings[i] for i in sorted(sheet.hidden_columns) if i in headings]
    if hidden:
        table.remarks.append(f"隐藏的列也读了：{'、'.join(hidden[:MOST_SAID])}")
    table.people = _people(table, rows, sheet.hidden_rows)
    return table


def _fields(cells: list[Cell]) -> dict[int, str]:
    found = ((i, columns.field_of(cell)) for i, cell in enumerate(cells) if isinstance(cell, str) and cell)
    return {i: name for i, name in found if name is not None}


def _headings(
    first: list[Cell], second: tuple[int, list[Cell]] | None
) -> tuple[dict[int, str], dict[int, str], bool]:
    """(fields, headings as written, whether the heading has two rows) by column.

    In a heading of two rows a group (基础信息) stands over its columns; a column that is merged downwards has
    its word in the first row.
    """
    lower = second[1] if second is not None else []
    is_double = _is_second_row(first, lower)
    headings: dict[int, str] = {}
    fields: dict[int, str] = {}
    group = ""
    for i in range(max(len(first), len(lower) if is_double else 0)):
        above = str(first[i]).strip() if i < len(first) else ""
        below = str(lower[i]).strip() if is_double and i < len(lower) else ""
        group = above or group
        written = below or above
        if not written:
            continue
        headings[i] = " ".join(without_unseen(written).split())
        name = columns.field_of(written) or (columns.field_of(group + below) if below else None)
        if name is not None:
            _claim(fields, headings, i, name)
    return fields, headings, is_double


def _is_second_row(first: list[Cell], second: list[Cell]) -> bool:
    """A second row of headings: known words, nothing under the name, and no digits anywhere."""
    at = next(i for i, name in _fields(first).items() if name == "name")
    if not second or (at < len(second) and second[at] != ""):
        return False
    text = [cell for cell in second if cell != ""]
    return (
        bool(text)
        and all(isinstance(cell, str) and not re.search(r"\d{6}", cell) for cell in text)
        and (bool(_fields(second)) or len(text) > 1)
    )


def _claim(fields: dict[int, str], headings: dict[int, str], at: int, name: str) -> None:
    """Two columns of one meaning: the one with the better known word is taken."""
    other = next((i for i, known in fields.items() if known == name), None)
    if other is None or name == columns.SKIPPED:
        fields[at] = name
    elif _fame(name, headings[at]) < _fame(name, headings[other]):
        del fields[other]
        fields[at] = name


def _fame(name: str, heading: str) -> int:
    known = [columns.plain(word) for word in columns.HEADINGS[name]]
    return known.index(columns.plain(heading)) if columns.plain(heading) in known else len(known)


def _people(
    table: Table, rows: Iterator[tuple[int, list[Cell]]], hidden: frozenset[int]
) -> Iterator[tuple[int, list[Cell]]]:
    """The rows that speak of a person, as wide as the heading; of the others the reason is remarked."""
    width = max(table.headings) + 1
    name_at, id_at = table.column_of("name"), table.column_of("id_number")
    assert name_at is not None
    assert id_at is not None
    serials = [i for i, name in table.fields.items() if name == columns.SKIPPED]
    hidden_people = 0
    for number, cells in rows:
        if len(cells) < width:
            cells = cells + [""] * (width - len(cells))
        reason = _not_a_person(cells, name_at, id_at, serials)
        if reason is None:
            hidden_people += number in hidden
            yield number, cells
        elif reason and len(table.remarks) < MOST_SAID:
            table.remarks.append(f"第 {number} 行是{reason}，没有读")
    if hidden_people:
        table.remarks.append(f"有 {hidden_people} 行是隐藏的，也读了，请核对")


def _not_a_person(cells: list[Cell], name_at: int, id_at: int, serials: list[int]) -> str | None:
    """None for a person; else what the row is, "" when that need not be said."""
    name, number = cells[name_at], cells[id_at]
    if name != "" and number != "":
        if _is_sample(cells, name_at, id_at):
            return "示例"
        if TOTAL.match(str(name)):
            return "合计"
        return "重复的表头" if columns.field_of(name) == "name" else None
    if name == number == "" and _is_heading(cells):
        return "重复的表头"
    filled = [(i, cell) for i, cell in enumerate(cells) if cell != "" and i not in serials]
    first = str(next((cell for cell in cells if cell != ""), "")).replace(" ", "").replace("\u3000", "")
    if not filled:
        return "合计" if TOTAL.match(first) else "说明" if len(first) > LONGEST_SERIAL else ""
    if TOTAL.match(first) or TOTAL.match(str(filled[0][1]).replace(" ", "")):
        return "合计"
    if BELOW.match(first) or BELOW.match(str(filled[0][1]).strip()):
        return "说明或签字"
    if len(filled) == 1:
        at, cell = filled[0]
        is_name = at == name_at and ONLY_A_NAME.fullmatch(str(cell).replace(" ", ""))
        return None if is_name or at == id_at else "说明"
    return "示例" if _is_sample(cells, name_at, id_at) else None


def _is_heading(cells: list[Cell]) -> bool:
    """Whether all that stands here are words of headings: the lower row of a heading that comes again."""
    filled = [cell for cell in cells if cell != ""]
    return len(filled) > 1 and all(isinstance(cell, str) and columns.field_of(cell) for cell in filled)


def _is_sample(cells: list[Cell], name_at: int, id_at: int) -> bool:
    """Somebody made up: a word says so, or a name of the textbooks has no real ID number."""
    if any(isinstance(cells[i], str) and SAMPLE.search(str(cells[i])) for i in (0, name_at, len(cells) - 1)):
        return True
    if "".join(str(cells[name_at]).split()).upper() not in SAMPLE_NAMES:
        return False
    try:
        return not id_numbers.clean(str(cells[id_at]))
    except ValidationError:
        return True
