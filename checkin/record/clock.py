"""When a request on a desk is due, and when it goes up: street first, then bureau."""

from datetime import datetime

from communities.calendar.periods import Clock

from . import periods
from .models import CheckIn, State

_PERIOD = {
    State.SUBMITTED: periods.UNIT_VERIFY,
    State.VERIFIED: periods.COMMUNITY_CONFIRM,
    State.RETURNED: periods.PERSON_AMEND,
}


def start(checkin: CheckIn, at: datetime) -> None:
    """Begin the clock of the present state at `at` (aware). Does not save."""
    checkin.clock_started_at = at
    set_dates(checkin)


def set_dates(checkin: CheckIn) -> None:
    """Work the dates out from the clock's start and the calendar as it is now. Does not save."""
    assert checkin.clock_started_at is not None
    clock = Clock()
    due = clock.deadline(_PERIOD[State(checkin.state)], checkin.clock_started_at)
    street = clock.calendar.add_working_days(due.day, clock.lengths[periods.ESCALATE_STREET].length)
    bureau = clock.calendar.add_working_days(due.day, clock.lengths[periods.ESCALATE_BUREAU].length)
    checkin.due_on, checkin.street_on, checkin.bureau_on = due.day, street.day, bureau.day
    checkin.dates_provisional = due.provisional or street.provisional or bureau.provisional


def stop(checkin: CheckIn) -> None:
    """Nobody has to act any more. Does not save."""
    checkin.due_on = checkin.street_on = checkin.bureau_on = None
    checkin.dates_provisional = False
