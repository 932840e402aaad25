"""Who may plan, record and see visits. Rows are kept back by row-level security besides (models.SEEN_BY)."""

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.people.permissions import is_helper_of, is_staff_for

from .models import Obligation, Visit


def is_own_affair(user: User, retiree: Retiree) -> bool:
    """Nobody visits oneself, nor whom one helps (docs/rules.md, P12)."""
    return retiree.user_id == user.pk or is_helper_of(user, retiree)


def may_visit(user: User, obligation: Obligation) -> bool:
    """Record a visit: staff of the organisation that owes it."""
    if is_system(user):
        return True
    ours = obligation.organisation_id in standing_of(user).organisation_ids
    return ours and not is_own_affair(user, obligation.retiree)


def may_undo(user: User, visit: Visit) -> bool:
    """Take a visit back: whoever of that organisation may record one."""
    if is_system(user):
        return True
    ours = visit.organisation_id in standing_of(user).organisation_ids
    return ours and not is_own_affair(user, visit.retiree)


def may_plan(user: User, retiree: Retiree) -> bool:
    """Say how closely somebody is looked after, who is around them, what happened: staff of either side."""
    if is_system(user):
        return True
    return is_staff_for(user, retiree) and not is_own_affair(user, retiree)


def may_run_campaign(user: User, organisation: Organisation) -> bool:
    """Staff of a bureau or street for its area, of a community or unit for its people."""
    return is_system(user) or organisation.pk in standing_of(user).organisation_ids
