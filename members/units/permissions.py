from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import OuterRef, Q, Subquery
from django.db.models.lookups import StartsWith

from communities.organisations.models import Organisation
from communities.organisations.permissions import Standing, in_areas, may_manage_organisation
from huifeng.accounts.models import User
from members.people.models import Retiree, bureau_areas
from members.people.permissions import may_act_for_unit

from .models import UnitMembership


def members_of(standing: Standing, user: User) -> Q | None:
    """People of the units one works for."""
    if not standing.organisation_ids:
        return None
    members = UnitMembership.objects.open().filter(unit_id__in=standing.organisation_ids)
    return Q(pk__in=members.values("retiree"))


def claimants_of(standing: Standing, user: User) -> Q | None:
    """People who say to be of the units one works for."""
    if not standing.organisation_ids:
        return None
    return Q(standing=Retiree.Standing.CLAIMED, claimed_unit_id__in=standing.organisation_ids)


def members_in_area(standing: Standing, user: User) -> Q | None:
    """People of the units in an overseen area.

    A bureau's are looked up person by person, so that its page can stop reading early; a street has few units.
    """
    wide = bureau_areas(standing)
    narrow = tuple(area for area in standing.areas if area not in wide)
    of_person = UnitMembership.objects.open().filter(retiree=OuterRef("pk"))
    place = Subquery(of_person.values("unit__division")[:1])
    reasons = [Q(StartsWith(place, area)) for area in wide]
    if narrow:
        there = UnitMembership.objects.open().filter(in_areas("unit__division__code", narrow))
        reasons.append(Q(pk__in=there.values("retiree")))
    return reduce(or_, reasons) if reasons else None


def may_transfer(user: User, retiree: Retiree) -> bool:
    """Hand somebody over: the managing unit, or a bureau above it."""
    unit = Organisation.objects.filter(memberships__retiree=retiree, memberships__valid_until=None).first()
    return unit is not None and may_act_for_unit(user, unit)


def may_reorganise(user: User, sources: Iterable[Organisation]) -> bool:
    """Merge, split, close a unit or hand its people over: a bureau above every unit that gives people away.

    A receiver is not asked and may not fetch (docs/rules.md, P10).
    """
    return all(may_manage_organisation(user, unit) for unit in sources)
