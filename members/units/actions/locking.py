"""Everybody who hangs on some units, locked before the units are (rules P3)."""

from collections.abc import Collection

from django.db.models import QuerySet

from members.people.models import IdentityClaim, Retiree

from .. import registry
from ..models import UnitMembership


def lock(unit_ids: Collection[int]) -> frozenset[int]:
    """Lock the units' people in order of keys, as `Retiree.objects.locked` does one; who that is."""
    people = _people(unit_ids).select_for_update(no_key=True, of=("self",)).order_by("pk")
    return frozenset(people.values_list("pk", flat=True))


def of(unit_ids: Collection[int]) -> frozenset[int]:
    """The units' people at this moment: members, who says to be one, and what the rooms above add."""
    return frozenset(_people(unit_ids).values_list("pk", flat=True))


def _people(unit_ids: Collection[int]) -> QuerySet[Retiree]:
    members = UnitMembership.objects.open().filter(unit__in=unit_ids).values("retiree")
    claimants = Retiree.objects.filter(claimed_unit__in=unit_ids).values("pk")
    claims = IdentityClaim.objects.filter(desk__in=unit_ids, state=IdentityClaim.State.OPEN).values("retiree")
    others = [people(unit_ids) for people in registry.people_of_units]
    return Retiree.objects.filter(pk__in=members.union(claimants, claims, *others))
