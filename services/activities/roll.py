"""The people of an activity as the organiser reads them: names and what became of them, never numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, IntegerField, QuerySet, Value, When

from huifeng.display import words
from members.people.naming import named

from .models import Activity, Participation

State = Participation.State
HIDDEN = "限制查看的老同志"
KINDS = {State.SIGNED: "info", State.QUEUED: "warn", State.ARRIVED: "done", State.CANCELLED: "neutral"}
LISTED = (State.SIGNED, State.ARRIVED, State.QUEUED)


@dataclass(frozen=True)
class Line:
    """`row` in words; `kind` of its tag."""

    row: Participation
    name: str
    kind: str
    said: str

    @property
    def is_here(self) -> bool:
        return self.row.state == State.ARRIVED


def rows_of(activity: Activity, states: Sequence[str] = LISTED) -> QuerySet[Participation]:
    """Who holds a place first, then the queue, each in the order they came."""
    last = Case(When(state=State.QUEUED, then=Value(1)), default=Value(0), output_field=IntegerField())
    return Participation.objects.filter(activity=activity, state__in=states).order_by(last, "since", "pk")


def lines(rows: Sequence[Participation], *, sees_hidden: bool, typed: str = "") -> list[Line]:
    """`rows`, which the reader may see, with names; only those whose name or its sound holds `typed`."""
    named(rows, why="the organiser reads the names of who signed up")
    found = []
    for row in rows:
        hidden = row.retiree.is_restricted and not sees_hidden
        name = HIDDEN if hidden else row.retiree.name
        if typed and not (typed in name or (not hidden and typed.lower() in row.retiree.name_pinyin)):
            continue
        found.append(Line(row, name, KINDS[State(row.state)], _said(row)))
    return found


def _said(row: Participation) -> str:
    if row.state == State.ARRIVED:
        return f"{row.get_arrival_display()}，{words.stamp(row.arrived_at)}"
    return f"{row.get_way_display()}，{words.stamp(row.since)}"
