"""Where retirees and their helpers go after login."""

from huifeng.accounts.homes import RETIREE_HOME, Home
from huifeng.accounts.models import User

from .actions import link_by_phone
from .models import Helper, Retiree


def retiree_homes(user: User) -> list[Home]:
    """The home of a retiree, or of who helps one; both are the same page."""
    if Retiree.objects.filter(user=user).exists():
        return [Home("我自己", RETIREE_HOME)]
    if Helper.objects.filter(user=user, ended_at=None).exists():
        return [Home("替家人办理", RETIREE_HOME)]
    return []


def link_at_login(user: User) -> None:
    """Link an account that proved its phone by code to the person of that phone.

    Not one with a password: staff prove no phone when they log in.
    """
    if not user.has_usable_password():
        link_by_phone(user)
