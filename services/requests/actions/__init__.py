"""Asking and answering. For pages, tasks and the rooms' registries. See docs/rules.md, section Q.

Each locks the person, asks permission, returns if done, moves, and writes event, audit and notices, in one transaction.
"""

from .escalating import Escalated, escalate
from .following import (
    close_at_death,
    follow_change,
    follow_closed,
    follow_joined,
    follow_moved_people,
    forget,
    people_of_units,
    plan_merge,
    reopen_after_death,
    reschedule_year,
)
from .handling import answer, close, follow_up, pass_on, phone_to_call, take_up, urge
from .receiving import link, receive
from .speaking import rate, reopen, withdraw

__all__ = [
    "Escalated",
    "answer",
    "close",
    "close_at_death",
    "escalate",
    "follow_change",
    "follow_closed",
    "follow_joined",
    "follow_moved_people",
    "follow_up",
    "forget",
    "link",
    "pass_on",
    "people_of_units",
    "phone_to_call",
    "plan_merge",
    "rate",
    "receive",
    "reopen",
    "reopen_after_death",
    "reschedule_year",
    "take_up",
    "urge",
    "withdraw",
]
