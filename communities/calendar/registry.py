"""What upper rooms recompute when the calendar changes: provisional deadlines, once their year is announced.

Filled in the upper room's `AppConfig.ready`; called inside the transaction that entered the year.
"""

from collections.abc import Callable

from huifeng.accounts.models import User

on_year_entered: list[Callable[[int, User], object]] = []
