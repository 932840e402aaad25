"""Requests in the reports both sides get (双向反馈): how many of each person, and what needs an answer.

Nothing of what was said: kind, day and desk only; of private ones not even the kind. Source: docs/rules.md, Q11.
"""

from collections.abc import Mapping

from django.db.models import Count

from checkin.feedback import registry
from checkin.feedback.registry import Cells
from checkin.statistics.months import Month
from communities.organisations.models import Organisation

from . import figures
from .models import Request, RequestQuerySet

Kind = Organisation.Kind


def register() -> None:
    """Add the section and the matters to the reports."""
    registry.add(
        registry.Section("requests", "需求", (("requests_asked", "需求"), ("requests_done", "办结")), collect)
    )
    registry.add_matters(registry.Matters("requests_late", "需求超期", "unit", late))
    registry.add_matters(registry.Matters("requests_passed", "转来的需求", "unit", passed))


def collect(month: Month) -> Mapping[int, Cells]:
    """How many each person asked in the month and how many were answered in it. Two queries."""
    cells: dict[int, dict[str, str | int]] = {}
    for kind, column in (("received", "requests_asked"), ("answered", "requests_done")):
        rows = figures.in_time(kind, month.start, month.end).filter(retiree__isnull=False).order_by()
        for person, number in (
            rows.values("retiree").annotate(number=Count("pk")).values_list("retiree", "number")
        ):
            cells.setdefault(person, {})[column] = number
    return cells


def late(month: Month) -> list[tuple[int, str]]:
    """What stayed without an answer past its day at the end of the month, on another desk than the unit's."""
    rows = _open_at_end(month).filter(due_on__lte=month.last).exclude(desk__kind=Kind.UNIT)
    return [
        _line(row, f"应在{row.due_on:%-m月%-d日}前答复，{row.desk.name}还没有答复。请帮助催办。")
        for row in rows
    ]


def passed(month: Month) -> list[tuple[int, str]]:
    """What lies on the unit's own desk without an answer at the end of the month."""
    rows = _open_at_end(month).filter(desk__kind=Kind.UNIT)
    return [_line(row, f"已转到单位，请在{row.due_on:%-m月%-d日}前答复。") for row in rows]


def _open_at_end(month: Month) -> RequestQuerySet:
    """Those that came in by the end of the month and are open still: what was answered meanwhile needs nothing."""
    rows = Request.objects.open().filter(received_at__lt=month.end, retiree__isnull=False)
    return rows.select_related("preset", "desk").order_by("due_on", "pk")


def _line(request: Request, words: str) -> tuple[int, str]:
    assert request.retiree_id is not None
    what = "心里话" if request.is_private else request.preset.name
    return request.retiree_id, f"{'急难：' if request.is_urgent else ''}{what}，{words}"
