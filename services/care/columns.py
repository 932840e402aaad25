"""What visits add to the monthly statistics and to the feedback reports."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Count, Max
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from checkin.feedback import registry as feedback
from checkin.statistics import registry as statistics
from checkin.statistics.months import Month

from . import figures
from .models import Attention, Obligation

GROUP = "关心照顾"
COLUMNS = (
    ("visits", "走访人次", "本月走访的人次，一位老同志走访两次算两人次，撤销的不算。", "人次"),
    ("missed", "应访未访", "最晚走访日在本月、已经过了日子还没有走访的，不再需要的不算。", "件"),
)


def register() -> None:
    """Add the columns, and what the reports say of a person."""
    for measure, title, sentence, unit in COLUMNS:
        statistics.add(
            statistics.Column(
                f"care_{measure}", title, sentence, _count(measure), _address(measure), group=GROUP, unit=unit
            )
        )
    feedback.add(
        feedback.Section("care", GROUP, (("care_visits", "走访次数"), ("care_last", "最近走访")), _collect)
    )
    feedback.add_matters(feedback.Matters("care_late", "逾期未访", "community", _late))


def _count(measure: str) -> Callable[[Month], dict[str, int]]:
    return lambda month: figures.count(month, measure)


def _address(measure: str) -> Callable[[Month, str], str]:
    def address(month: Month, area: str) -> str:
        asked = urlencode({"month": str(month), "place": area, "show": measure})
        return f"{reverse('bureau-visits:rows')}?{asked}"

    return address


def _collect(month: Month) -> Mapping[int, feedback.Cells]:
    """How often each was visited in the month, by whomever, and the last day: both sides may know that."""
    rows: Any = figures.visits(month).order_by().values("retiree")
    return {
        row["retiree"]: {"care_visits": row["n"], "care_last": f"{row['last']:%-m月%-d日}"}
        for row in rows.annotate(n=Count("pk"), last=Max("visited_on"))
    }


def _late(month: Month) -> Iterable[tuple[int, str]]:
    """People closely looked after (重点关注) whom the community has not visited in time: it is asked to answer.

    Only the community that owes the visit is asked; the unit reads how often and when. A list: the report is being
    written over the same connection.
    """
    today = min(month.last, timezone.localdate())
    rows = Obligation.objects.late(today).filter(
        preset__attention=Attention.FOCUS, organisation__kind="community"
    )
    return [
        (retiree_id, f"重点关注，应在{due_on:%-m月%-d日}前走访，还没有走访。请尽快上门，并说明情况。")
        for retiree_id, due_on in rows.order_by("retiree_id").values_list("retiree_id", "due_on")
    ]
