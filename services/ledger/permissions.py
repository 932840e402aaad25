"""Who may do what with points and goods. Funds have their own rules (services/funds)."""

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.people.permissions import is_staff_for, may_act_for

from .models import Goods
from .places import community_of


def may_credit(user: User, retiree: Retiree, organisation: Organisation) -> bool:
    """Staff of the giving organisation who deal with the person, and the program; nobody credits oneself."""
    if is_system(user):
        return True
    ours = organisation.pk in standing_of(user).organisation_ids
    return ours and not may_act_for(user, retiree) and is_staff_for(user, retiree)


def may_redeem(user: User, retiree: Retiree, goods: Goods) -> bool:
    """Staff of the community whose goods they are, for whoever is at home there; never for oneself."""
    if not may_keep_goods(user, goods.community) or may_act_for(user, retiree):
        return False
    return community_of(retiree) == goods.community and not retiree.is_restricted


def may_keep_goods(user: User, community: Organisation) -> bool:
    """The shop is the community's."""
    return (
        community.kind == Organisation.Kind.COMMUNITY and community.pk in standing_of(user).organisation_ids
    )
