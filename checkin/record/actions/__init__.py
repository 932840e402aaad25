"""Every change of a check-in, one function a verb. Pages, imports, the API and tasks all call these.

Each locks the person, asks permission, returns if the same person already did it, moves, writes its event,
its audit entry and its notices, in one transaction. The table of moves is drawn in docs/states.md.
"""

from .ceremonies import hold_ceremony
from .counter import register
from .decisions import confirm, confirm_many, forward, place, return_to_person, undo_confirm, verify
from .drafts import start, submit, write_down
from .endings import end, end_at_death, end_at_withdrawal, restore_after_death, withdraw
from .following import count_for_units, decided_since, follow_moved_people
from .forgetting import forget_old
from .merging import follow_merge, follow_unmerge, plan_merge, told_of
from .seasons import add_seasonal_stay, end_seasonal_stay
from .upkeep import (
    follow_closed_community,
    follow_closed_unit,
    follow_restriction,
    follow_transfer,
    remind_overdue,
    reschedule_year,
)

__all__ = [
    "add_seasonal_stay",
    "confirm",
    "confirm_many",
    "count_for_units",
    "decided_since",
    "end",
    "end_at_death",
    "end_at_withdrawal",
    "end_seasonal_stay",
    "follow_closed_community",
    "follow_closed_unit",
    "follow_merge",
    "follow_moved_people",
    "follow_restriction",
    "follow_transfer",
    "follow_unmerge",
    "forget_old",
    "forward",
    "hold_ceremony",
    "place",
    "plan_merge",
    "register",
    "remind_overdue",
    "reschedule_year",
    "restore_after_death",
    "return_to_person",
    "start",
    "submit",
    "told_of",
    "undo_confirm",
    "verify",
    "withdraw",
    "write_down",
]
