"""Who may bring a roster, and who decides what it asks of another unit."""

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from members.people.permissions import may_act_for_unit

from .models import UNITS, TransferProposal


def may_import_for(user: User, organisation: Organisation) -> bool:
    """A unit's own staff and the bureau above bring a unit's roster; a bureau also one of many units."""
    if organisation.kind in UNITS:
        return may_act_for_unit(user, organisation)
    if organisation.kind != Organisation.Kind.BUREAU:
        return False
    return is_system(user) or organisation.pk in standing_of(user).organisation_ids


def may_decide_transfer(user: User, proposal: TransferProposal) -> bool:
    """The unit that manages the person, or the bureau above it; nobody about oneself."""
    return proposal.retiree.user_id != user.pk and may_act_for_unit(user, proposal.from_unit)
