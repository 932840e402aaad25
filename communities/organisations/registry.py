"""What upper rooms do when an organisation ends: its people follow the successor, its open work is handed
over.

Filled in the upper room's `AppConfig.ready`. Called as hook(closed, successor, on, by) inside the transaction
of the act, after the organisation is closed; both rows are locked. `successor` is None when there is none.
"""

from collections.abc import Callable
from datetime import date

from huifeng.accounts.models import User

from .models import Organisation

type Hook = Callable[[Organisation, Organisation | None, date, User], None]

on_unit_closed: list[Hook] = []
on_community_closed: list[Hook] = []
