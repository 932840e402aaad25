"""What the rooms above add to a reorganisation of units; each fills its part in `AppConfig.ready`."""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from django.db.models import QuerySet

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree

from .models import UnitMembership, UnitReorganisation

# The last day of the newest closed month of an organisation's statistics, None when no month is closed.
closed_until: list[Callable[[Organisation], date | None]] = []

# The keys of people who hang on units in another way than by membership: they are locked with the members.
people_of_units: list[Callable[[Collection[int]], QuerySet[Any, Any]]] = []

# Figures for the preview, by name: what of a planned reorganisation concerns the room.
counted: list[Callable[[UnitReorganisation], dict[str, int]]] = []

# (reorganisation, by, back) after its people got their new unit, or (back) their old one again. Inside the
# transaction, people and units locked; `reorganisation.moved()` says who and from where to where. A few
# statements for any number of people. Answers figures, by name.
on_people_moved: list[Callable[[UnitReorganisation, User, bool], dict[str, int]]] = []

# (retiree, the new membership, key of the unit that had the person or None, by) after one person got a unit or
# another one; the person is locked.
on_joined: list[Callable[[Retiree, UnitMembership, int | None, User], None]] = []

# What happened since to the people it moved and cannot be taken back, in words; "" for nothing.
changed_since: list[Callable[[UnitReorganisation], str]] = []
