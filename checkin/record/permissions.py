"""Who may do what with a check-in. When it may be done is the business of the actions."""

from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db import models

from communities.organisations.models import Organisation
from communities.organisations.permissions import Standing, in_areas, is_system, standing_of
from huifeng.accounts.models import User
from members.people.models import Helper, Retiree, bureau_areas
from members.people.permissions import may_act_for
from members.units.models import UnitMembership

from . import desks
from .models import CheckIn, CheckInQuerySet, State


def visible_to(user: User) -> CheckInQuerySet:
    """The check-ins `user` may see: one's own, those one helps with, and those of one's organisations.

    A unit sees those of its people; a community those sent to it; a street or bureau those of its area and of
    the units in it. Restricted people are seen by bureaus only (docs/rules.md, C31). One condition for a bureau,
    which reaches most rows; for others each reason from its own index, as for people.
    """
    standing = standing_of(user)
    helped = Helper.objects.filter(user=user, ended_at=None)
    members = UnitMembership.objects.open().filter(unit__in=standing.organisation_ids)
    open_ = models.Q(retiree__is_restricted=False)
    reasons = [
        models.Q(retiree__user=user),
        models.Q(retiree__in=helped.values("retiree")),
        *(
            open_ & models.Q(**{f"{place}__in": standing.organisation_ids})
            for place in ("community", "desk", "unit")
        ),
        open_ & models.Q(retiree__in=members.values("retiree")),
    ]
    if standing.areas:
        reasons += [
            open_ & in_areas("area__code", standing.areas),
            open_ & in_areas("unit__division__code", standing.areas),
        ]
    if areas := bureau_areas(standing):
        return CheckIn.objects.filter(reduce(or_, [*reasons, in_areas("area__code", areas)]))
    branches = [CheckIn.objects.filter(reason).values("pk") for reason in reasons]
    return CheckIn.objects.filter(pk__in=branches[0].union(*branches[1:]))


def is_party(user: User, checkin: CheckIn) -> bool:
    """Whether `user` is the person or a helper: nobody decides on their own request (docs/rules.md, C5)."""
    return may_act_for(user, checkin.retiree)


def works_for(user: User, organisation: Organisation | None) -> bool:
    return organisation is not None and organisation.pk in standing_of(user).organisation_ids


def may_start(user: User, retiree: Retiree) -> bool:
    """The person, a helper, or community staff at the counter, on the phone or on a visit."""
    return may_act_for(user, retiree) or works_at_a_community(user)


def works_at_a_community(user: User) -> bool:
    return Organisation.objects.filter(
        pk__in=standing_of(user).organisation_ids, kind=Organisation.Kind.COMMUNITY
    ).exists()


def may_edit(user: User, checkin: CheckIn) -> bool:
    """Drafts and returned requests: the person, a helper, or the clerk who writes it down for them."""
    return is_party(user, checkin) or checkin.created_by_id == user.pk or works_for(user, checkin.desk)


def may_verify(user: User, checkin: CheckIn) -> bool:
    return not is_party(user, checkin) and works_for(user, desks.verifier(checkin))


def may_receive(user: User, checkin: CheckIn) -> bool:
    """Confirm, forward, undo: only the receiving side, never the sender."""
    return not is_party(user, checkin) and works_for(user, desks.receiver(checkin))


def may_return(user: User, checkin: CheckIn) -> bool:
    """Whoever's turn it is; the other desk may no longer, or not yet."""
    if checkin.state == State.SUBMITTED:
        return may_verify(user, checkin)
    return may_receive(user, checkin)


def may_withdraw(user: User, checkin: CheckIn) -> bool:
    """The person or a helper; the desk when asked by phone or on paper; the system at a death."""
    return is_party(user, checkin) or works_for(user, checkin.desk) or is_system(user)


def may_end(user: User, checkin: CheckIn) -> bool:
    return is_party(user, checkin) or works_for(user, desks.receiver(checkin)) or is_system(user)


def may_hold_ceremony(user: User, unit: Organisation) -> bool:
    return works_for(user, unit)


def concerns(standing: Standing, user: User) -> models.Q:
    """The retirees whom check-ins make visible: to the community they are with or ask for, to street and bureau."""
    present = CheckIn.objects.filter(state__in=(*CheckIn.OPEN, State.CONFIRMED))
    ours = present.filter(
        models.Q(community__in=standing.organisation_ids)
        | models.Q(desk__in=standing.organisation_ids)
        | in_areas("area__code", standing.areas)
    )
    return models.Q(pk__in=ours.values("retiree"))


def people_of_units(unit_ids: Collection[int]) -> models.QuerySet[CheckIn, int]:
    """Whose open request names one of the units or lies on its desk: they are locked before the units are."""
    ours = models.Q(unit__in=unit_ids) | models.Q(desk__in=unit_ids)
    return CheckIn.objects.open().filter(ours).values_list("retiree_id", flat=True)


def communities_of(retiree: Retiree) -> models.QuerySet[CheckIn, int]:
    """The organisations that are the person's community now: asked for, or in force."""
    return CheckIn.objects.filter(
        retiree=retiree, community__isnull=False, state__in=(*CheckIn.OPEN, State.CONFIRMED)
    ).values_list("community_id", flat=True)


def held_by_communities(retirees: Collection[int]) -> set[int]:
    """Of these people, those who have such a community. One query."""
    if not retirees:
        return set()
    held = CheckIn.objects.filter(
        retiree__in=retirees, community__isnull=False, state__in=(*CheckIn.OPEN, State.CONFIRMED)
    )
    return set(held.values_list("retiree_id", flat=True))
