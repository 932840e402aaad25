"""A proposal in words: whose it is, what it says, and how it stands."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from checkin.record import lists

from . import values
from .models import ChangeProposal

State = ChangeProposal.State
KINDS = {
    State.OPEN: "info",
    State.ACCEPTED: "done",
    State.REFUSED: "warn",
    State.WITHDRAWN: "neutral",
    State.SUPERSEDED: "neutral",
}
OVER = (State.WITHDRAWN, State.SUPERSEDED)  # neither waits nor was answered

# What pages offer, in the order of the registration form.
OF_UNIT = (
    "name", "sex", "birth_date", "id_number", "ethnicity", "native_place", "kind", "retired_on",
    "joined_work_on", "original_unit", "original_post", "rank", "treatment", "category", "political_status",
    "party_joined_on", "education", "title", "former_name", "household_address",
)  # fmt: skip
OF_COMMUNITY = (
    "phone", "landline", "residence_address", "emergency_name", "emergency_relation", "emergency_phone",
    "living_situation", "health", "mobility", "interests", "skills", "needs",
)  # fmt: skip


def old(row: ChangeProposal, *, in_full: bool = False) -> str:
    """What the record said when it was proposed."""
    return values.say(row.field, row.old, in_full=in_full) if row.field else "—"


def new(row: ChangeProposal, *, in_full: bool = False) -> str:
    """What it should say; for words, the words."""
    return values.say(row.field, row.new, in_full=in_full) if row.field else row.why


def now(row: ChangeProposal, *, in_full: bool = False) -> str:
    """What the record says today."""
    return values.say(row.field, values.of(row.retiree, row.field), in_full=in_full) if row.field else "—"


def has_changed(row: ChangeProposal) -> bool:
    """Whether the record says something else than when it was proposed."""
    return bool(row.field) and values.of(row.retiree, row.field) != row.old


def who(row: ChangeProposal) -> str:
    """Who says so: the organisation, or the person."""
    if row.organisation is not None:
        own = row.source == ChangeProposal.Source.SYSTEM
        return f"{row.organisation.name}（{row.get_source_display()}）" if own else row.organisation.name
    return row.get_source_display()


def numbers(row: ChangeProposal) -> bool:
    """Whether the values are masked until somebody asks for them."""
    return row.field in values.NUMBERS


@dataclass(frozen=True)
class Item:
    """A line of the staff's list."""

    row: ChangeProposal
    old: str
    now: str
    new: str
    who: str
    kind: str
    due: Any


def item(row: ChangeProposal, today: date) -> Item:
    due = lists.due_words(row.due_on, today) if row.state == State.OPEN else None
    return Item(row, old(row), now(row), new(row), who(row), KINDS[State(row.state)], due)
