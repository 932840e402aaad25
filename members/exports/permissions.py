from communities.organisations.models import Organisation
from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User


def may_export(user: User, organisation: Organisation) -> bool:
    """Take out the lists of `organisation`: who works for it today. Not the program itself: a person answers."""
    return organisation.pk in standing_of(user).organisation_ids
