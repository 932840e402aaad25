from huifeng.accounts.models import SYSTEM_USERNAME, User

from . import registry


def may_manage(user: User, code: str) -> bool:
    """Whether `user` may add, rename, merge and close communities at `code`: as the upper rooms say, or the
    system.
    """
    return user.username == SYSTEM_USERNAME or any(may(user, code) for may in registry.managers)


def may_describe(user: User, code: str) -> bool:
    """Whether `user` may list the 小区 and roads of the community `code`."""
    return may_manage(user, code) or any(may(user, code) for may in registry.describers)
