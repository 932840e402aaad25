"""What the API writes of its own: tokens, remembered answers, posted digests, looks. All else are other rooms' acts."""

from .digests import post_digest
from .idempotency import Answer, forget_old, once
from .people import Outcome, change_person, look_up, reveal
from .tokens import Issued, create, revoke, rotate, touch

__all__ = [
    "Answer",
    "Issued",
    "Outcome",
    "change_person",
    "create",
    "forget_old",
    "look_up",
    "once",
    "post_digest",
    "reveal",
    "revoke",
    "rotate",
    "touch",
]
