"""What is counted of requests: received, answered, in time, satisfied. One definition for figures and lists.

A month's `received` are those that came in, `answered` those that got an answer in it (once a request, even when it
was asked again later), `good` those rated 满意 in it. Written in events and times that no later act changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Substr, TruncDate

from .models import Request, RequestEvent, RequestQuerySet

State, Why = Request.State, Request.Why
KINDS = {"received": "受理", "answered": "办结", "good": "满意"}
ANSWERED = Q(answered_at__isnull=False)
COUNTS = ~Q(why_closed__in=[Why.WITHDRAWN, Why.DIED])  # what could be answered


def in_time(kind: str, start: datetime, end: datetime) -> RequestQuerySet:
    """The requests that are counted as `kind` (of KINDS) from `start` until before `end` (aware)."""
    rows = Request.objects.all()
    if kind == "answered":
        events = RequestEvent.objects.filter(move=RequestEvent.Move.ANSWERED, at__gte=start, at__lt=end)
        return rows.filter(pk__in=events.values("request"))
    if kind == "good":
        return rows.filter(rating=Request.Rating.GOOD, rated_at__gte=start, rated_at__lt=end)
    return rows.filter(received_at__gte=start, received_at__lt=end)


def by_place(kind: str, start: datetime, end: datetime) -> dict[str, int]:
    """How many by division code. One query."""
    rows = in_time(kind, start, end).order_by().values("area").annotate(number=Count("pk"))
    return dict(rows.values_list("area", "number"))


@dataclass(frozen=True)
class Line:
    """Figures of requests that came in. `counted` leaves out those withdrawn and of the dead: nobody could answer.

    The shares are percentages with one decimal, None of nothing. Source: docs/rules.md, Q10.
    """

    key: str
    received: int
    counted: int
    answered: int
    on_time: int
    solved: int
    rated: int
    good: int

    @property
    def answered_share(self) -> float | None:
        """办结率."""
        return _share(self.answered, self.counted)

    @property
    def on_time_share(self) -> float | None:
        """按时率, of the answered."""
        return _share(self.on_time, self.answered)

    @property
    def solved_share(self) -> float | None:
        """解决率."""
        return _share(self.solved, self.counted)

    @property
    def good_share(self) -> float | None:
        """满意度, of the rated."""
        return _share(self.good, self.rated)


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def lines(rows: QuerySet[Request], by: str, *, digits: int = 12) -> list[Line]:
    """Figures of `rows` by a field, an area by its first `digits`; the greatest first. One query."""
    key = Substr("area_id", 1, digits) if by == "area" else F(by)
    keyed: QuerySet[Any] = rows.order_by().annotate(answered_on=TruncDate("answered_at"))
    found = keyed.values(line=key).annotate(**_COUNTED).order_by("-received", "line")
    return [Line(str(row[0]), *row[1:]) for row in found.values_list("line", *_COUNTED)]


def total(found: Iterable[Line]) -> Line:
    """The sum of lines."""
    rows = list(found)
    names = ("received", "counted", "answered", "on_time", "solved", "rated", "good")
    return Line("", *(sum(getattr(row, name) for row in rows) for name in names))


_COUNTED = {
    "received": Count("pk"),
    "counted": Count("pk", filter=COUNTS),
    "answered": Count("pk", filter=ANSWERED),
    "on_time": Count("pk", filter=ANSWERED & Q(answered_on__lte=F("due_on"))),
    "solved": Count("pk", filter=Q(outcome=Request.Outcome.SOLVED)),
    "rated": Count("pk", filter=~Q(rating="")),
    "good": Count("pk", filter=Q(rating=Request.Rating.GOOD)),
}
