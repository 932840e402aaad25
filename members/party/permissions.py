from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from members.people.models import Retiree, bureau_areas
from members.people.permissions import may_edit_unit_fields

from .models import PartyAffiliation, PartyOrganisation


def may_keep(user: User, host: Organisation) -> bool:
    """Keep the Party organisations of a unit or community: its staff, and the bureaus and streets above."""
    if is_system(user):
        return True
    standing = standing_of(user)
    if host.pk in standing.organisation_ids:
        return True
    return standing.oversees(host.division_id) if host.division_id else bool(bureau_areas(standing))


def may_affiliate(user: User, retiree: Retiree) -> bool:
    """The formal relation (组织关系) is the unit's to write."""
    return may_edit_unit_fields(user, retiree)


def may_let_take_part(user: User, organisation: PartyOrganisation) -> bool:
    """Take somebody into the branch's meetings: whoever keeps the branch."""
    return may_keep(user, organisation.host)


def may_end(user: User, affiliation: PartyAffiliation) -> bool:
    """A formal relation: the unit's side; taking part: whoever keeps the branch."""
    if affiliation.kind == PartyAffiliation.Kind.FORMAL:
        return may_affiliate(user, affiliation.retiree)
    return may_let_take_part(user, affiliation.organisation)
