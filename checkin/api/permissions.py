from django.utils import timezone

from communities.organisations.acting import KINDS
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User


def may_manage_tokens(user: User, organisation: Organisation) -> bool:
    """Let another system in, or shut it out: the organisation's own lead (负责人), while it exists."""
    if organisation.closed_on is not None or not any(organisation.kind in kinds for kinds in KINDS.values()):
        return False
    leads = Assignment.objects.active(timezone.localdate()).filter(role=Assignment.Role.LEAD)
    return leads.filter(user=user, user__is_active=True, organisation=organisation).exists()
