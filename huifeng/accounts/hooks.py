"""What upper floors add to logging in. Filled in AppConfig.ready."""

from collections.abc import Callable
from dataclasses import dataclass

from .models import User

on_login: list[Callable[[User], None]] = []
"""Called once at each login, in one transaction, before the session starts. An exception stops the login."""

works_for_bureau: list[Callable[[User], bool]] = []
"""Whether an account acts for a bureau: the second factor is asked of it (HUIFENG_SECOND_FACTOR)."""


@dataclass(frozen=True)
class ReadyAccount:
    """An account of the demo city, shown on the login page."""

    role: str
    login: str
    password: str
    organisation: str = ""


ready_accounts: list[Callable[[], list[ReadyAccount]]] = []
"""Filled by the demo; without it the login page has no such block."""
