"""Who reconciles. What is listed to whom: `Drift.objects.within(area, user)`."""

from communities.organisations.models import Organisation
from communities.organisations.permissions import bureaus_of, is_system, standing_of
from huifeng.accounts.models import User


def may_reconcile(user: User) -> bool:
    """Bureaus, of the city and of districts; by itself it runs every night. Source: docs/rules.md, R6."""
    return is_system(user) or bool(bureaus_of(user))


def may_keep_digest(user: User, organisation: Organisation) -> bool:
    """Whoever works for the organisation, its own system's account included."""
    return is_system(user) or organisation.pk in standing_of(user).organisation_ids
