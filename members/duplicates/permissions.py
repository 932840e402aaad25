"""Who may decide that two rows are one person."""

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.people.permissions import is_helper_of, may_act_for_unit, may_edit_unit_fields


def may_merge(user: User, *rows: Retiree) -> bool:
    """Whoever answers for each of `rows`: the unit, a bureau above; never about oneself or whom one helps (P12)."""
    return all(not is_party(user, row) and _answers_for(user, row) for row in rows)


def may_look_again(user: User, unit: Organisation) -> bool:
    return may_act_for_unit(user, unit)


def _answers_for(user: User, row: Retiree) -> bool:
    """The side that owns what a unit knows; of a claimed person also the unit that could vouch for them."""
    if may_edit_unit_fields(user, row):
        return True
    claimed = row.standing == Retiree.Standing.CLAIMED and not row.is_restricted
    return claimed and row.claimed_unit is not None and may_act_for_unit(user, row.claimed_unit)


def is_party(user: User, row: Retiree) -> bool:
    """The person, or a helper: nobody decides about oneself."""
    return row.user_id == user.pk or is_helper_of(user, row)
