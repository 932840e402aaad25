"""Who reads, signs for and disputes an organisation's notices, and who connects its system."""

from collections.abc import Collection

from django.db.models import Q
from django.utils import timezone

from communities.notices.models import Notice
from communities.organisations.models import Assignment, Organisation
from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User


def may_answer(user: User, notice: Notice) -> bool:
    """Whoever works for the receiver today, or for its successor after it was closed."""
    return not {notice.receiver_id, notice.receiver.successor_id}.isdisjoint(
        standing_of(user).organisation_ids
    )


def signed_by(organisations: Collection[int]) -> Q:
    """The notices these organisations sign for: their own, and those of organisations that went into them."""
    return Q(receiver__in=organisations) | Q(receiver__successor__in=organisations)


def may_have_digest(user: User, organisation: Organisation) -> bool:
    return organisation.pk in standing_of(user).organisation_ids


def may_manage_webhooks(user: User, organisation: Organisation) -> bool:
    """What leaves the house by itself is the lead's (负责人) to decide."""
    return (
        Assignment.objects.active(timezone.localdate())
        .filter(
            user=user,
            user__is_active=True,
            organisation=organisation,
            organisation__closed_on=None,
            role=Assignment.Role.LEAD,
        )
        .exists()
    )
