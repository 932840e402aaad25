from huifeng.accounts.models import SYSTEM_USERNAME, User


def may_edit_codes(user: User) -> bool:
    """Who was given the right in the administration, and the program itself."""
    return user.username == SYSTEM_USERNAME or user.has_perm("codes.change_codevalue")
