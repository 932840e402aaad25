"""Which fields of a person an organisation is shown: what its screens hold (docs/rules.md, P1, E2)."""

from checkin.proposals.permissions import unseen_by
from communities.organisations.models import Organisation
from members.people import fields

ALL = tuple(sorted(fields.UNIT_OWNS | fields.COMMUNITY_OWNS))


def fields_for(organisation: Organisation) -> frozenset[str]:
    return frozenset(ALL) - unseen_by(organisation)
