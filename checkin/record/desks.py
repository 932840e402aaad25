"""Which organisation must act next. Never nobody: that is how no request falls out of every queue."""

from communities.organisations.models import Organisation
from members.people.models import Retiree
from members.units.actions import bureau_for, responsible_organisation

from .models import CheckIn, State


def unit_of(retiree: Retiree) -> Organisation | None:
    """The unit a request names: who manages the person, or whom somebody not on a roster claims.

    None when the claim is words only: a unit outside that nobody has entered yet.
    """
    if retiree.standing == Retiree.Standing.CLAIMED:
        return retiree.claimed_unit
    return responsible_organisation(retiree)


def verifier(checkin: CheckIn) -> Organisation:
    """Who vouches for the person: the managing unit, its successor, or the bureau.

    A unit outside the system has nobody here, so the community checks the paper instead (docs/rules.md, C8).
    """
    if checkin.retiree.is_restricted:
        return _bureau_alone(checkin)
    if checkin.unit is None or checkin.unit.kind == Organisation.Kind.EXTERNAL_UNIT:
        return receiver(checkin)
    if checkin.retiree.standing == Retiree.Standing.CLAIMED:
        return _standing_in_for(checkin.unit)
    return responsible_organisation(checkin.retiree)


def receiver(checkin: CheckIn) -> Organisation:
    """Who receives the person: the community, or whoever finds it when it is not known yet.

    A community outside the system is reached by letter, and the unit enters its answer (C9).
    """
    if checkin.retiree.is_restricted:
        return _bureau_alone(checkin)
    if checkin.community is None:
        return _bureau_of(checkin)
    if checkin.community.kind == Organisation.Kind.EXTERNAL_COMMUNITY:
        return responsible_organisation(checkin.retiree)
    return _standing_in_for(checkin.community)


def next_desk(checkin: CheckIn) -> Organisation | None:
    """The desk that fits the present state; a returned request stays with whoever returned it."""
    match checkin.state:
        case State.SUBMITTED:
            return verifier(checkin)
        case State.VERIFIED:
            return receiver(checkin)
        case State.RETURNED if not checkin.retiree.is_restricted:
            assert checkin.desk is not None
            return _standing_in_for(checkin.desk)
        case State.RETURNED:
            return _bureau_alone(checkin)
        case _:
            return None


def _bureau_alone(checkin: CheckIn) -> Organisation:
    """Somebody whom only a bureau may see: the bureau of the area is unit and community in one (C31)."""
    return bureau_for(checkin.area.code if checkin.area else None)


def _bureau_of(checkin: CheckIn) -> Organisation:
    """The street or bureau of the area the person named, or of the nearest area above that has one."""
    division = checkin.area
    while division is not None:
        found = (
            Organisation.objects.open()
            .filter(division=division, kind__in=(Organisation.Kind.STREET, Organisation.Kind.BUREAU))
            .first()
        )
        if found is not None:
            return found
        division = division.parent
    return responsible_organisation(checkin.retiree)


def _standing_in_for(organisation: Organisation) -> Organisation:
    """`organisation` itself, or after its closing the successor, else the organisation above."""
    while organisation.closed_on is not None:
        above = organisation.successor or organisation.parent
        assert above is not None, "a closed organisation has a successor or a parent"
        organisation = above
    return organisation
