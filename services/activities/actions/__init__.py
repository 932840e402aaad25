"""What changes activities, who takes part in them, and the places where they are held."""

from .arriving import set_minutes, sign_in, sign_in_by_code, tick, untick
from .following import (
    end_at_death,
    follow_closed,
    follow_merge,
    follow_unmerge,
    forget,
    plan_merge,
    restore_after_death,
    told_of,
)
from .joining import age_words, cancel, clashes, position, sign_up, sign_up_for_series
from .planning import Plan, cancel_activity, change, create
from .rating import rate, report
from .reminding import remind_tomorrow
from .venues import add_venue, close_venue

__all__ = [
    "Plan", "add_venue", "age_words", "cancel", "cancel_activity", "change", "clashes", "close_venue", "create",
    "end_at_death", "follow_closed", "follow_merge", "follow_unmerge", "forget", "plan_merge", "position", "rate",
    "remind_tomorrow",
    "report", "restore_after_death", "set_minutes", "sign_in", "sign_in_by_code", "sign_up", "sign_up_for_series",
    "tick", "told_of", "untick",
]  # fmt: skip
