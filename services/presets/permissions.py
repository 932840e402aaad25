from communities.organisations.permissions import is_system
from huifeng.accounts.models import User

from .models import Preset


def may_edit(user: User, preset: Preset) -> bool:
    """Who was given the right in the administration, and the program itself."""
    meta = preset._meta
    return is_system(user) or user.has_perm(f"{meta.app_label}.change_{meta.model_name}")
