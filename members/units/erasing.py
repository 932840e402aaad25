"""What an erasure does in this room (docs/security.md, Erasure)."""

from members.people.registry import Erased

from .models import UnitMembership

COVERS = {
    "members_units.UnitMembership": "stays, it is counted; its paper emptied",
    "members_units.UnitReorganisation": "units, a day, a paper; keys of people",
    "members_units.ReorganisationPerson": "keys and units",
}


def erase(erased: Erased) -> None:
    UnitMembership.objects.filter(retiree__in=erased.keys).update(document="")
