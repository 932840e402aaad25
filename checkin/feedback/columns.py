"""双向反馈 in the monthly statistics: 应发, 已发, 按时, 已复 (expected, actual, on time, answered).

A month counts the reports that are worked on in it, those about the month before: their answers are due by its end,
so that a month that is closed holds final figures. They count at the place of who receives them.
"""

from collections.abc import Callable

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode

from checkin.statistics import registry
from checkin.statistics.months import Month

from .supervision import listed

# key, title, sentence, and the state of the list behind it (supervision.listed)
COLUMNS = (
    ("feedback_expected", "双向反馈应发", "本月应发给单位和社区的上月反馈单。", ""),
    ("feedback_sent", "双向反馈已发", "其中已经发出的。", "sent"),
    ("feedback_on_time", "双向反馈按时", "其中在期限内答复的。", "on_time"),
    ("feedback_answered", "双向反馈已复", "其中已经答复的，含迟复的。", "answered"),
)


def register() -> None:
    """Add the columns to the statement."""
    for key, title, sentence, state in COLUMNS:
        registry.add(
            registry.Column(key, title, sentence, _count(state), _address(state), group="双向反馈", unit="份")
        )


def _count(state: str) -> Callable[[Month], dict[str, int]]:
    def count(month: Month) -> dict[str, int]:
        rows = listed(month.previous, "", "", state).order_by().values("place").annotate(number=Count("pk"))
        return dict(rows.values_list("place", "number"))

    return count


def _address(state: str) -> Callable[[Month, str], str]:
    def address(month: Month, area: str) -> str:
        asked = urlencode({"month": str(month.previous), "place": area, "state": state})
        return f"{reverse('bureau-feedback:list')}?{asked}"

    return address
