"""What the rooms above add to an export: which people a page lists, and columns that only they know.

Filled in the upper room's `AppConfig.ready`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import QueryDict

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.spreadsheets.writing import Column
from members.people.models import Retiree


@dataclass(frozen=True)
class Chosen:
    """The people behind a filter bar: the same whom the page with that bar lists.

    `wanted`: the conditions as they stand in the address; `words`: the same for people, `kept`: for the log, without
    what somebody typed (it may be a name or a number).
    """

    people: QuerySet[Retiree]
    wanted: Mapping[str, str]
    words: Sequence[str]
    kept: Sequence[str]


type Choose = Callable[[Organisation, QueryDict], Chosen]


@dataclass(frozen=True)
class Group:
    """Columns that another room fills. `values(people, by)`: for each person who has any, a text for each column;
    one query for all of them, and no more than `by` may see. `sides`: on whose pages they are shown.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    sides: frozenset[str]
    values: Callable[[Collection[int], User], Mapping[int, Sequence[str]]]

    def key(self, column: Column) -> str:
        """How the column is called in a form and in an order."""
        return f"{self.name}.{self.columns.index(column)}"


lists: dict[str, Choose] = {}  # by the area of pages: unit, community, bureau
groups: list[Group] = []
