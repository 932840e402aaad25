"""The list behind a cell: the same condition on the same facts as the figure, in order of people, page by page."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from checkin.record.models import CheckIn
from checkin.statistics import catalogue, facts
from checkin.statistics.catalogue import At, Measure
from checkin.statistics.facts import Relation
from checkin.statistics.live_sql import CHECKIN, DIVISION, FACT, ORGANISATION, PERSON
from checkin.statistics.months import Month, require_begun
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree

from .asking import Where, ask, look_up
from .movers import movers
from .reach import MOST, relation_for
from .tables import LENGTHS

PAGE = 50
BLOCK, GROWTH = 400, 4  # people looked at one by one in one query; in the next one so many times more
BLOCKS = (BLOCK, 1_600, 6_400, 12_800)  # so many of everybody, before all are counted at once
SMALL = LENGTHS["street"]  # an area from here down is found through its own people


@dataclass(frozen=True)
class Entry:
    """One person of a list, as they were in the month. `retiree` is the person of today (name, masked numbers)."""

    retiree: Retiree
    place: str
    place_name: str
    unit_name: str
    age: int | None
    channel: str
    came: str
    gone: str
    pending: str
    overdue: bool
    late: bool
    checkin_id: int | None


@dataclass(frozen=True)
class Cell:
    """The people a figure counts. `sees_restricted`: whether the reader may see restricted people (限制查看)."""

    month: Month
    measure: Measure
    where: Where
    sees_restricted: bool

    def count(self) -> int:
        """The figure: everybody, also those who are not listed to the reader."""
        return self._counts[0]

    def hidden(self) -> int:
        """How many of them are not listed to the reader."""
        return self._counts[1]

    @cached_property
    def _counts(self) -> tuple[int, int]:
        hidden = "0" if self.sees_restricted else "count(*) FILTER (WHERE r.is_restricted)"
        relation = self._relation if self._few is None else facts.live(self.month, ids=self._few)
        return self._select(f"count(*), {hidden}", relation)[0]

    def words(self) -> str:
        """How many there are, and why the list is shorter than the figure when it is."""
        count, hidden = self.count(), self.hidden()
        return f"共 {count} 人" + (f"，其中 {hidden} 人限制查看，不在名单中列出" if hidden else "")

    def retiree_ids(self, after: int = 0, size: int | None = PAGE) -> list[int]:
        """The ids of those listed, ascending, from the first greater than `after`. `size` None: all."""
        return [row[0] for row in self._rows("f.retiree_id", after, size)]

    def page(self, after: int = 0, size: int = PAGE) -> list[Entry]:
        """The next people after `after`; the last one's id asks for the next page. Four queries."""
        columns = (
            "f.retiree_id, f.place, f.unit_id, f.age, f.channel, f.came, f.gone, f.pending, f.overdue, f.late,"
            " f.checkin_id"
        )
        rows = self._rows(columns, after, size)
        with as_program("who was counted in a month is named, wherever they are now"):
            people = Retiree.objects.in_bulk([row[0] for row in rows])
        places = {row[1] for row in rows}
        names = dict(Division.objects.filter(pk__in=places).values_list("code", "short_name"))
        units = dict(Organisation.objects.filter(pk__in={row[2] for row in rows}).values_list("pk", "name"))
        return [
            Entry(people[pk], place, names.get(place, ""), units.get(unit, ""), *rest)
            for pk, place, unit, *rest in rows
        ]

    def _rows(self, columns: str, after: int, size: int | None) -> list[tuple[Any, ...]]:
        """From the frozen facts, or a unit's people; else from those few who can be meant, some after the other; else
        from some of everybody after the other, and where these hold too few from everybody's facts."""
        if self._few is not None and size is not None:
            return self._of_few(self._few, columns, after, size)
        if self._few is not None:
            return self._select(columns, facts.live(self.month, ids=self._few), after)
        found = None
        if size is not None and self._relation.is_of_everybody_live:
            found = self._of_first(columns, after, size)
        return self._select(columns, self._relation, after, size) if found is None else found

    @cached_property
    def _relation(self) -> Relation:
        return relation_for(self.month, self.where)

    @cached_property
    def _few(self) -> list[int] | None:
        """Those few of everybody who can only be meant, ascending; None where that does not help."""
        if not self._relation.is_of_everybody_live:
            return None
        few = self._near(self._relation)
        if few is None and self._is_asked_now:
            few = [pk for (pk,) in look_up(ASKING, {})]
        if few is None:
            few = movers(self.measure, self._relation)
        return few if few is not None and len(few) <= MOST else None

    def _of_few(self, few: Sequence[int], columns: str, after: int, size: int) -> list[tuple[Any, ...]]:
        """The rows of `few`, looked at block by block, each longer than the one before."""
        left, block = few[bisect_right(few, after) :], BLOCK
        found: list[tuple[Any, ...]] = []
        while left and len(found) < size:
            found += self._select(columns, facts.live(self.month, ids=left[:block]), after, size - len(found))
            left, block = left[block:], block * GROWTH
        return found

    def _of_first(self, columns: str, after: int, size: int) -> list[tuple[Any, ...]] | None:
        """The rows of everybody block by block; None where the blocks end before the people do."""
        found: list[tuple[Any, ...]] = []
        for block in BLOCKS:
            ids = [pk for (pk,) in look_up(f"{EVERYBODY} LIMIT {block}", {"after": after})]
            found += self._select(columns, facts.live(self.month, ids=ids), after, size - len(found))
            if len(found) == size or len(ids) < block:
                return found
            after = ids[-1]
        return None

    @property
    def _is_asked_now(self) -> bool:
        """Only those with an open request can be counted; of a past month also some whose request has ended since."""
        return self.measure.at == At.ASKED and self.month == Month.current()

    def _near(self, relation: Relation) -> list[int] | None:
        """Those who can only be the people of a small area; None where that does not help."""
        is_past = self.month < Month.current()
        area, nowhere = self.where.area, "000"
        if len(area) < SMALL or area[6:9] == nowhere or (self.measure.at == At.ASKED and is_past):
            return None
        sql = NEAR + (NEAR_FROZEN if relation.params["opening_month"] is not None else "")
        return sorted(pk for (pk,) in look_up(sql, relation.params | {"near": area + "%"}))

    def _select(
        self, columns: str, relation: Relation, after: int = 0, size: int | None = None
    ) -> list[tuple[Any, ...]]:
        condition, params = self.where.sql()
        is_list = not columns.startswith("count")
        seen = "" if self.sees_restricted else f" JOIN {PERSON} r ON r.id = f.retiree_id"
        if seen and is_list:
            seen += " AND NOT r.is_restricted"
        order = " WHERE f.retiree_id > %(after)s ORDER BY f.retiree_id" if is_list else ""
        limit = f" LIMIT {int(size)}" if size is not None else ""
        sql = (
            f"SELECT {columns} FROM (SELECT * FROM ({relation.sql}) AS f"  # noqa: S608
            f" WHERE {_condition(self.measure)} AND {condition}) AS f{seen}{order}{limit}"
        )
        return ask(relation, sql, params | {"within": self.where.area + "%", "after": after})


def cell_people(
    month: Month,
    area: str,
    measure: str,
    *,
    sees_restricted: bool,
    unit_ids: Collection[int] | None = None,
    filters: Mapping[str, str] | None = None,
) -> Cell:
    """The people behind the figure `measure` of `area`, narrowed as its table was. Raises RuleBroken as table().

    A row of people whose part of the area is not known is asked for by its full code (370202000000).
    """
    require_begun(month)
    if not area.isdecimal() or len(area) not in LENGTHS.values():
        raise RuleBroken("没有这个地区，请从报表里点地区。", code="unknown_area")
    where = Where(area, tuple(unit_ids) if unit_ids is not None else None, dict(filters or {}))
    return Cell(month, catalogue.measure(measure), where, sees_restricted)


def _condition(measure: Measure) -> str:
    """The measure's condition with its place. What an index holds only in part is named beside it."""
    at = f"{measure.at} LIKE %(within)s"
    if measure.at == At.FROM:  # where they were is where they are, unless they went
        at = f"(place LIKE %(within)s OR gone <> '') AND {at}"
    return f"{measure.condition} AND {at}"


_OPEN = ", ".join(f"'{state}'" for state in CheckIn.AT_DESK)
EVERYBODY = f"SELECT id FROM {PERSON} WHERE id > %(after)s ORDER BY id"  # noqa: S608
ASKING = f"""
    SELECT DISTINCT retiree_id FROM {CHECKIN} WHERE state IN ({_OPEN}) ORDER BY retiree_id
"""  # noqa: S608

# Who can be counted in a small area: who lives there, who has or had a check-in with one of its communities or with
# one that took one of them over, who asks for one.
NEAR = f"""
    SELECT id FROM {PERSON} WHERE residence_id LIKE %(near)s
    UNION
    SELECT r.id FROM {PERSON} r WHERE r.residence_id IN (
        WITH RECURSIVE olds (code) AS (
            SELECT code FROM {DIVISION} WHERE successor_id LIKE %(near)s
            UNION SELECT d.code FROM olds JOIN {DIVISION} d ON d.successor_id = olds.code
        ) SELECT code FROM olds)
    UNION
    SELECT c.retiree_id FROM {CHECKIN} c WHERE c.community_id IN (
        WITH RECURSIVE ours (id) AS (
            SELECT id FROM {ORGANISATION} WHERE kind = '{Organisation.Kind.COMMUNITY}' AND division_id LIKE %(near)s
            UNION SELECT o.successor_id FROM ours JOIN {ORGANISATION} o ON o.id = ours.id
            WHERE o.successor_id IS NOT NULL
        ) SELECT id FROM ours)
    UNION
    SELECT c.retiree_id FROM {CHECKIN} c WHERE c.area_id LIKE %(near)s
        AND c.state IN ({_OPEN})
"""  # noqa: S608
NEAR_FROZEN = f"""
    UNION
    SELECT p.retiree_id FROM {FACT} p WHERE p.month = %(opening_month)s AND p.closing = %(opening_closing)s
        AND p.place LIKE %(near)s
"""  # noqa: S608
