"""Damage to check-ins, people, memberships and proposals, and to a closed month."""

from datetime import date

from django.utils import timezone

from checkin.proposals.models import ChangeProposal
from checkin.record.models import CheckIn
from checkin.statistics import actions as statistics
from checkin.statistics.models import MonthlyStatement
from checkin.statistics.months import Month
from communities.organisations.models import Organisation
from members.party.models import PartyAffiliation
from members.people.models import Retiree
from members.units.models import UnitMembership
from tests.checkin.proposals.said import of_person
from tests.checkin.world import World
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import make_branch

from .sound import Damage, enrolled


def state_edited(world: World) -> Damage:
    checkin = world.confirmed()

    def damage() -> int:
        CheckIn.objects.filter(pk=checkin.pk).update(
            state="ended", ended_at=timezone.now(), end_reason="other"
        )
        return checkin.retiree_id

    return damage


def residence_edited(world: World) -> Damage:
    checkin = world.confirmed()

    def damage() -> int:
        Retiree.objects.filter(pk=checkin.retiree_id).update(residence=world.there.division)
        return checkin.retiree_id

    return damage


def requests_unit_edited(world: World) -> Damage:
    checkin, other = world.waiting_for_unit(), make_unit()

    def damage() -> int:
        CheckIn.objects.filter(pk=checkin.pk).update(unit=other)
        return checkin.retiree_id

    return damage


def desk_gone(world: World) -> Damage:
    checkin = world.submitted(community_id=world.there.pk)

    def damage() -> int:
        Organisation.objects.filter(pk=world.there.pk).update(closed_on=date(2026, 1, 1))
        return checkin.retiree_id

    return damage


def membership_edited(world: World) -> Damage:
    retiree, other = enrolled(world.unit), make_unit()

    def damage() -> int:
        UnitMembership.objects.filter(retiree=retiree).update(unit=other)
        return retiree.pk

    return damage


def membership_deleted(world: World) -> Damage:
    retiree = enrolled(world.unit)

    def damage() -> int:
        UnitMembership.objects.filter(retiree=retiree).delete()
        return retiree.pk

    return damage


def unit_closed_by_hand(world: World) -> Damage:
    unit = make_unit()
    retiree = enrolled(unit)

    def damage() -> int:
        Organisation.objects.filter(pk=unit.pk).update(closed_on=date(2026, 1, 1))
        return retiree.pk

    return damage


def death_by_hand(world: World) -> Damage:
    checkin = world.confirmed()

    def damage() -> int:
        Retiree.objects.filter(pk=checkin.retiree_id).update(died_on=date(2026, 1, 1))
        return checkin.retiree_id

    return damage


def post_of_a_merged_row(world: World) -> Damage:
    kept, other = enrolled(world.unit), enrolled(world.unit, name="王建国二")
    PartyAffiliation.objects.create(
        retiree=other,
        organisation=make_branch(world.unit),
        kind=PartyAffiliation.Kind.FORMAL,
        post=PartyAffiliation.Post.SECRETARY,
        post_from=date(2020, 1, 1),
        valid_from=date(2020, 1, 1),
    )

    def damage() -> int:
        Retiree.objects.filter(pk=other.pk).update(merged_into=kept)
        return other.pk

    return damage


def proposal_about_the_dead(world: World) -> Damage:
    proposal = of_person(world, enrolled(world.unit))

    def damage() -> int:
        Retiree.objects.filter(pk=proposal.retiree_id).update(died_on=date(2026, 1, 1))
        return proposal.retiree_id

    return damage


def proposal_on_a_wrong_desk(world: World) -> Damage:
    proposal = of_person(world, enrolled(world.unit))

    def damage() -> int:
        ChangeProposal.objects.filter(pk=proposal.pk).update(desk=world.there)
        return proposal.retiree_id

    return damage


def months_sum_edited(world: World) -> Damage:
    month = Month.current().previous
    world.confirmed()
    boss = make_staff(world.city.city)
    statistics.close(month, by=boss, explanation="测试")

    def damage() -> None:
        MonthlyStatement.objects.filter(month=month.first).exclude(sha256="").update(sha256="0" * 64)

    return damage
