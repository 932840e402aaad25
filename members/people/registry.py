"""What the rooms above add to people; each fills its part in `AppConfig.ready`.

Everything here is called inside the transaction of the act, with the person locked.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Model, Q

from communities.organisations.models import Organisation
from communities.organisations.permissions import Standing
from huifeng.accounts.models import User

if TYPE_CHECKING:
    from .models import Retiree

# Whom a person concerns: a condition on Retiree for a user with a standing, None when it adds nobody.
concerned_by: list[Callable[[Standing, User], Q | None]] = []

# Organisations that act as the person's community now (of a check-in that is open or confirmed).
communities_of: list[Callable[["Retiree"], Iterable[int]]] = []

# Of many people (pks), those whom a community has by then: the same as `communities_of`, for a set.
held_by_communities: list[Callable[[Collection[int]], set[int]]] = []

# (retiree, changed field names, by) after the person's data changed.
on_changed: list[Callable[["Retiree", frozenset[str], User], None]] = []

# (retiree, died_on, by) after a death was confirmed; (retiree, by) after it was undone.
on_death: list[Callable[["Retiree", date, User], None]] = []
on_death_undone: list[Callable[["Retiree", User], None]] = []


@dataclass(frozen=True)
class Change:
    """What a merge will do to one row: the values it gets by attribute name, and the words for the clerk.

    No values: the row may change with the merge (`on_merged`), and is watched.
    """

    row: Model
    values: dict[str, Any] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True)
class Told:
    """What a room above knows of a person, when two rows are compared: lines to read.

    `in_force`: it speaks for keeping this row; what the row says of the home holds.
    """

    title: str
    lines: list[str]
    in_force: bool = False


# (people) -> what the room knows of each, by key.
told_of: list[Callable[[Sequence["Retiree"]], dict[int, Told]]] = []

# (kept, other) -> what becomes of the rows of this room when `other` is merged into `kept`, in the order in
# which it is done; reads only. Raises RuleBroken for what must be settled first.
plan_merge: list[Callable[["Retiree", "Retiree"], list[Change]]] = []

# (kept, other, the whole plan, by) after its values were written; (kept, other, the rows that an undo wrote back, by).
on_merged: list[Callable[["Retiree", "Retiree", list[Change], User], None]] = []
on_unmerged: list[Callable[["Retiree", "Retiree", list[Model], User], None]] = []


class Units(Protocol):
    """What people need of the units room."""

    def unit_of(self, retiree: "Retiree") -> Organisation | None:
        """The unit of the open membership (现管单位)."""

    def responsible_organisation(self, retiree: "Retiree") -> Organisation:
        """Who answers for the person: never nobody."""

    def bureau_for(self, code: str | None) -> Organisation:
        """The bureau that oversees the division with `code`, else the city's."""

    def join(self, retiree_id: int, unit_id: int, *, on: date, cause: str, by: User) -> object:
        """Put the person, who has no unit yet, under a unit."""


units: Units


@dataclass(frozen=True)
class Erased:
    """A person as an erasure looks for them: read before anything is taken away.

    `keys`: the person's row and those merged into it. `texts`: every name, ID number and phone of theirs; a free text
    that holds one of them is about them, or about somebody of the same name.
    """

    keys: tuple[int, ...]
    texts: frozenset[str]
    phones: frozenset[str]
    by: User

    def is_in(self, text: str) -> bool:
        return any(known in text for known in self.texts)


@dataclass(frozen=True)
class Eraser:
    """What a room does when a person's data is erased (docs/security.md, Erasure).

    `covers`: label of every model of the room -> what becomes of it, or why it holds nothing of a person. A model
    that nobody covers fails tests/checkin/rights/test_nowhere.py. `erase` is called in the transaction.
    """

    covers: dict[str, str]
    erase: Callable[[Erased], None] | None = None


erasers: list[Eraser] = []
