"""Which columns a screen shows together: as many as can be read side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

from huifeng.errors import RuleBroken

from . import catalogue, registry

MAIN = (
    "expected",
    "checked_in",
    "rate",
    "not_checked_in",
    "new",
    "moved_in",
    "moved_out",
    "pending",
    "returned",
    "overdue",
)
FIRST = "main"


@dataclass(frozen=True)
class Group:
    key: str
    title: str
    keys: tuple[str, ...]


def _of(group: str) -> tuple[str, ...]:
    """The catalogue's figures of a group; sums only serve their ratios."""
    ratios = [ratio.key for ratio in catalogue.RATIOS if ratio.group == group]
    return (*(measure.key for measure in catalogue.MEASURES if measure.group == group), *ratios)


_FIXED = (
    Group(FIRST, "主要情况", MAIN),
    Group("stock", "总数", _of(catalogue.STOCK)),
    Group("flow", "增减", ("checked_in", *_of(catalogue.FLOW))),
    Group("news", "新增报到", ("new", *_of(catalogue.NEWS))),
    Group("make_up", "已报到构成", ("checked_in", *_of(catalogue.MAKE_UP))),
    Group("ages", "年龄", ("checked_in", *_of(catalogue.AGES))),
    Group("ranks", "职级", ("checked_in", *_of(catalogue.RANKS))),
    Group("units", "原单位", ("checked_in", *_of(catalogue.UNITS), "from_outside")),
    Group("party", "党建", ("checked_in", *_of(catalogue.PARTY))),
    Group("work", "办理", _of(catalogue.WORK)),
    Group("year", "年度", ("total", *_of(catalogue.YEAR), "deaths")),
)


def groups() -> Mapping[str, Group]:
    """Every group; what upper rooms count has one as soon as there is any."""
    titles = dict.fromkeys(column.group for column in registry.columns.values())
    more = [
        Group(
            f"more{number}",
            title,
            tuple(key for key, column in registry.columns.items() if column.group == title),
        )
        for number, title in enumerate(titles, 1)
    ]
    return {group.key: group for group in (*_FIXED, *more)}


def group(key: str) -> Group:
    """Raises RuleBroken for a group nobody defined."""
    found = groups().get(key)
    if found is None:
        raise RuleBroken("没有这一组指标，请从“指标”里重新选。", code="unknown_group")
    return found


def group_of(measure: str) -> str:
    """The first group that shows the measure, to lead from a list back to its table."""
    return next((each.key for each in groups().values() if measure in each.keys), FIRST)
