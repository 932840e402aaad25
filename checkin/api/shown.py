"""Which fields of a person an organisation is shown: what its screens and lists hold (docs/rules.md, P1, E2)."""

from communities.organisations.acting import area_of
from communities.organisations.models import Organisation
from members.exports import columns
from members.people import fields

ALL = tuple(sorted(fields.UNIT_OWNS | fields.COMMUNITY_OWNS))
_SIDES = {column.field: column.sides for column in columns.OWN}


def fields_for(organisation: Organisation) -> frozenset[str]:
    """What is in no list (resettlement, household address …) the unit's side and the bureaus see."""
    side = area_of(organisation)
    return frozenset(name for name in ALL if side in _SIDES.get(name, columns.UNIT_SIDE))
