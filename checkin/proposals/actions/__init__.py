"""Proposing a change of what another side owns, and answering. For pages, the check-in, the API and tasks.

Each locks the person, asks permission, returns if done, moves, and writes audit and notices, in one
transaction. See docs/rules.md, section O.
"""

from .deciding import accept, refuse, reveal, withdraw
from .following import (
    close_at_death,
    follow_change,
    follow_closed,
    follow_joined,
    follow_merge,
    follow_moved_people,
    follow_unmerge,
    lay_on_desk,
    plan_merge,
    reopen_after_death,
)
from .proposing import propose, propose_from_declaration
from .reminding import remind_overdue, reschedule_year

__all__ = [
    "accept",
    "close_at_death",
    "follow_change",
    "follow_closed",
    "follow_joined",
    "follow_merge",
    "follow_moved_people",
    "follow_unmerge",
    "lay_on_desk",
    "plan_merge",
    "propose",
    "propose_from_declaration",
    "refuse",
    "remind_overdue",
    "reopen_after_death",
    "reschedule_year",
    "reveal",
    "withdraw",
]
