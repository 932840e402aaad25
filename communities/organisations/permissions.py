"""Who acts for which organisation, and over which area. Every other permission is built on these."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.utils import timezone

from communities.divisions.models import Division
from huifeng.accounts.models import SYSTEM_USERNAME, User
from huifeng.rowscope.scope import Reach, known_reach

from .models import Assignment, Organisation

CITY_AREA = Division.PREFIX[Division.Level.CITY]

# Whose staff each may appoint within its area, besides its own lead
APPOINTED_BY: dict[str, tuple[str, ...]] = {
    Organisation.Kind.BUREAU: (*Organisation.PLACE_KINDS, Organisation.Kind.UNIT),
    Organisation.Kind.STREET: (Organisation.Kind.COMMUNITY,),
}


@dataclass(frozen=True)
class Standing:
    """What a user's assignments of a day amount to.

    `organisation_ids`: the organisations the user works for; `areas`: code prefixes overseen by the bureaus
    and streets among them ("3702" for the city bureau).
    """

    organisation_ids: frozenset[int]
    areas: tuple[str, ...]

    def oversees(self, code: str | None) -> bool:
        """Whether the division with `code` lies in an overseen area."""
        return bool(code) and any(str(code).startswith(area) for area in self.areas)


def offices_of(user: User, on: date | None = None) -> list[Assignment]:
    """The assignments of `user` on day `on` (today in Shanghai if left out), the longest-standing first.

    One query; an act always asks anew. A page that only reads asks once: what row-level security was told of its
    user.
    """
    known = known_reach(user) if on is None else None
    if known is not None:
        return list(known.offices)
    return list(_assignments_of(user, on).order_by("valid_from", "pk"))


def standing_of(user: User, on: date | None = None) -> Standing:
    """The standing of `user` on day `on` (today in Shanghai if left out). One query, as `offices_of`."""
    return _standing(offices_of(user, on))


def _standing(offices: Iterable[Assignment]) -> Standing:
    organisations = [assignment.organisation for assignment in offices]
    return Standing(
        organisation_ids=frozenset(organisation.pk for organisation in organisations),
        areas=tuple(
            organisation.area
            for organisation in organisations
            if organisation.kind in (Organisation.Kind.BUREAU, Organisation.Kind.STREET)
        ),
    )


def bureau_areas(standing: Standing) -> tuple[str, ...]:
    """The areas overseen as a bureau (of a city or a district), not as a street."""
    return tuple(area for area in standing.areas if len(area) <= Division.PREFIX[Division.Level.DISTRICT])


def reach(user: User) -> Reach:
    """What row-level security lets through by one's offices: the same standing, told to the database."""
    offices = offices_of(user)
    standing = _standing(offices)
    return Reach(
        organisations=tuple(standing.organisation_ids),
        areas=standing.areas,
        bureaus=bureau_areas(standing),
        offices=tuple(offices),
    )


def still_acts_for(user: User) -> models.Q:
    """A condition on `organisation_id`: an organisation `user` works for today. Asks nothing by itself."""
    return (
        models.Q()
        if is_system(user)
        else models.Q(organisation_id__in=_assignments_of(user).values("organisation"))
    )


def is_system(user: User) -> bool:
    return user.username == SYSTEM_USERNAME


def in_areas(field: str, areas: tuple[str, ...]) -> models.Q:
    """A condition that the division code in `field` lies in one of `areas`; nothing matches no areas."""
    condition = models.Q(pk__in=[])
    for area in areas:
        condition |= models.Q(**{f"{field}__startswith": area})
    return condition


def may_manage_places(user: User, code: str) -> bool:
    """Bureaus add, rename, merge and close communities of their own area."""
    return is_system(user) or any(code.startswith(bureau.area) for bureau in bureaus_of(user))


def may_see_places(user: User) -> bool:
    """The pages about places and the calendar are the bureaus'."""
    return bool(bureaus_of(user))


def works_for_bureau(user: User) -> bool:
    """Whether `user` acts for a bureau today, of the city or of a district."""
    return _assignments_of(user).filter(organisation__kind=Organisation.Kind.BUREAU).exists()


def works_for_city_bureau(user: User) -> bool:
    """What holds for the whole city (working days, periods) is the city bureau's to change."""
    return is_system(user) or any(len(bureau.area) == CITY_AREA for bureau in bureaus_of(user))


def may_describe_place(user: User, code: str) -> bool:
    """A community's own staff and its street know its 小区 and roads best."""
    standing = standing_of(user)
    own = Organisation.objects.filter(pk__in=standing.organisation_ids, kind=Organisation.Kind.COMMUNITY)
    return standing.oversees(code) or own.filter(division_id=code).exists()


def may_edit_contact(user: User, organisation: Organisation) -> bool:
    """An organisation says itself how it is reached; whoever oversees its place may say it too."""
    standing = standing_of(user)
    return (
        is_system(user)
        or organisation.pk in standing.organisation_ids
        or standing.oversees(organisation.division_id)
    )


def may_manage_organisation(user: User, organisation: Organisation) -> bool:
    """Bureaus manage the units seated in their area; one outside the city is any bureau's."""
    if organisation.division_id is None:
        return is_system(user) or may_see_places(user)
    return may_manage_places(user, organisation.division_id)


def may_add_external(user: User) -> bool:
    """Whoever receives a retiree from outside may write down where they come from."""
    own = Organisation.objects.filter(pk__in=standing_of(user).organisation_ids)
    return is_system(user) or own.filter(kind__in=Organisation.PLACE_KINDS).exists()


def may_appoint(user: User, organisation: Organisation) -> bool:
    """Staff are appointed by the organisation's own lead, or from above: bureaus for all, streets for
    communities.
    """
    if is_system(user):
        return True
    for assignment in _assignments_of(user):
        own = assignment.organisation
        if own.pk == organisation.pk:
            if assignment.role == Assignment.Role.LEAD:
                return True
        elif organisation.kind in APPOINTED_BY.get(own.kind, ()) and own.oversees(organisation):
            return True
    return False


def may_reset_second_factor(user: User, other: User) -> bool:
    """Whoever may appoint somebody to everything they do: one job elsewhere, and it is not theirs to decide alone.

    Never one's own, and an administrator's only from the command line.
    """
    if is_system(user):
        return True
    jobs = [assignment.organisation for assignment in _assignments_of(other)]
    alone = other != user and not (other.is_staff or other.is_superuser)
    return alone and bool(jobs) and all(may_appoint(user, job) for job in jobs)


def _assignments_of(user: User, on: date | None = None) -> models.QuerySet[Assignment]:
    return (
        Assignment.objects.active(on or timezone.localdate())
        .filter(user=user, user__is_active=True, organisation__closed_on=None)
        .select_related("organisation__division", "organisation__parent")
    )


def colleagues_of(user: User) -> models.QuerySet[User]:
    """Everybody with an assignment today that `user` appoints to: of the own organisation as lead, and below.

    Without the accounts of other systems, which nobody logs in with.
    """
    mine = models.Q(pk__in=[])
    for assignment in _assignments_of(user):
        own = assignment.organisation
        if assignment.role == Assignment.Role.LEAD:
            mine |= models.Q(organisation=own)
        if own.kind in APPOINTED_BY:
            below = models.Q(organisation__kind__in=APPOINTED_BY[own.kind])
            mine |= (
                below
                & models.Q(organisation__division__code__startswith=own.area)
                & ~models.Q(organisation=own)
            )
    found = Assignment.objects.active(timezone.localdate()).filter(mine, organisation__closed_on=None)
    people = User.objects.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX, phone_index=None)
    return people.filter(pk__in=found.values("user"), is_active=True).exclude(pk=user.pk)


def bureaus_of(user: User) -> list[Organisation]:
    """The open bureaus `user` works for today, with their divisions. One query."""
    rows = _assignments_of(user).filter(organisation__kind=Organisation.Kind.BUREAU)
    return [assignment.organisation for assignment in rows]
