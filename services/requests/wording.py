"""A request in words, for lists and pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from checkin.record import lists
from huifeng.codes import labels
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree

from .models import Request, RequestEvent, RequestWords

State, Move = Request.State, RequestEvent.Move
KINDS = {
    State.NEW: "info",
    State.WORKING: "info",
    State.ANSWERED: "done",
    State.RATED: "done",
    State.CLOSED: "neutral",
}
SNIPPET = 40


def title(request: Request) -> str:
    """What it is about: the kind, and the item where there is one; of a private one only that it is."""
    if request.is_private:
        return "心里话"
    item = labels.label(request.preset.catalogue, request.item) if request.item else ""
    return f"{request.preset.name}：{item}" if item else request.preset.name


def state(request: Request) -> str:
    """The state, with the reason of an end that is no answer."""
    if request.state == State.CLOSED and request.why_closed != Request.Why.DONE:
        return f"不用再办（{request.get_why_closed_display()}）"
    return request.get_state_display()


def due(request: Request, today: date) -> Any:
    return lists.due_words(request.due_on, today) if request.is_open else None


@dataclass(frozen=True)
class Item:
    """A line of a list."""

    row: Request
    title: str
    state: str
    kind: str
    due: Any
    words: str


def items(rows: Sequence[Request], today: date) -> list[Item]:
    """The lines of a page; what was asked is shown in short where it is not private. Two queries a page."""
    name_all(rows)
    first = RequestWords.objects.filter(
        request__in=[row.pk for row in rows], is_private=False, event__move=Move.RECEIVED
    )
    asked = {words.request_id: words.text for words in first}
    return [
        Item(
            row,
            title(row),
            state(row),
            KINDS[State(row.state)],
            due(row, today),
            _short(asked.get(row.pk, "")),
        )
        for row in rows
    ]


def name_all(rows: Sequence[Request]) -> None:
    """Give each row its person: who answers reads the name, wherever the person has moved meanwhile."""
    keys = {row.retiree_id for row in rows if row.retiree_id is not None}
    with as_program("who may read a request reads whose it is"):
        people = Retiree.objects.in_bulk(keys) if keys else {}
    for row in rows:
        row.retiree = people.get(row.retiree_id) if row.retiree_id is not None else None


def _short(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= SNIPPET else f"{plain[:SNIPPET]}…"


@dataclass(frozen=True)
class Step:
    """A step of the history, as parts/timeline.html shows it."""

    title: str
    state: str
    at: Any
    who: str
    note: str
    phone: str = ""
    url: str = ""
    action: str = ""


def steps(events: Sequence[RequestEvent], words: dict[int, str], *, of_person: bool) -> list[Step]:
    """The history. The person does not read who reported what to whom; staff read all steps."""
    shown = [event for event in events if not (of_person and event.move in _INSIDE)]
    return [
        Step(
            title=_move(event),
            state="done",
            at=event.at,
            who=_who(event, of_person=of_person),
            note=words.get(event.pk, ""),
        )
        for event in shown
    ]


_INSIDE = frozenset([Move.URGED, Move.ESCALATED, Move.RESCHEDULED, Move.LINKED])


def _move(event: RequestEvent) -> str:
    if event.move in (Move.PASSED_ON, Move.REDIRECTED):
        return f"转给{event.desk.name}"
    return event.get_move_display()


def _who(event: RequestEvent, *, of_person: bool) -> str:
    office = event.organisation.name if event.organisation is not None else ""
    if of_person and not office:
        return ""
    return f"{office} {event.actor_name}".strip()
