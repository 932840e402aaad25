"""Everything that changes visits, lines, classes, teams and campaigns."""

from .campaigning import start_campaign, tick_delivered
from .following import (
    end_at_death,
    follow_closed,
    follow_joined,
    follow_merge,
    follow_moved_people,
    follow_unmerge,
    forget,
    plan_merge,
    restore_after_death,
)
from .nightly import make_all_due, remind_late
from .planning import Seat, end_team, note_occasion, seat_team, set_class
from .visiting import UNDO, keep_draft, record_visit, undo_visit

__all__ = [
    "UNDO", "Seat", "end_at_death", "end_team", "follow_closed", "follow_joined", "follow_merge", "follow_moved_people",
    "follow_unmerge", "forget", "keep_draft", "make_all_due", "note_occasion", "plan_merge", "record_visit",
    "remind_late", "restore_after_death", "seat_team", "set_class", "start_campaign", "tick_delivered", "undo_visit",
]  # fmt: skip
