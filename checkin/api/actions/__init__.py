"""What the API writes of its own: tokens, remembered answers, looks. All else are other rooms' acts."""

from .idempotency import Answer, forget_old, once
from .people import Outcome, change_person, look_up, note_list, note_look, reveal
from .tokens import Issued, create, revoke, rotate, touch

__all__ = [
    "Answer",
    "Issued",
    "Outcome",
    "change_person",
    "create",
    "forget_old",
    "look_up",
    "note_list",
    "note_look",
    "once",
    "reveal",
    "revoke",
    "rotate",
    "touch",
]
