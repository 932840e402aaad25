"""Which notices the receiver must sign for (签收): facts about people it answers for from now on, or no longer.

A notice that asks a desk to act (submitted, verified) needs none: acting is the answer, and has a date of its own.
Reminders need none either. What needs one gets the date in the moment it is delivered. Source: docs/rules.md, N4.
"""

from datetime import date, datetime

from checkin.record.models import CheckInEvent
from communities.calendar.periods import deadline

from .periods import RECEIPT

Move = CheckInEvent.Move

KINDS = frozenset({
    *(f"checkin.{move}" for move in (
        Move.RETURNED, Move.PLACED, Move.FORWARDED, Move.CONFIRMED, Move.UNDONE, Move.WITHDRAWN, Move.ENDED,
        Move.RESTORED, Move.REDIRECTED,
    )),
    "people.changed",
    "people.died",
    "people.death_undone",
    "people.merged",
    "people.unit_changed",
    "units.reorganised",
})  # fmt: skip


def due_on(at: datetime) -> date:
    """Until when a notice delivered at `at` (aware) is to be signed for. One query."""
    return deadline(RECEIPT, at).day
