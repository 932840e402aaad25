"""应发、已发、按时、已复 of a month by the parts of an area, and the lists behind the figures."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Left, TruncDate
from django.utils import timezone

from checkin.statistics.months import Month
from communities.divisions.models import Division
from members.people.naming import may_be_named

from .models import FeedbackMatter, FeedbackReport, FeedbackReportQuerySet, Reply

FIGURES = ("expected", "sent", "on_time", "answered", "late", "disputed")
NEXT = {4: 6, 6: 9, 9: 12}


@dataclass(frozen=True)
class Line:
    """One part of an area: its code prefix, its name, its figures in the order of FIGURES."""

    code: str
    name: str
    figures: dict[str, int]
    opens: bool


def figures(month: Month, area: str) -> tuple[list[Line], dict[str, int]]:
    """A line for each part of the area that has reports, and their sum. Two queries."""
    length, today = NEXT[len(area)], timezone.localdate()
    rows = (
        FeedbackReport.objects.of_month(month)
        .current()
        .within(area)
        .order_by()
        .annotate(part=Left("place", length), answered_on=TruncDate("answered_at"))
        .values("part")
        .annotate(**_counts(today))
        .order_by("part")
    )
    found: list[Any] = list(rows)
    names = dict(
        Division.objects.filter(code__in=[row["part"].ljust(12, "0") for row in found]).values_list(
            "code", "short_name"
        )
    )
    lines = [_line(row, area, names) for row in found]
    return lines, {key: sum(line.figures[key] for line in lines) for key in FIGURES}


def _counts(today: date) -> dict[str, Any]:
    waiting = Q(state__in=FeedbackReport.WAITING)
    return {
        "expected": Count("pk"),
        "sent": Count("pk", filter=Q(sent_at__isnull=False)),
        "on_time": Count("pk", filter=Q(answered_on__lte=F("due_on"))),
        "answered": Count("pk", filter=Q(answered_at__isnull=False)),
        "late": Count("pk", filter=waiting & Q(due_on__lt=today)),
        "disputed": Count("pk", filter=Q(reply=Reply.DISPUTED, closed_at=None)),
    }


def _line(row: dict[str, Any], area: str, names: dict[str, str]) -> Line:
    code = row["part"]
    is_whole = not code[len(area) :].strip(
        "0"
    )  # receivers of the area itself: its units, and those outside the city
    name = names.get(code.ljust(12, "0"), code)
    if is_whole:
        name = "市外单位和社区" if len(area) == 4 else f"{name}所属单位"
    return Line(code, name, {key: row[key] for key in FIGURES}, opens=not is_whole and len(code) < 12)


def listed(month: Month, area: str, side: str, state: str) -> FeedbackReportQuerySet:
    """The reports behind a figure: its list is as long as it says."""
    rows = FeedbackReport.objects.of_month(month).current().within(area)
    if side:
        rows = rows.filter(side=side)
    match state:
        case "unsent":
            return rows.filter(sent_at=None)
        case "sent":
            return rows.sent()
        case "waiting":
            return rows.unanswered()
        case "late":
            return rows.overdue()
        case "answered":
            return rows.answered()
        case "on_time":
            return rows.on_time()
        case "disputed":
            return rows.filter(reply=Reply.DISPUTED, closed_at=None)
    return rows


def with_matters(rows: FeedbackReportQuerySet) -> FeedbackReportQuerySet:
    """Each with `open_matters`: how many of its matters wait for an answer."""
    is_open = Q(matters__state=FeedbackMatter.State.OPEN) & may_be_named("matters__line__retiree")
    open_ = Count("matters", filter=is_open)
    return rows.select_related("receiver", "organisation").defer("content").annotate(open_matters=open_)
