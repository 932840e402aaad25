"""Activities in the monthly statistics (四就近) and in the reports of both sides (双向反馈).

Counted in the statistics at the place where something is held, in the month in which it begins; in the reports by
person, wherever it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.http import urlencode

from checkin.feedback import registry as feedback
from checkin.statistics import registry as statistics
from checkin.statistics.months import Month
from huifeng.rowscope.scope import as_program
from services.presets.models import Nearby

from .models import Participation

FIGURES = "figures of places and of whole reports are counted over everybody"
PARTY, LEARNING = Q(activity__preset__is_party=True), Q(activity__preset__nearby=Nearby.LEARNING)
GROUP = "四就近"


@dataclass(frozen=True)
class Kind:
    """One kind of attendance that has a column: `which` of the arrivals it counts."""

    key: str
    title: str
    sentence: str
    which: Q


def _nearby(nearby: Nearby) -> Q:
    return Q(activity__preset__nearby=nearby) & ~PARTY


HERE = "按举办地统计，一人参加一次算一人次。"
KINDS = {
    kind.key: kind
    for kind in (
        Kind(
            "learning", "就近学习", f"本月举办的课程、讲座、阅文等学习活动的签到人次。{HERE}",
            _nearby(Nearby.LEARNING),
        ),
        Kind(
            "activities", "就近活动", f"本月举办的文艺活动、参观、座谈等活动的签到人次，不含组织生活。{HERE}",
            _nearby(Nearby.ACTIVITIES),
        ),
        Kind(
            "contribution", "发挥作用", f"本月志愿服务、坐班值守、宣讲、巡逻等的签到人次。{HERE}",
            _nearby(Nearby.CONTRIBUTION),
        ),
        Kind("checkup", "集中体检", f"本月集中体检、义诊的签到人次。{HERE}", _nearby(Nearby.CARE)),
        Kind(
            "party", "组织生活", "本月支部组织生活的签到人次，按支部所在地统计；一人参加几个支部的，每次都算。", PARTY
        ),
    )
}  # fmt: skip


def arrivals(month: Month, which: Q) -> QuerySet[Participation]:
    """Who was where in the month. Read as the program: the organiser's place decides, not who looks."""
    held = Q(activity__starts_at__gte=month.start, activity__starts_at__lt=month.end)
    return Participation.objects.filter(held, which, state=Participation.State.ARRIVED)


def register() -> None:
    for kind in KINDS.values():
        statistics.add(
            statistics.Column(
                f"activity_{kind.key}",
                f"{kind.title}人次",
                kind.sentence,
                _count(kind.which),
                _address(kind.key),
                group=GROUP,
            )
        )
    statistics.add(
        statistics.Column(
            "activity_hours",
            "志愿时长",
            "本月志愿服务、坐班值守等的时长，按举办地统计，每处舍去不足一小时的部分。",
            _hours,
            group=GROUP,
            unit="小时",
        )
    )
    feedback.add(feedback.Section("participation", "参加活动", COLUMNS, collect))


def _count(which: Q) -> Callable[[Month], dict[str, int]]:
    def count(month: Month) -> dict[str, int]:
        with as_program(FIGURES):
            rows = arrivals(month, which).values("activity__division").annotate(number=Count("pk")).order_by()
            return dict(rows.values_list("activity__division", "number"))

    return count


def _address(kind: str) -> Callable[[Month, str], str]:
    def address(month: Month, area: str) -> str:
        asked = urlencode({"month": str(month), "place": area, "kind": kind})
        return f"{reverse('bureau-activities:people')}?{asked}"

    return address


def _hours(month: Month) -> dict[str, int]:
    with as_program(FIGURES):
        rows = arrivals(month, Q(minutes__isnull=False)).values("activity__division")
        found = dict(rows.annotate(sum=Sum("minutes")).order_by().values_list("activity__division", "sum"))
    return {code: minutes // 60 for code, minutes in found.items()}


COLUMNS = (("activity", "活动"), ("learning", "学习"), ("party", "组织生活"), ("hours", "志愿小时"))


def collect(month: Month) -> Mapping[int, Mapping[str, str | int]]:
    """Of everybody who was anywhere in the month: how often, and for how many hours; one statement."""
    with as_program(FIGURES):
        rows = (
            arrivals(month, Q())
            .values("retiree")
            .annotate(
                party=Count("pk", filter=PARTY),
                learning=Count("pk", filter=LEARNING & ~PARTY),
                all=Count("pk"),
                minutes=Sum("minutes"),
            )
            .order_by()
        )
        return {row["retiree"]: _cells(dict(row)) for row in rows}


def _cells(row: Mapping[str, Any]) -> dict[str, str | int]:
    party, learning, whole = (int(row[name] or 0) for name in ("party", "learning", "all"))
    cells = {
        "activity": whole - party - learning, "learning": learning, "party": party,
        "hours": round(int(row["minutes"] or 0) / 60),
    }  # fmt: skip
    return {name: number for name, number in cells.items() if number}
