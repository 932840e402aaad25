"""What upper rooms do when an organisation ends: its people follow the successor, its open work is handed
over.

Filled in the upper room's `AppConfig.ready`. Called as hook(closed, successor, on, by) inside the transaction
of the act, after the organisation is closed; both rows are locked, and for a unit its people before them.
`successor` is None when there is none.
"""

from collections.abc import Callable, Collection
from datetime import date
from typing import Protocol

from huifeng.accounts.models import User

from .models import Organisation

type Hook = Callable[[Organisation, Organisation | None, date, User], None]

on_unit_closed: list[Hook] = []
on_community_closed: list[Hook] = []


class PeopleFirst(Protocol):
    """What closing a unit needs of the rooms that know people: people are locked before units (rules P3)."""

    def lock(self, unit_ids: Collection[int]) -> frozenset[int]:
        """Lock everybody who hangs on the units, in order of keys; who that is."""

    def of(self, unit_ids: Collection[int]) -> frozenset[int]:
        """Who hangs on the units at this moment, without a lock."""


people_first: PeopleFirst
