"""What upper rooms add to the reports: figures of a person (活动次数, 学习次数 …) and matters that need an answer.

Filled in their `AppConfig.ready`. A column nobody registered is absent from every report, never zero; a report keeps
the columns it was made with.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from checkin.statistics.months import Month

type Cells = Mapping[str, str | int]


@dataclass(frozen=True)
class Section:
    """Columns of the lines of persons, filled by one room.

    `columns`: pairs of key and head, at most four characters wide in print. `collect(month)`: cells by person for
    everybody of whom there is something to say, in a fixed number of statements; a person left out has empty cells.
    `sides`: who may read them ("unit", "community"): docs/rules.md, F8.
    """

    key: str
    title: str
    columns: tuple[tuple[str, str], ...]
    collect: Callable[[Month], Mapping[int, Cells]]
    sides: tuple[str, ...] = ("unit", "community")


@dataclass(frozen=True)
class Matters:
    """One kind of matter that needs an answer: `find(month)` gives persons and words for the reports of `side`."""

    key: str
    title: str
    side: str
    find: Callable[[Month], Iterable[tuple[int, str]]]


sections: dict[str, Section] = {}
matters: dict[str, Matters] = {}


def add(section: Section) -> None:
    """Raises ValueError when another section has the key."""
    if sections.setdefault(section.key, section) != section:
        raise ValueError(f"feedback section {section.key} is declared twice")


def add_matters(kind: Matters) -> None:
    """Raises ValueError when another kind has the key."""
    if matters.setdefault(kind.key, kind) != kind:
        raise ValueError(f"feedback matter {kind.key} is declared twice")
