"""双向反馈 in the monthly statistics: 应发, 已发, 按时, 已复 (expected, actual, on time, answered).

A month counts the reports that are worked on in it, those about the month before: their answers are due by its end,
so that a month that is closed holds final figures. They count at the place of who receives them.
"""

from collections.abc import Callable

from django.db.models import Count

from checkin.statistics import registry
from checkin.statistics.months import Month

from .models import FeedbackReport, FeedbackReportQuerySet

type Narrow = Callable[[FeedbackReportQuerySet], FeedbackReportQuerySet]

COLUMNS: tuple[tuple[str, str, str, Narrow], ...] = (
    ("feedback_expected", "双向反馈应发", "本月应发给单位和社区的上月反馈单。", lambda rows: rows),
    ("feedback_sent", "双向反馈已发", "其中已经发出的。", lambda rows: rows.sent()),
    ("feedback_on_time", "双向反馈按时", "其中在期限内答复的。", lambda rows: rows.on_time()),
    ("feedback_answered", "双向反馈已复", "其中已经答复的，含迟复的。", lambda rows: rows.answered()),
)


def register() -> None:
    """Add the columns to the statement."""
    for key, title, sentence, narrow in COLUMNS:
        registry.add(registry.Column(key, title, sentence, _count(narrow), _rows(narrow), unit="份"))


def reports_in(month: Month) -> FeedbackReportQuerySet:
    """The reports that are worked on in `month`, each by its newest version."""
    return FeedbackReport.objects.of_month(month.previous).current()


def _count(narrow: Narrow) -> Callable[[Month], dict[str, int]]:
    def count(month: Month) -> dict[str, int]:
        rows = narrow(reports_in(month)).order_by().values("place").annotate(number=Count("pk"))
        return dict(rows.values_list("place", "number"))

    return count


def _rows(narrow: Narrow) -> Callable[[Month, str], FeedbackReportQuerySet]:
    return lambda month, area: narrow(reports_in(month)).within(area)
