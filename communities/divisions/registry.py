"""What upper rooms hang on places: who may change them, and what follows when one changes.

Filled in the upper room's `AppConfig.ready`. Hooks run inside the transaction of the act, after the place has
moved.
"""

from collections.abc import Callable
from datetime import date

from huifeng.accounts.models import User

from .models import Division

# May the user add, rename, merge or close communities at this code; may they say what lies in it?
managers: list[Callable[[User, str], bool]] = []
describers: list[Callable[[User, str], bool]] = []

on_added: list[Callable[[Division, User], None]] = []
on_renamed: list[Callable[[Division, User], None]] = []
on_closed: list[Callable[[Division, Division | None, date, User], None]] = []
