from .homes import homes_of
from .models import User


def may_use_sign_on(user: User) -> bool:
    """Staff who work for an organisation now.

    Not administrators: who runs the province's sign-on is not to run our server.
    """
    return not why_no_sign_on(user)


def why_no_sign_on(user: User) -> str:
    """Why `user` may not come in by single sign-on, in one word; "" when they may."""
    if not user.is_active:
        return "inactive"
    if user.is_staff or user.is_superuser:
        return "administrator"
    return "" if any(home.staff for home in homes_of(user)) else "no_work"
