"""Where a person is at home: whose goods they may take."""

from checkin.record.models import CheckIn, State
from communities.organisations.models import Organisation
from members.people.models import Retiree


def community_of(retiree: Retiree) -> Organisation | None:
    """The community where the person has checked in, else the one where they live; None when neither is known."""
    held = CheckIn.objects.filter(retiree=retiree, state=State.CONFIRMED, community__isnull=False)
    checkin = held.select_related("community__division").first()
    if checkin is not None:
        return checkin.community
    homes = Organisation.objects.open().filter(kind=Organisation.Kind.COMMUNITY)
    return homes.select_related("division").filter(division_id=retiree.residence_id or "").first()
