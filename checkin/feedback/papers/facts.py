"""What stands on a report, in words, from what was frozen and nothing else: a file made later says the same."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from checkin.feedback.models import FeedbackLine, FeedbackMatter, FeedbackReport, Side
from checkin.statistics.months import Month
from huifeng.display import words

FIGURES = {
    "opening": "期初",
    "new": "新报到",
    "moved_in": "迁入",
    "moved_out": "迁出",
    "died": "去世",
    "withdrawn": "撤销",
    "closing": "期末",
}
IDENTITY = "期末＝期初＋新报到＋迁入－迁出－去世－撤销"
OTHER = {Side.UNIT: "社区", Side.COMMUNITY: "现管单位"}
TITLES = {Side.UNIT: "离退休干部双向反馈单（致单位）", Side.COMMUNITY: "离退休干部双向反馈单（致社区）"}
HIDDEN = "（限制查看）"
SHORT_SUM = 16  # letters of the check sum in print
BATCH = 200  # reports read at once


@dataclass(frozen=True)
class Matter:
    position: int
    name: str
    title: str
    words: str


@dataclass(frozen=True)
class Paper:
    """One report as it is printed. `people`: the values of `heads`, in order, after the running number."""

    report: FeedbackReport
    heads: list[tuple[str, str]]
    people: list[list[str]]
    matters: list[Matter]
    content: dict[str, Any] = field(repr=False)

    @property
    def side(self) -> Side:
        return Side(self.content["side"])

    @property
    def title(self) -> str:
        return TITLES[self.side]

    @property
    def month(self) -> Month:
        return Month.parse(self.content["month"])

    @property
    def other(self) -> str:
        return OTHER[self.side]

    @property
    def due(self) -> str:
        return words.day(self.report.due_on) if self.report.due_on else ""

    @property
    def state(self) -> str:
        """Since when the figures hold."""
        day = words.day(date.fromisoformat(self.content["as_of"]))
        return f"数据截至{day}{'，统计已封存' if self.content['is_closed'] else ''}"

    @property
    def corrected(self) -> str:
        """What a later version says of the one before; "" for the first."""
        if not self.content["corrects"]:
            return ""
        said = self.content
        return f"本单是第{said['version']}版，代替{said['corrects']}。更正原因：{said['reason']}"

    @property
    def hidden(self) -> str:
        number = self.content["restricted"]
        return f"另有 {number} 人限制查看，计入人数，不列姓名。" if number else ""

    @property
    def movement(self) -> list[tuple[str, list[int]]]:
        """The sum first, then every other side."""
        total = ("合计", [self.content["movement"][key] for key in FIGURES])
        return [total, *((row["name"], [row[key] for key in FIGURES]) for row in self.content["rows"])]

    @property
    def check_sum(self) -> str:
        return self.report.sha256[:SHORT_SUM]


def heads_of(content: dict[str, Any]) -> list[tuple[str, str]]:
    """Keys and heads of the lines: what everybody has, what sections added then, and what to mind."""
    return [
        ("name", "姓名"),
        ("sex", "性别"),
        ("age", "年龄"),
        ("other", OTHER[Side(content["side"])]),
        ("state", "状态"),
        ("since", "报到日期"),
        *((key, head) for key, head in content["columns"] or []),
        ("care", "需关注"),
    ]


def papers_of(report_ids: Collection[int], *, hidden: Collection[int] = ()) -> list[Paper]:
    """The papers of these reports, in order of number. Three queries. `hidden`: lines whose person is not named."""
    reports = list(FeedbackReport.objects.filter(pk__in=report_ids).order_by("number"))
    lines = _by_report(
        FeedbackLine.objects.filter(report__in=report_ids)
        .order_by("report_id", "position")
        .values_list("report_id", "position", "cells", "pk")
    )
    matters = _by_report(
        FeedbackMatter.objects.filter(report__in=report_ids)
        .order_by("line__position", "pk")
        .values_list("report_id", "line__position", "line__cells__name", "title", "words", "line_id")
    )
    return [_paper(report, lines[report.pk], matters[report.pk], frozenset(hidden)) for report in reports]


def _by_report(rows: Iterable[tuple[Any, ...]]) -> defaultdict[int, list[tuple[Any, ...]]]:
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for report_id, *rest in rows:
        found[report_id].append(tuple(rest))
    return found


def _paper(
    report: FeedbackReport,
    lines: list[tuple[Any, ...]],
    matters: list[tuple[Any, ...]],
    hidden: frozenset[int],
) -> Paper:
    heads = heads_of(report.content)
    people = [
        [str(cells.get(key, "")) for key, _ in heads]
        if line not in hidden
        else [HIDDEN, *[""] * (len(heads) - 1)]
        for _, cells, line in lines
    ]
    asked = [
        Matter(position, name, title, said) if line not in hidden else Matter(position, HIDDEN, title, "")
        for position, name, title, said, line in matters
    ]
    return Paper(report, heads, people, asked, report.content)
