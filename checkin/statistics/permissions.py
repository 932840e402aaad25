"""Who may see which figures, and who submits, closes and reopens. Source: docs/rules.md, S7, S8."""

from communities.organisations.models import Organisation
from communities.organisations.permissions import CITY_AREA, bureaus_of, is_system, standing_of
from huifeng.accounts.models import User
from members.people.models import bureau_areas


def visible_areas(user: User) -> tuple[str, ...]:
    """The code prefixes whose figures `user` may see: those of one's bureaus and streets."""
    return standing_of(user).areas


def may_see_area(user: User, area: str) -> bool:
    """Bureaus and streets see their own area and everything in it, nothing beside or above."""
    return is_system(user) or standing_of(user).oversees(area)


def may_see_unit(user: User, unit: Organisation) -> bool:
    """A unit sees its own row; a bureau those of the units seated in its area; one outside any bureau."""
    if is_system(user):
        return True
    standing = standing_of(user)
    areas = bureau_areas(standing)
    if unit.division_id is None:
        return unit.pk in standing.organisation_ids or bool(areas)
    return unit.pk in standing.organisation_ids or any(unit.division_id.startswith(area) for area in areas)


def sees_restricted(user: User, area: str) -> bool:
    """Restricted people (限制查看) are listed to bureaus only; they are counted for everybody."""
    return is_system(user) or any(area.startswith(own) for own in bureau_areas(standing_of(user)))


def may_submit(user: User, area: str) -> bool:
    """A district's own bureau submits its statement."""
    return is_system(user) or any(bureau.area == area for bureau in bureaus_of(user))


def may_close(user: User) -> bool:
    """The city bureau closes a month for everybody, and reopens it."""
    return is_system(user) or any(len(bureau.area) == CITY_AREA for bureau in bureaus_of(user))
