from collections.abc import Iterable

from django.db.models import OuterRef, Q, Subquery
from django.db.models.lookups import StartsWith

from communities.organisations.models import Organisation
from communities.organisations.permissions import Standing, may_manage_organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.people.permissions import may_act_for_unit

from .models import UnitMembership


def concerned_units(standing: Standing, user: User) -> Q | None:
    """People of the units one works for, those who say to be, and people of the units in an overseen area.

    The unit's place is looked up person by person, so that a page of a bureau can stop reading early.
    """
    reasons = []
    if standing.organisation_ids:
        members = UnitMembership.objects.open().filter(unit_id__in=standing.organisation_ids)
        claimed = Q(standing=Retiree.Standing.CLAIMED, claimed_unit_id__in=standing.organisation_ids)
        reasons.append(Q(pk__in=members.values("retiree")) | claimed)
    if standing.areas:
        of_person = UnitMembership.objects.open().filter(retiree=OuterRef("pk"))
        place = Subquery(of_person.values("unit__division")[:1])
        reasons += [Q(StartsWith(place, area)) for area in standing.areas]
    if not reasons:
        return None
    condition = reasons[0]
    for reason in reasons[1:]:
        condition |= reason
    return condition


def may_transfer(user: User, retiree: Retiree) -> bool:
    """Hand somebody over: the managing unit, or a bureau above it."""
    unit = Organisation.objects.filter(memberships__retiree=retiree, memberships__valid_until=None).first()
    return unit is not None and may_act_for_unit(user, unit)


def may_reorganise(user: User, sources: Iterable[Organisation]) -> bool:
    """Merge, split, close a unit or hand its people over: a bureau above every unit that gives people away.

    A receiver is not asked and may not fetch (docs/rules.md, P10).
    """
    return all(may_manage_organisation(user, unit) for unit in sources)
