"""Which organisation answers a request, where it counts, and to whom it may be passed on. Never nobody."""

from checkin.proposals.owners import community_of
from communities.organisations.models import Organisation
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.units.actions import bureau_for, responsible_organisation

from .models import Request, RequestPreset

Kind, Desk = Organisation.Kind, RequestPreset.Desk


@as_program("where a request goes does not depend on who writes it down")
def first_desk(wanted: str, retiree: Retiree | None, taken_for: Organisation | None) -> Organisation:
    """`wanted`: a RequestPreset.Desk, or "" for whoever took it. Source: docs/rules.md, Q2.

    Where there is no such desk it is the next higher one: no community → the bureau of the place; a unit outside or
    of nobody → the community. A restricted person is a bureau's business only.
    """
    if retiree is None:
        assert taken_for is not None
        return bureau_for(taken_for.division_id) if wanted == Desk.BUREAU else taken_for
    bureau = bureau_for(place_of(retiree))
    if retiree.is_restricted:
        return taken_for if taken_for is not None and taken_for.kind == Kind.BUREAU and not wanted else bureau
    if not wanted and taken_for is not None:
        return taken_for
    if wanted == Desk.UNIT:
        unit = responsible_organisation(retiree)
        if unit.kind == Kind.UNIT:
            return unit
    return bureau if wanted == Desk.BUREAU else community_of(retiree) or bureau


def place_of(retiree: Retiree) -> str | None:
    return retiree.residence_id or responsible_organisation(retiree).division_id


@as_program("where a request counts does not depend on who writes it down")
def area_of(retiree: Retiree | None, desk: Organisation, taken_for: Organisation | None) -> str:
    """The division code where it counts: the person's community, else the home, else the place of the desk."""
    community = community_of(retiree) if retiree is not None else None
    if community is not None and community.division_id:
        return community.division_id
    if retiree is not None and retiree.residence_id:
        return retiree.residence_id
    found = (taken_for.division_id if taken_for is not None else None) or desk.division_id
    return found or str(bureau_for(None).division_id)


@as_program("to whom a request may be passed on does not depend on who passes it on")
def elsewhere(request: Request) -> list[Organisation]:
    """To whom it may be passed on: the person's community, the street, the bureaus, the unit; not where it lies.

    Private words are never shown to a unit, so those are not passed there.
    """
    retiree, code = request.retiree, request.area_id
    bureau = bureau_for(code)
    places = Organisation.objects.open().filter(
        kind__in=Organisation.PLACE_KINDS, division_id__in=[code, f"{code[:9]}000", f"{code[:4]}00000000"]
    )
    found: list[Organisation | None] = []
    if retiree is not None:
        found.append(community_of(retiree))
    found += [*places.order_by("-division_id"), bureau]
    if retiree is not None and not request.is_private:
        found.append(responsible_organisation(retiree))
    only = (
        {Kind.BUREAU}
        if retiree is not None and retiree.is_restricted
        else {*Organisation.PLACE_KINDS, Kind.UNIT}
    )
    chosen: dict[int, Organisation] = {}
    for organisation in found:
        if organisation is not None and organisation.kind in only and organisation.closed_on is None:
            chosen.setdefault(organisation.pk, organisation)
    chosen.pop(request.desk_id, None)
    return list(chosen.values())
