"""Which organisation owns a field of a person now, and so answers what is proposed for it. Never nobody."""

from checkin.record.models import CheckIn, State
from communities.organisations.models import Organisation
from members.people import fields
from members.people.models import Retiree
from members.people.permissions import nobody_owns_contact
from members.units.actions import bureau_for, responsible_organisation

from .models import IN_WORDS

Kind = Organisation.Kind


def owner_of(retiree: Retiree, field: str) -> Organisation:
    """The unit for what a unit knows and for words that name no field, else the community, else the bureau.

    A unit outside has nobody here: its fields are the community's to type (rules P1). A restricted person is a
    bureau's business only. Source: docs/rules.md, O2.
    """
    answering = responsible_organisation(retiree)
    place = retiree.residence_id or answering.division_id
    if retiree.is_restricted:
        return bureau_for(place)
    of_unit = field == IN_WORDS or field in fields.UNIT_OWNS or nobody_owns_contact(retiree)
    if of_unit and not answering.is_external:
        return answering
    return community_of(retiree) or bureau_for(place)


def community_of(retiree: Retiree) -> Organisation | None:
    """The community where the person is checked in, else where the person lives, else the one asked for."""
    rows = CheckIn.objects.filter(retiree=retiree, community__kind=Kind.COMMUNITY)
    found = rows.filter(state=State.CONFIRMED).select_related("community").first()
    if found is None and retiree.residence_id is not None:
        home = Organisation.objects.filter(kind=Kind.COMMUNITY, division_id=retiree.residence_id).first()
        if home is not None:
            return _standing_in_for(home)
    found = found or rows.filter(state__in=CheckIn.OPEN).select_related("community").first()
    return _standing_in_for(found.community) if found is not None and found.community is not None else None


def _standing_in_for(community: Organisation) -> Organisation | None:
    """`community` itself, or after its closing the successor; None when there is none."""
    seen: set[int] = set()
    found: Organisation | None = community
    while found is not None and found.closed_on is not None and found.pk not in seen:
        seen.add(found.pk)
        found = found.successor or found.parent
    return found if found is not None and found.closed_on is None and found.kind == Kind.COMMUNITY else None
