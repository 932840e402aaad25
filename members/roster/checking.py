"""One row of a roster: what each cell means, and whether the cells agree with each other. Knows no register."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from communities.organisations.models import Organisation
from huifeng.spreadsheets.reading import Cell
from members.people import id_numbers
from members.people.models import Retiree

from . import cells as readers
from . import columns, dates
from .cells import Read, Reading, Values
from .notes import Level, Note, error, warning
from .places import Places
from .tables import Table

LAST_LIXIU = "1949-09"
LONGEST_SHEET = 31  # characters Excel allows in the name of a sheet
REQUIRED = ("name", "id_number", "kind")


@dataclass(slots=True)
class Person:
    """What a row says: `values` by field of Retiree, `unit` as the row itself names it."""

    sheet: str
    row: int
    values: Values
    notes: list[Note]
    unit: str

    @property
    def is_refused(self) -> bool:
        return any(note.level == Level.ERROR for note in self.notes)


class Memory(dict[Cell, Reading]):
    """Readings of one column: equal cells are read once."""

    def __init__(self, read: Read):
        self.read = read

    def __missing__(self, cell: Cell) -> Reading:
        found = self[cell] = self.read(cell)
        return found


def _reader(name: str) -> Read:
    """How a column is read; where people repeat themselves, with a memory. Spaces alone say nothing."""
    read = readers.READERS[name]

    def filled(cell: Cell) -> Reading:
        return readers.NOTHING if isinstance(cell, str) and cell.isspace() else read(cell)

    return filled if name in readers.UNIQUE else Memory(filled).__getitem__


@dataclass
class Checker:
    """Checks the rows of one table."""

    table: Table
    places: Places
    _plan: list[tuple[int, Read]] = field(init=False)
    _uncached: dict[int, list[int]] = field(init=False)  # columns by row

    def __post_init__(self) -> None:
        fields = self.table.fields
        self._plan = [(at, _reader(name)) for at, name in fields.items() if name != columns.SKIPPED]
        self._has_kind = "kind" in fields.values()
        self._uncached = defaultdict(list)
        for row, at in sorted(self.table.uncached):
            self._uncached[row].append(at)

    def check(self, row: int, cells: list[Cell]) -> Person:
        values: Values = {}
        notes: list[Note] = []
        for at, read in self._plan:
            cell = cells[at]
            if cell != "":
                said, about = read(cell)
                values.update(said)
                if about:
                    notes += about
        if row in self._uncached:
            notes += self._formulas(row)
        self._missing(values, notes)
        _agree(values, notes)
        self._settle(values, notes)
        return Person(self.table.sheet, row, values, notes, values.pop(columns.UNIT, ""))

    def _missing(self, values: Values, notes: list[Note]) -> None:
        said = {note.field for note in notes}
        if "name" not in values and "name" not in said:
            notes.append(error("required", "没有姓名，请填上", "name"))
        if "id_number" not in values and "id_number" not in said:
            notes.append(error("required", "没有身份证号，请填上", "id_number"))
        if self._has_kind and "kind" not in values and "kind" not in said:
            notes.append(error("required", "没有离退休类别，请填“离休”或“退休”", "kind"))

    def _formulas(self, row: int) -> list[Note]:
        """Formulas whose result the file does not hold: nobody computes them here. Without who it is no row is read."""
        notes = []
        for at in self._uncached[row]:
            name = self.table.fields.get(at, columns.SKIPPED)
            if name == columns.SKIPPED:
                continue
            words = (
                f"{self.table.headings[at]}是公式，文件里没有结果，没有读；请在 Excel 里打开、保存后再上传"
            )
            notes.append((error if name in REQUIRED else warning)("formula", words, name))
        return notes

    def _settle(self, values: Values, notes: list[Note]) -> None:
        """Turn district, street and community into the place; outside the city all words are the address."""
        words = [values.pop(name, "") for name in columns.PLACE]
        if not any(words):
            return
        home = self.places.find(*words)
        notes += home.notes
        if home.code:
            values["residence_id"], values["elsewhere"] = home.code, ""
        if home.elsewhere:
            values["elsewhere"] = home.elsewhere
            values["residence_address"] = ("".join(words) + values.get("residence_address", ""))[:200]


def _agree(values: Values, notes: list[Note]) -> None:
    """What the cells say of each other. The ID number decides birth and sex; the rest is only said.

    Source: docs/rules.md, P4.
    """
    number = values.get("id_number")
    written_birth, written_sex = values.pop(columns.BIRTH, ""), values.get("sex")
    if number:
        birth, sex = id_numbers.birth_date(number), id_numbers.sex(number)
        if written_birth and not dates.same(_without_first(written_birth), str(birth)):
            words = f"出生日期 {written_birth} 和身份证号（{birth}）不一致，以身份证号为准，请核对"
            notes.append(warning("birth_disagrees", words, columns.BIRTH))
        if written_sex and written_sex != sex:
            words = f"性别和身份证号不一致，以身份证号为准（{Retiree.Sex(sex).label}），请核对"
            notes.append(warning("sex_disagrees", words, "sex"))
        values["birth_date"], values["sex"] = birth, sex
    began, retired = values.get("joined_work_on", ""), values.get("retired_on", "")
    if began and retired and retired < began[: len(retired)]:
        words = f"离退休时间 {retired} 早于参加工作时间 {began}，请核对"
        notes.append(warning("dates_disagree", words, "retired_on"))
    if values.get("kind") == Retiree.Kind.LIXIU and began[:7] > LAST_LIXIU:
        words = f"离休干部应在 1949 年 9 月 30 日以前参加革命工作，这里是 {began}，请核对类别或时间"
        notes.append(error("kind_disagrees", words, "kind"))
    if values.get("party_joined_on") and values.get("political_status") == "masses":
        words = "填了入党时间，政治面貌却是群众，请核对"
        notes.append(warning("party_disagrees", words, "political_status"))


def _without_first(birth: str) -> str:
    """The first of a month is what Excel makes of a month alone, so it says no more than the month."""
    return birth[:7] if birth.endswith("-01") else birth


type UnitFinder = Callable[[Person], tuple[int | None, Note | None]]


def unit_finder(organisation: Organisation, units: dict[str, int]) -> UnitFinder:
    """Which unit a row belongs to: for a unit's file that unit, for a bureau's file the one that row or sheet
    names. `units`: pk by name, of the units the file may speak of.
    """
    names = {_squeezed(name): pk for name, pk in units.items()}
    sheets = {name[:LONGEST_SHEET]: pk for name, pk in names.items()}
    is_bureau = organisation.kind == Organisation.Kind.BUREAU

    def find(person: Person) -> tuple[int | None, Note | None]:
        for words, known in ((person.unit, names), (person.sheet, sheets)):
            named = known.get(_squeezed(words)) if words else None
            if named is not None and (is_bureau or named == organisation.pk):
                return named, None
            if named is not None:
                text = f"这一行写的是“{words}”，不是“{organisation.name}”，请由那个单位导入"
                return None, error("other_unit_named", text, columns.UNIT)
            if words and is_bureau:  # what a row says of its unit is not made good by the sheet's name
                break
        if not is_bureau:
            return organisation.pk, None
        text = f"不知道是哪个单位的人（“{person.unit or person.sheet}”不是辖区内的单位），请填单位全称"
        return None, error("unit_unknown", text, columns.UNIT)

    return find


def _squeezed(name: str) -> str:
    """As `cells.place` leaves a unit's name: without spaces, brackets narrow."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def squeezed_name(name: str) -> str:
    """A name without dots and spaces, for comparing two ways of writing it."""
    return "".join(character for character in name if character.isalnum())
