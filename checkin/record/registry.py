"""What the rooms above add to check-ins; each fills its part in `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from huifeng.accounts.models import User
from members.people.models import Retiree

if TYPE_CHECKING:
    from .models import CheckIn

# (check-in, by) after it was handed in, in that transaction, with the person locked.
on_declared: list[Callable[["CheckIn", User], None]] = []


@dataclass(frozen=True)
class Proposed:
    """A correction somebody proposed, in words: `page` is its address within the area (proposals/5/)."""

    title: str
    old: str
    new: str
    who: str
    state: str
    kind: str  # of the tag
    page: str


@dataclass(frozen=True)
class Proposals:
    """What was proposed about a person, as one user may read it; `new_page` is "" for who owns every field."""

    lines: list[Proposed]
    new_page: str


# (person, user, whether decided ones are wanted too) -> what was proposed.
proposals_about: list[Callable[[Retiree, User, bool], Proposals]] = []
