"""From a file to a plan: what would be new, changed, left alone or refused. Writes only the plan's own rows.

Rows stream: some thousand are read, checked, looked up in the register and copied into ImportRow before the next,
so that memory does not grow with the file.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connection, transaction

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.sealed import blind_index, blind_indexes, seal
from huifeng.spreadsheets.reading import opened
from members.people import fields, pinyin, shredding
from members.people.models import Retiree

from . import register, staging
from .checking import LAST_LIXIU, Checker, Person, UnitFinder, squeezed_name, unit_finder
from .models import UNITS, ImportBatch, ImportRow
from .notes import Level, error, remark, warning
from .places import Places
from .register import Known
from .staging import Staged
from .tables import Table, tables

CHUNK = 2_000
Verdict = ImportRow.Verdict
REFUSED = (Verdict.REJECTED, Verdict.DUPLICATE)
spell = lru_cache(maxsize=50_000)(pinyin.spell)  # names repeat

type Tell = Callable[[int], None]
type Where = tuple[str, int]  # sheet and row


@dataclass
class Plan:
    """The numbers of a plan and what was said about the file as a whole."""

    counts: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    headings: dict[str, str] = field(default_factory=dict)
    units: set[int] = field(default_factory=set)


def make_plan(batch: ImportBatch, content: bytes, *, by: User, tell: Tell = lambda rows: None) -> Plan:
    """Read `content` and write the plan's rows, all or none. Repeating it makes them anew.

    `tell`: called with the number of people read so far. Raises Refused when the file as a whole cannot be read.
    """
    plan = Plan()
    maker = _Maker(batch, by, plan)
    with transaction.atomic():
        ImportRow.objects.filter(batch=batch).delete()
        with opened(content) as sheets:
            for table in tables(sheets, plan.remarks):
                plan.headings |= {name: table.headings[at] for at, name in table.fields.items()}
                for chunk in _chunks(maker.check(table)):
                    staging.copy(batch.pk, maker.stage(chunk))
                    tell(plan.counts["rows"])
                plan.remarks += _of_sheet(table)
        plan.counts["missing"] = register.missing_from(batch.pk, plan.units).count()
    return plan


def _of_sheet(table: Table) -> list[str]:
    where = f"工作表“{table.sheet}”：" if table.sheet else ""  # a .csv has no sheets
    return [where + words for words in table.remarks]


def _chunks(people: Iterable[Person]) -> Iterator[list[Person]]:
    people = iter(people)
    while chunk := list(islice(people, CHUNK)):
        yield chunk


class _Maker:
    """Keeps what must be remembered from row to row of one file."""

    def __init__(self, batch: ImportBatch, by: User, plan: Plan):
        self.organisation = batch.organisation
        self.by = by
        self.helped = set(by.helping.filter(ended_at=None).values_list("retiree_id", flat=True))
        self.plan = plan
        self.places = Places.load()
        self.unit_of: UnitFinder = unit_finder(batch.organisation, _units_of(batch.organisation))
        self.seen: dict[int | bytes, Where] = {}
        self.namesakes: dict[tuple[int | None, str, date], Where] = {}
        self.is_bureau = batch.organisation.kind == Organisation.Kind.BUREAU
        self.known_units: dict[int, str] = {}
        self.has_members: dict[int, bool] = {}

    def check(self, table: Table) -> Iterator[Person]:
        checker = Checker(table, self.places)
        return (checker.check(row, cells) for row, cells in table.people)

    def stage(self, chunk: list[Person]) -> list[Staged]:
        """The verdict on each row of the chunk, in a few queries for all of them."""
        indexes = [_indexes(person) for person in chunk]
        known = register.look_up([index for found in indexes for index in found])
        kept = register.kept_by_others([one.pk for one in known.values()])
        staged = [
            self._judge(
                person, next(iter(found), None), next((known[i] for i in found if i in known), None), kept
            )
            for person, found in zip(chunk, indexes, strict=True)
        ]
        self._number(staged)
        self._look_for_namesakes(staged)
        for row in staged:
            self.plan.counts["rows"] += 1
            self.plan.counts[row.verdict] += 1
            self.plan.counts["transfers"] += row.other_unit_id is not None
            self.plan.counts["warnings"] += row.has_warning
        return staged

    def _judge(self, person: Person, index: bytes | None, known: Known | None, kept: set[int]) -> Staged:
        unit_id, problem = self.unit_of(person)
        if problem is not None:
            person.notes.append(problem)
        elif unit_id is not None:
            self.plan.units.add(unit_id)
        row = Staged(person, unit_id=unit_id, id_index=index, person_id=known.pk if known else None)
        first = self._first_of(person, known.pk if known else index)
        if first is not None:
            words = f"和{first}是同一个人，只读{first}，请删去一行"
            person.notes.append(error("duplicate", words, "id_number"))
            row.verdict = Verdict.DUPLICATE
        elif person.is_refused:
            row.verdict = Verdict.REJECTED
        elif known is None:
            self._is_new(row)
        else:
            self._is_known(row, known, kept)
        row.has_warning = row.verdict not in REFUSED and any(n.level == Level.WARNING for n in person.notes)
        return row

    def _first_of(self, person: Person, who: int | bytes | None) -> str | None:
        """Where the file speaks of `who` before this row, in words. Who was merged has two ID numbers."""
        here = (person.sheet, person.row)
        first = self.seen.setdefault(who, here) if who is not None else here
        return None if first == here else _in_words(first, here)

    def _is_new(self, row: Staged) -> None:
        row.verdict = Verdict.NEW
        values = row.person.values
        values["name_pinyin"] = spell(values["name"])
        _seal(row)

    def _is_known(self, row: Staged, known: Known, kept: set[int]) -> None:
        """Somebody of the register: of this unit, of no unit yet, or of another one."""
        person = row.person
        row.version = known.version
        if known.user_id == self.by.pk:
            self._refuse(row, "oneself", "这是您本人，请同事或老干部局来导入这一行")
        elif known.unit_id is None and known.pk in self.helped:
            self._refuse(row, "oneself", "您是这位老同志的帮办人，请同事或老干部局来导入这一行")
        elif known.is_restricted and not self.is_bureau:
            self._is_restricted(row, known)
        elif known.unit_id not in (None, row.unit_id):
            self._is_elsewhere(row, known)
        elif known.died_on is not None:
            row.verdict = Verdict.UNCHANGED
            words = f"名册登记 {known.died_on} 已去世，没有改；如果不对，请在人员页办理恢复"
            person.notes.append(warning("dead", words, "name"))
        else:
            self._changes(row, known, kept)
            if known.unit_id is None and row.verdict != Verdict.REJECTED:
                # the unit vouches for somebody who registered alone, or has none any more
                row.verdict = Verdict.NEW

    def _is_restricted(self, row: Staged, known: Known) -> None:
        """Only a bureau sees more than that somebody is there, and where (rules P2)."""
        if known.unit_id == row.unit_id:
            row.verdict = Verdict.UNCHANGED
            row.person.notes.append(remark("restricted", "这位老同志的资料由老干部局管理，这里不改"))
        else:
            self._refuse(row, "restricted", "这一行要由老干部局办理，请和老干部局联系")

    def _is_elsewhere(self, row: Staged, known: Known) -> None:
        """In another unit's roster: nothing is overwritten. A stranger's number tells nothing about its owner."""
        if squeezed_name(known.name) != squeezed_name(row.person.values["name"]):
            self._refuse(row, "id_of_other", "这个身份证号登记的是另一个姓名，请对着身份证核对")
            return
        assert known.unit_id is not None
        if known.died_on is not None:
            self._refuse(
                row, "dead", f"名册登记 {known.died_on} 已去世，不能转入；如果不对，请和老干部局联系"
            )
            return
        row.other_unit_id = known.unit_id
        unit = self._unit_name(known.unit_id)
        words = f"现由“{unit}”管理。导入时会向该单位提出转入，同意后才转过来，这里不改"
        self._refuse(row, "other_unit", words)

    def _refuse(self, row: Staged, code: str, words: str) -> None:
        row.person.notes.append(error(code, words, "id_number"))
        row.verdict = Verdict.REJECTED

    def _changes(self, row: Staged, known: Known, kept: set[int]) -> None:
        """What of the row differs, field by field; the other side's fields are left and said (rules P1)."""
        values = row.person.values
        if squeezed_name(known.name) != squeezed_name(values["name"]):
            words = f"身份证号相同，名册里的姓名是“{known.name}”，请核对是不是同一个人"
            row.person.notes.append(warning("name_differs", words, "name"))
        phone = values.get("phone")
        wanted = register.differences(
            known, values, phone_indexes=blind_indexes(phone, "phone") if phone else []
        )
        ours = [name for name in wanted if name in fields.UNIT_OWNS or known.pk not in kept]
        for name in wanted:
            if name not in ours:
                words = f"{fields.title(name.removesuffix('_id'))}由本人或社区管理，和名册不同，这里不改"
                row.person.notes.append(remark("other_side", words, name))
        if _breaks_lixiu(known, values, ours):
            words = "离休干部应在 1949 年 9 月 30 日以前参加革命工作，请核对类别或时间"
            row.person.notes.append(error("kind_disagrees", words, "kind"))
            row.verdict = Verdict.REJECTED
            return
        row.fields = ours
        row.verdict = Verdict.CHANGED if ours else Verdict.UNCHANGED
        row.before = {name: _plain(known.values[name]) for name in ours if name not in register.SEALED}
        if "name" in ours:
            values["name_pinyin"] = spell(values["name"])
            row.before["name_pinyin"] = known.values["name_pinyin"]
        row.audited = _audited(row, known)
        if ours or known.unit_id is None:
            _seal(row)

    def _number(self, staged: list[Staged]) -> None:
        """Give every new person the id the row will have."""
        new = [row for row in staged if row.verdict == Verdict.NEW and row.person_id is None]
        for row, pk in zip(new, _next_ids(len(new)), strict=True):
            row.person_id = pk

    def _look_for_namesakes(self, staged: list[Staged]) -> None:
        """Somebody new with the name and birthday of a member, or of another row, is perhaps the same person."""
        new = [row for row in staged if row.verdict == Verdict.NEW and row.version is None]
        asked = {(row.person.values["name"], row.person.values["birth_date"]) for row in new}
        members = register.namesakes(self._units_with_members(), asked)
        for row in new:
            name, birth = row.person.values["name"], row.person.values["birth_date"]
            here = (row.person.sheet, row.person.row)
            first = self.namesakes.setdefault((row.unit_id, name, birth), here)
            if (name, birth) in members:
                words = "名册里已有同名、同日出生的人，身份证号不同，请核对；导入后可在“疑似重复”里并成一人"
                row.person.notes.append(warning("likely_duplicate", words, "name"))
            elif first != here:
                words = f"和{_in_words(first, here)}同名、同日出生，身份证号不同，请核对是不是一个人"
                row.person.notes.append(warning("likely_duplicate", words, "name"))
            else:
                continue
            row.has_warning = True

    def _units_with_members(self) -> list[int]:
        """Of the units met so far those that have members; each is asked about once."""
        for pk in self.plan.units - self.has_members.keys():
            self.has_members[pk] = register.has_members(pk)
        return [pk for pk, has_some in self.has_members.items() if has_some]

    def _unit_name(self, pk: int) -> str:
        if pk not in self.known_units:
            self.known_units[pk] = Organisation.objects.values_list("name", flat=True).get(pk=pk)
        return self.known_units[pk]


def _units_of(organisation: Organisation) -> dict[str, int]:
    """pk by name: for a bureau the open units of its area, for a unit all of them, to notice another's name."""
    units = Organisation.objects.open().filter(kind__in=UNITS)
    if organisation.kind == Organisation.Kind.BUREAU:
        units = units.filter(division__code__startswith=organisation.area)
    return dict(units.values_list("name", "pk"))


def _in_words(first: Where, here: Where) -> str:
    return f"第 {first[1]} 行" if first[0] == here[0] else f"工作表“{first[0]}”第 {first[1]} 行"


def _indexes(person: Person) -> list[bytes]:
    """Of the ID number, under every key in use, the newest first."""
    number = person.values.get("id_number")
    return blind_indexes(number, "id_number") if number else []


def _seal(row: Staged) -> None:
    """Encrypt what must not lie in the plan in the open."""
    values = row.person.values
    values["id_number"] = seal(values["id_number"], "people.id_number")
    phone = values.get("phone")
    if phone:
        values["phone_index"], values["phone_tail"] = blind_index(phone, "phone"), phone[-4:]
        values["phone"] = seal(phone, "people.phone")
    if values.get("emergency_phone"):
        values["emergency_phone"] = seal(values["emergency_phone"], "people.emergency_phone")


def _audited(row: Staged, known: Known) -> dict[str, Any]:
    """What tells who somebody is, of the values before and after, as the audit keeps it."""
    secret, new = known.values["audit_secret"], row.person.values
    names = [name for name in row.fields if name not in shredding.PLAIN]
    return {
        side: {name: shredding.value(name, known.pk, secret, _plain(values[name])) for name in names}
        for side, values in (("before", known.values), ("after", new))
    }


def _breaks_lixiu(known: Known, values: dict[str, Any], ours: list[str]) -> bool:
    """Whether kind and first working day contradict each other once the changes are made (rules P4)."""
    after = {
        name: values[name] if name in ours else known.values[name] for name in ("kind", "joined_work_on")
    }
    return after["kind"] == Retiree.Kind.LIXIU and after["joined_work_on"][:7] > LAST_LIXIU


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date) else value


def _next_ids(count: int) -> list[int]:
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Retiree._meta.db_table, count],
        )
        return [pk for (pk,) in cursor.fetchall()]
