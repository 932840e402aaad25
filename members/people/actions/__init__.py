"""What changes people. Every function locks the person first; see docs/rules.md, section P."""

from .claims import accept_claim, refuse_claim
from .contact import correct_contact, set_residence
from .deaths import confirm_death, dismiss_death, report_death, undo_death
from .helping import (
    accept_by_code,
    accept_by_staff,
    ask_to_help,
    expire_requests,
    refuse_by_staff,
    stop_helper,
)
from .linking import choose_among, link_by_phone, needs_choice
from .registering import Outcome, PersonKind, Registration, register_at_counter, register_self
from .roster import confirm_standing, enrol, set_flags, update_unit_fields

__all__ = [
    "Outcome",
    "PersonKind",
    "Registration",
    "accept_by_code",
    "accept_by_staff",
    "accept_claim",
    "ask_to_help",
    "choose_among",
    "confirm_death",
    "confirm_standing",
    "correct_contact",
    "dismiss_death",
    "enrol",
    "expire_requests",
    "link_by_phone",
    "needs_choice",
    "refuse_by_staff",
    "refuse_claim",
    "register_at_counter",
    "register_self",
    "report_death",
    "set_flags",
    "set_residence",
    "stop_helper",
    "undo_death",
    "update_unit_fields",
]
