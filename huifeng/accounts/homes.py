"""Where an account belongs. Upper rooms add a function each; nothing here knows who the homes are for."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from .models import User


@dataclass(frozen=True)
class Home:
    """A capacity somebody can enter in (以什么身份进入), and its first page.

    `staff`: the account acts for an organisation, so an idle session ends after half an hour.
    """

    title: str
    url: str
    staff: bool = False


homes: list[Callable[[User], list[Home]]] = []
"""Filled in AppConfig.ready; the order is the order in which homes are offered."""

RETIREE_HOME = "/my/"  # also for whoever is nobody yet: that page asks who they are


def homes_of(user: User | AnonymousUser) -> list[Home]:
    """Every home of `user`, each address once; a stranger has none."""
    if not isinstance(user, User):
        return []
    found: dict[str, Home] = {}
    for ask in homes:
        for home in ask(user):
            found.setdefault(home.url, home)
    if user.is_staff and not found:
        return [Home("系统管理", "/admin/", staff=True)]
    return list(found.values())


def first_page(all_homes: list[Home]) -> str | None:
    """Where to go after login; None when only the person can say, being both staff and retiree or helper."""
    if len({home.staff for home in all_homes}) > 1:
        return None
    return all_homes[0].url if all_homes else RETIREE_HOME
