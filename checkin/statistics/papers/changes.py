"""两年数字变化: how the number of a year ago became that of today, and where the difference comes from.

应有 = 上年末 + 办理 − 去世, 差 = 实有 − 应有. Every person who makes the difference is counted under one reason, so
the reasons add up to it. Who retired: 离退休时间 in the year, on the register at its end or dead by then. Who died:
the deaths of the twelve months as each of them counts them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from checkin.statistics import dimensions, facts
from checkin.statistics.counting.asking import run
from checkin.statistics.months import Month, require_begun

from .annual import NATURES, ORGAN, RANKS, UNKNOWN_NATURE, december

HEADS = (
    "上年末总数",
    "本年度内办理退休手续",
    "本年度内去世",
    "本年12月底应有",
    "本年12月底实有",
    "实有与应有之差",
)
ADDED, LEFT, MOVED, REDATED, REVIVED = (
    "调入、补录", "调出、不再列入统计", "职级、单位变动", "离退休时间更正", "恢复在世",
)  # fmt: skip
REASONS = (ADDED, LEFT, MOVED, REDATED, REVIVED)
TOTAL, ORGANS = "总数", "机关合计"


@dataclass(frozen=True)
class Standing:
    """Where somebody stands on the form: 离休 or 退休, nature of the unit, rank."""

    kind: str
    nature: str
    rank: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that count them."""
        if self.nature == ORGAN:
            return (TOTAL, ORGANS, self.rank)
        return (TOTAL, NATURES.get(self.nature, UNKNOWN_NATURE))


LINES = (TOTAL, ORGANS, *RANKS, NATURES["institution"], NATURES["enterprise"], UNKNOWN_NATURE)


@dataclass(frozen=True)
class Course:
    """What the year was for `count` people: where they stood before, after, when they died; whether they retired."""

    before: Standing | None
    after: Standing | None
    died: Standing | None
    retired: bool
    count: int


@dataclass
class Change:
    """One line of the form."""

    name: str
    before: int = 0
    retired: int = 0
    died: int = 0
    after: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def due(self) -> int:
        return self.before + self.retired - self.died

    @property
    def difference(self) -> int:
        return self.after - self.due

    @property
    def words(self) -> str:
        """The difference explained: 调入、补录 +3；调出、不再列入统计 −1."""
        found = [(reason, self.reasons[reason]) for reason in REASONS if self.reasons[reason]]
        return "；".join(f"{reason} {number:+d}".replace("-", "−") for reason, number in found)


def fill(kind: str, courses: Sequence[Course]) -> list[Change]:
    """The lines of the form of 离休 or 退休; 其他、不明 only when somebody stands there."""
    lines = {name: Change(name) for name in LINES}
    for course in courses:
        _count(course, kind, lines)
    unknown = lines[UNKNOWN_NATURE]
    if not (unknown.before or unknown.after or unknown.died):
        del lines[UNKNOWN_NATURE]
    return list(lines.values())


def _count(course: Course, kind: str, lines: dict[str, Change]) -> None:
    parts: dict[str, int] = defaultdict(int)
    for name in _lines(course.before, kind):
        lines[name].before += course.count
        parts[name] -= course.count
    for name in _lines(course.after, kind):
        lines[name].after += course.count
        parts[name] += course.count
    for name in _lines(course.died, kind):
        lines[name].died += course.count
        parts[name] += course.count
    if course.retired:
        for name in _lines(course.after or course.died, kind):
            lines[name].retired += course.count
            parts[name] -= course.count
    for name, number in parts.items():
        if number:
            lines[name].reasons[_reason(course)] += number


def _lines(standing: Standing | None, kind: str) -> tuple[str, ...]:
    return standing.lines if standing is not None and standing.kind == kind else ()


def _reason(course: Course) -> str:
    if course.after is not None and course.died is not None:
        return REVIVED
    if course.before is None:
        return ADDED
    if course.after is None and course.died is None:
        return LEFT
    return REDATED if course.retired else MOVED


def courses_of(year: int, area: str) -> list[Course]:
    """What the year was for everybody of `area`. Twelve passes for the deaths, one over both ends of the year.

    Raises RuleBroken before the year's December begins.
    """
    require_begun(december(year))
    died = dict(_deaths(year, area))
    return [*_alive(year, area, list(died)), *_dead(year, area, died)]


_STANDING = f"kind, unit_nature, {dimensions.RANK_STEP_SQL}"
_WITHIN = "present AND place LIKE %(within)s"


def _deaths(year: int, area: str) -> Iterator[tuple[int, tuple[Standing, bool]]]:
    """Who died in the year, where they stood then, and whether they had retired in it."""
    for number in range(1, 13):
        relation = facts.relation_of(Month(year, number))
        rows = run(
            f"SELECT retiree_id, {_STANDING}, left(retired_on, 4) = %(year)s FROM ({relation.sql}) AS f"  # noqa: S608
            " WHERE died AND place LIKE %(within)s",
            relation.params | {"within": area + "%", "year": str(year)},
        )
        for pk, kind, nature, rank, retired in rows:
            yield pk, (Standing(kind, nature, rank), retired)


def _ends(year: int, area: str, condition: str) -> tuple[str, dict[str, object]]:
    """SQL of both ends of the year as `b` and `n`, and its parameters; each end has parameters of its own."""
    ends, params = [], dict[str, object]()
    for name, at in (("b", year - 1), ("n", year)):
        relation = facts.relation_of(december(at))
        sql = relation.sql
        for key, value in relation.params.items():
            sql = sql.replace(f"%({key})s", f"%({name}_{key})s")
            params[f"{name}_{key}"] = value
        ends.append(
            f"(SELECT retiree_id, kind, unit_nature, {dimensions.RANK_STEP_SQL} AS rank, retired_on"  # noqa: S608
            f" FROM ({sql}) AS f WHERE {_WITHIN} AND {condition}) AS {name}"
        )
    return f"{ends[0]} FULL JOIN {ends[1]} USING (retiree_id)", params | {
        "within": area + "%",
        "year": str(year),
    }


_BOTH = (
    "b.kind, b.unit_nature, b.rank, n.kind, n.unit_nature, n.rank,"
    " coalesce(left(n.retired_on, 4) = %(year)s, false)"
)


def _alive(year: int, area: str, died: list[int]) -> list[Course]:
    ends, params = _ends(year, area, "NOT retiree_id = ANY(%(died)s)")
    sql = f"SELECT {_BOTH}, count(*) FROM {ends} GROUP BY 1, 2, 3, 4, 5, 6, 7"  # noqa: S608
    return [
        Course(_standing(row[:3]), _standing(row[3:6]), None, row[6], row[7])
        for row in run(sql, params | {"died": died})
    ]


def _dead(year: int, area: str, died: dict[int, tuple[Standing, bool]]) -> list[Course]:
    ends, params = _ends(year, area, "retiree_id = ANY(%(died)s)")
    rows = run(f"SELECT retiree_id, {_BOTH} FROM {ends}", params | {"died": list(died)})  # noqa: S608
    known = {row[0]: (_standing(row[1:4]), _standing(row[4:7]), bool(row[7])) for row in rows}
    found = []
    for pk, (standing, retired) in died.items():
        before, after, retired_after = known.get(pk, (None, None, False))
        found.append(Course(before, after, standing, retired or retired_after, 1))
    return found


def _standing(values: Sequence[str | None]) -> Standing | None:
    kind, nature, rank = values
    return None if kind is None or nature is None or rank is None else Standing(kind, nature, rank)
