"""Who may withdraw consent, ask for erasure, and decide. When it may be done is the business of the actions."""

from django.db.models import QuerySet

from communities.organisations.permissions import bureau_areas, in_areas, is_system, standing_of
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.people.permissions import is_helper_of, is_staff_for, may_act_for, oversees

from .models import ErasureRequest


def is_one_of_them(user: User, retiree: Retiree) -> bool:
    """The person or a helper, dead or alive: nobody decides about oneself (P12)."""
    return retiree.user_id == user.pk or is_helper_of(user, retiree)


def may_withdraw_consent(user: User, retiree: Retiree) -> bool:
    """The person or a helper; staff of either side for somebody else, on a paper."""
    return may_act_for(user, retiree) or is_staff_for(user, retiree)


def may_ask(user: User, retiree: Retiree) -> bool:
    """The person or a helper; staff of either side, for who came to the counter, or the kin of the dead (art. 49)."""
    return may_act_for(user, retiree) or is_staff_for(user, retiree)


def may_take_back(user: User, request: ErasureRequest) -> bool:
    return may_act_for(user, request.retiree) or request.asked_by_id == user.pk


def may_decide(user: User, request: ErasureRequest) -> bool:
    """A bureau that oversees the person, never about oneself or whom one helps."""
    if is_system(user):
        return True
    return oversees(user, request.retiree) and not is_one_of_them(user, request.retiree)


def visible_to(user: User) -> "QuerySet[ErasureRequest]":
    """What the bureaus `user` works for decide or decided, and those of their areas."""
    return ErasureRequest.objects.filter(in_areas("desk__division__code", bureau_areas(standing_of(user))))
