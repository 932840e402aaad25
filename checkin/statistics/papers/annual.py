"""The annual forms (年报统计), each defined once over the facts of December; columns as docs/statistics.md lists them.

A person stands where they count on 31 December. Partial dates count as their first day ("1937-07" as 1 July).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from checkin.statistics import dimensions, facts
from checkin.statistics.counting.asking import run
from checkin.statistics.live_sql import PERSON
from checkin.statistics.months import Month, require_begun
from huifeng.errors import RuleBroken

RANKS = (*(step for step, _ in dimensions.RANK_STEPS), dimensions.OTHER_RANK)
NATURES = {"organ": "机关", "institution": "事业单位", "enterprise": "企业"}
ORGAN = "organ"
UNKNOWN_NATURE = "其他、不明"
KINDS = {"tuixiu": "退休", "lixiu": "离休"}
# Source: the annual forms of Hainan; the first is there "1927年7月1日…底以前", read as until 31 July 1927.
BEIJING = "其中：在京"
IN_BEIJING = (  # settled there, as the register has it today
    f"EXISTS (SELECT FROM {PERSON} r WHERE r.id = f.retiree_id AND r.resettled_to LIKE '北京%%')"
)
AGES_70, AGES_80 = ("70",), ("80", "90")


@dataclass(frozen=True)
class Group:
    """People who are alike in everything the forms ask for."""

    kind: str
    nature: str
    tier: str
    rank: str
    age: str
    period: str
    party: bool
    dependent: bool
    in_beijing: bool
    count: int


type Test = Callable[[Group], bool]


@dataclass(frozen=True)
class Figure:
    """A column: people of the form who pass `test`. `is_sum_of`: the columns it adds up, by number from 1."""

    title: str
    test: Test
    group: str = ""
    is_sum_of: tuple[int, int] | None = None


@dataclass(frozen=True)
class BasicForm:
    """A form of people as they are: who is on it, its lines by unit tier, its columns."""

    key: str
    name: str
    title: str
    who: Test
    figures: Sequence[Figure]


def _of_nature(nature: str) -> Test:
    return lambda group: group.nature == nature


def _organ_of(rank: str) -> Test:
    return lambda group: group.nature == ORGAN and group.rank == rank


def _in_period(period: str, *, beijing: bool = False) -> Test:
    return lambda group: group.period == period and (group.in_beijing or not beijing)


def _retired() -> tuple[Figure, ...]:
    """总数 | 机关: 合计 and nine ranks | 事业单位 | 企业."""
    return (
        Figure("总数", lambda group: True),
        Figure("合计", _of_nature(ORGAN), "机关", is_sum_of=(3, 2 + len(RANKS))),
        *(Figure(title, _organ_of(title), "机关") for title in RANKS),
        Figure("事业单位", _of_nature("institution")),
        Figure("企业", _of_nature("enterprise")),
    )


def _veterans() -> tuple[Figure, ...]:
    """总数 | 中共党员 | 生活不能自理 | two age bands | five periods, each with 在京."""
    periods = [
        figure
        for period, title in dimensions.REVOLUTION_PERIODS
        for figure in (
            Figure("人数", _in_period(period), title),
            Figure(BEIJING, _in_period(period, beijing=True), title),
        )
    ]
    return (
        Figure("总数", lambda group: True),
        Figure("中共党员", lambda group: group.party),
        Figure("生活不能自理", lambda group: group.dependent),
        Figure("70至79岁", lambda group: group.age in AGES_70),
        Figure("80岁及以上", lambda group: group.age in AGES_80),
        *periods,
    )


def _veterans_of(nature: str) -> BasicForm:
    title = f"{NATURES[nature]}离休干部基本情况统计表"
    return BasicForm(
        f"lixiu_{nature}",
        f"{NATURES[nature]}离休基本情况",
        title,
        lambda group: group.kind == "lixiu" and group.nature == nature,
        _veterans(),
    )


BASIC_FORMS = (
    BasicForm(
        "tuixiu", "退休基本情况", "退休干部基本情况统计表", lambda group: group.kind == "tuixiu", _retired()
    ),
    *(_veterans_of(nature) for nature in NATURES),
)


@dataclass(frozen=True)
class Line:
    name: str
    figures: tuple[int, ...]


@dataclass(frozen=True)
class Filled:
    """A form with its figures: a line a tier, then the total. `notes`: whom its columns leave out, and why."""

    form: BasicForm
    lines: Sequence[Line]
    total: Line
    notes: Sequence[str]


def year_of(text: str) -> int:
    """The year that "2025" names, whose December has begun. Raises RuleBroken."""
    if not re.fullmatch(r"20\d\d", text, re.ASCII):
        raise RuleBroken("年份请写成 2025 这样。", code="year_unreadable")
    require_begun(december(int(text)))
    return int(text)


def december(year: int) -> Month:
    return Month(year, 12)


def groups_of(year: int, area: str) -> list[Group]:
    """Everybody of `area` present at the end of the year. Raises RuleBroken before the year's December begins."""
    sql, relation = _dimensions(), facts.relation_of(december(year))
    rows = run(
        f"SELECT {sql}, count(*) FROM (SELECT f.*, {IN_BEIJING} AS in_beijing FROM ({relation.sql}) AS f"  # noqa: S608
        " WHERE present AND place LIKE %(within)s) AS f GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
        relation.params | {"within": area + "%"},
    )
    return [Group(*row) for row in rows]


def _dimensions() -> str:
    found = dimensions.DIMENSIONS
    columns = [found[key].sql for key in ("kind", "nature", "tier", "rank_step", "age", "period")]
    return ", ".join([*columns, "party", "dependent", "in_beijing"])


def fill(form: BasicForm, groups: Sequence[Group]) -> Filled:
    """The figures of the form, line by line."""
    people = [group for group in groups if form.who(group)]
    names: Mapping[str, str] = dict(dimensions.DIMENSIONS["tier"].choices())
    lines = [
        Line(name, _counted(form, [group for group in people if group.tier == tier]))
        for tier, name in names.items()
    ]
    return Filled(form, lines, Line("总数", _counted(form, people)), _notes(form, people))


def _counted(form: BasicForm, people: Sequence[Group]) -> tuple[int, ...]:
    return tuple(sum(group.count for group in people if figure.test(group)) for figure in form.figures)


def _notes(form: BasicForm, people: Sequence[Group]) -> list[str]:
    """Who is in 总数 and in none of the columns beside it."""
    found = []
    if form.key == "tuixiu":
        other = sum(group.count for group in people if group.nature not in NATURES)
        if other:
            found.append(f"总数中有 {other} 人单位性质为其他或不明，不在机关、事业单位、企业三栏。")
        return found
    known = dict(dimensions.REVOLUTION_PERIODS)
    other = sum(group.count for group in people if group.period not in known)
    if other:
        found.append(f"总数中有 {other} 人没有填参加革命工作时间，或晚于1949年9月30日，不在各时期栏。")
    younger = sum(group.count for group in people if group.age not in (*AGES_70, *AGES_80))
    if younger:
        found.append(f"总数中有 {younger} 人不满70岁或没有出生日期，不在两个年龄栏。")
    return found
