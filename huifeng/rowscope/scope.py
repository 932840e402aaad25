"""Whose eyes the database lends: the scope of the statement that comes next, for this thread or task.

The connection tells PostgreSQL before each statement (database/base.py) and the policies (policies.py) keep
back every other row. Nothing said is NOBODY. Source: docs/decisions/0010.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huifeng.accounts.models import User

NAMES = ("scope", "user", "organisations", "areas", "bureaus")
PERSONS = "persons"  # oneself and whom one helps: worked out by the database when it is told the rest
PROGRAM_KIND, VIEWER_KIND = "program", "viewer"


@dataclass(frozen=True)
class Reach:
    """What makes rows a user's own: the organisations one works for, code prefixes of areas overseen, and those of
    them overseen as a bureau.

    `offices`: the rows all that was read from, for the pages of the floor that read them.
    """

    organisations: tuple[int, ...] = ()
    areas: tuple[str, ...] = ()
    bureaus: tuple[str, ...] = ()
    offices: tuple[Any, ...] = ()


# What the floors above know of a user's reach; each adds its part in `AppConfig.ready`.
reaches: list[Callable[["User"], Reach]] = []


@dataclass(frozen=True)
class Scope:
    """The settings of a connection, in the order of NAMES, and for whom they are, in words.

    `reach`: what they were made of, for a viewer.
    """

    settings: tuple[str, ...]
    who: str
    reach: Reach | None = None

    @property
    def user_id(self) -> int | None:
        """The user whose eyes these are; None for the program and for nobody."""
        return int(self.settings[1]) if self.settings[1] else None


NOBODY = Scope(("",) * len(NAMES), "nobody")

_current: ContextVar[Scope | Callable[[], Scope]] = ContextVar("rowscope", default=NOBODY)


def current() -> Scope:
    """The scope that holds now; may ask the database who a viewer is."""
    held = _current.get()
    return held if isinstance(held, Scope) else held()


@contextlib.contextmanager
def as_program(why: str) -> Iterator[None]:
    """See every row for the length of a block (or of a decorated function): for acts that must reach beyond
    what their actor sees. `why`, in words: a review reads it, and so does whoever asks `current()`.

    A queryset made inside and read outside is read with the eyes outside.
    """
    token = _current.set(Scope((PROGRAM_KIND, *("",) * (len(NAMES) - 1)), why))
    try:
        yield
    finally:
        _current.reset(token)


@contextlib.contextmanager
def as_viewer(found: "Scope | Callable[[], Scope]") -> Iterator[None]:
    """See what `found` sees; a function is asked at every statement, so that a login counts at once."""
    token = _current.set(found)
    try:
        yield
    finally:
        _current.reset(token)


def run_as_program(why: str) -> None:
    """Let this whole thread be the program from now on: for processes that serve nobody, such as tests."""
    _current.set(Scope((PROGRAM_KIND, *("",) * (len(NAMES) - 1)), why))


def of(user: "User") -> Scope:
    """The scope of `user` as things stand now: one query. The system's own account is the program."""
    from huifeng.accounts.models import SYSTEM_USERNAME

    if user.username == SYSTEM_USERNAME:
        return Scope((PROGRAM_KIND, *("",) * (len(NAMES) - 1)), SYSTEM_USERNAME)
    with as_program("find out what a user may see"):
        found = [find(user) for find in reaches]
    lists = {name: tuple(value for part in found for value in getattr(part, name)) for name in NAMES[2:]}
    arrays = [_array(values) for values in lists.values()]
    offices = tuple(row for part in found for row in part.offices)
    return Scope((VIEWER_KIND, str(user.pk), *arrays), f"user {user.pk}", Reach(**lists, offices=offices))


def known_reach(user: "User") -> Reach | None:
    """What a page that only reads has found out of its own user already; None where it has to be asked for."""
    held = _current.get()
    if isinstance(held, Scope) or not getattr(held, "only_reads", False):
        return None
    known = held()
    return known.reach if known.user_id == user.pk else None


def _array(values: Iterable[object]) -> str:
    """A PostgreSQL array of numbers or division codes; "" when empty."""
    joined = ",".join(sorted({str(value) for value in values}))
    return f"{{{joined}}}" if joined else ""
