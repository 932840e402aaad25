"""What becomes of open proposals when the person, the unit or the community changes; and when time passes."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from checkin.proposals import actions
from checkin.proposals.models import ChangeProposal
from checkin.proposals.periodic import remind
from checkin.record.actions import confirm
from communities.divisions import actions as divisions
from communities.organisations.actions import close_unit
from huifeng.accounts.models import User
from members.duplicates.actions import merge, undo_merge
from members.people import actions as people
from members.units import actions as units
from tests.checkin.proposals.said import again, of_community, of_person, of_unit, overdue, told
from tests.checkin.world import World
from tests.communities.factories import UserFactory, make_external_unit, make_staff, make_unit
from tests.members.reorganising import carry_out, plan, work_off

State = ChangeProposal.State


@pytest.fixture
def other(world: World) -> Any:
    return make_unit("青岛市第二研究所")


def test_a_death_closes_them_and_an_undone_death_opens_them_again(world: World) -> None:
    proposal = of_person(world)
    death = people.report_death(proposal.retiree_id, date(2026, 1, 5), by=world.unit_clerk)
    people.confirm_death(death.pk, by=world.unit_clerk)
    assert (again(proposal).state, again(proposal).reason) == (State.WITHDRAWN, "老同志已登记去世")

    people.undo_death(death.pk, words="弄错了", by=world.unit_clerk)

    assert (again(proposal).state, again(proposal).decided_at) == (State.OPEN, None)


def test_who_is_handed_over_takes_them_along(world: World, other: Any) -> None:
    proposal = of_person(world)

    units.transfer(proposal.retiree_id, other.pk, on=timezone.localdate(), by=world.unit_clerk)

    assert again(proposal).desk == other
    assert len(told(other, "proposal.opened")) == 1


def test_a_closed_unit_hands_them_to_its_successor(world: World, other: Any) -> None:
    proposal = of_person(world)
    bureau = make_staff(world.city.city)

    close_unit(world.unit.pk, successor_id=other.pk, on=timezone.localdate(), by=bureau)

    assert again(proposal).desk == other


def test_a_merged_unit_hands_them_over_and_an_undo_back(world: World, other: Any) -> None:
    proposal = of_person(world)
    bureau = make_staff(world.city.city)
    done = carry_out(plan("merge", [world.unit], [other], by=bureau), by=bureau)
    assert again(proposal).desk == other
    assert told(other, "proposal.opened") == ["单位撤并，转来 1 条更正建议，请答复。"]

    units.undo_reorganisation(done.pk, by=bureau)
    work_off(done)

    assert again(proposal).desk == world.unit


def test_people_moved_to_a_unit_outside_are_looked_at_one_by_one(world: World) -> None:
    outside = make_external_unit()
    proposal = of_person(world, world.confirmed().retiree)
    bureau = make_staff(world.city.city)

    carry_out(plan("move", [world.unit], [outside], by=bureau, rest_to_id=outside.pk), by=bureau)

    assert again(proposal).desk == world.here


def test_who_moves_house_takes_them_along(world: World) -> None:
    retiree = world.confirmed().retiree
    proposal = of_unit(world, retiree, phone="13912345678")
    moved = world.submitted(retiree, community_id=world.there.pk)
    confirm(moved.pk, by=world.clerk_there)

    assert again(proposal).desk == world.there


def test_a_closed_community_hands_them_to_its_successor(world: World) -> None:
    retiree = world.confirmed().retiree
    proposal = of_unit(world, retiree, phone="13912345678")
    assert world.here.division is not None
    assert world.there.division is not None
    system = User.objects.system()

    divisions.merge(world.here.division.code, into=world.there.division.code, by=system)

    assert again(proposal).desk == world.there


def test_somebody_restricted_is_the_bureaus_business(world: World) -> None:
    retiree = world.confirmed().retiree
    proposal = of_unit(world, retiree, phone="13912345678")

    people.set_flags(retiree.pk, by=make_staff(world.city.city), is_restricted=True)

    assert again(proposal).desk == world.city.districts[0]
    assert not ChangeProposal.objects.visible_to(world.clerk).exists()
    assert not ChangeProposal.objects.visible_to(world.unit_clerk).exists()
    assert ChangeProposal.objects.visible_to(world.bureau_clerk).get() == proposal


def test_two_rows_of_one_person_bring_theirs_together_and_part_again(world: World) -> None:
    kept, gone = world.member(), world.member()
    old, new = of_person(world, kept), of_person(world, gone, original_post="副处长")
    alone = of_person(world, gone, former_name="王卫东")

    done = merge(kept.pk, gone.pk, by=world.unit_clerk)

    assert again(old).state == State.SUPERSEDED
    assert (again(new).retiree_id, again(new).state) == (kept.pk, State.OPEN)
    assert again(alone).retiree_id == kept.pk

    undo_merge(done.pk, by=world.unit_clerk)

    assert (again(old).state, again(old).decided_at) == (State.OPEN, None)
    assert again(new).retiree_id == gone.pk


def test_late_ones_are_told_to_the_desk_once(world: World) -> None:
    overdue(of_person(world), 1)

    assert remind() == {"desk": 1, "bureau": 0}
    remind()

    assert len(told(world.unit, "proposal.late")) == 1


def test_very_late_ones_are_told_to_the_bureau_above(world: World) -> None:
    overdue(of_person(world), 7, bureau=True)

    assert remind() == {"desk": 1, "bureau": 1}
    remind()

    assert len(told(world.city.city, "proposal.late")) == 1


def test_in_time_nobody_is_reminded(world: World) -> None:
    of_person(world)

    assert remind() == {"desk": 0, "bureau": 0}


def test_a_year_that_is_announced_moves_provisional_dates(world: World) -> None:
    proposal = of_person(world)
    wrong = timezone.localdate() + timedelta(days=90)
    ChangeProposal.objects.filter(pk=proposal.pk).update(due_on=wrong, dates_provisional=True)

    assert actions.reschedule_year(wrong.year, User.objects.system()) == 1
    assert again(proposal).due_on == proposal.due_on


def test_lists_are_those_of_ones_organisation(world: World) -> None:
    retiree = world.confirmed().retiree
    mine = of_community(world, retiree, name="王健国")

    assert ChangeProposal.objects.for_organisation(world.here).get() == mine
    assert ChangeProposal.objects.for_organisation(world.unit).get() == mine
    assert not ChangeProposal.objects.for_organisation(world.there).exists()


def test_a_side_reads_no_field_it_is_not_shown(world: World) -> None:
    retiree = world.confirmed().retiree
    hidden = of_person(world, retiree, retired_on="2009")
    shown = of_person(world, retiree, name="王健国")

    assert list(ChangeProposal.objects.visible_to(world.clerk)) == [shown]
    assert set(ChangeProposal.objects.visible_to(world.unit_clerk)) == {hidden, shown}
    assert set(ChangeProposal.objects.visible_to(retiree.user)) == {hidden, shown}
    assert not ChangeProposal.objects.visible_to(world.clerk_there).exists()
    assert not ChangeProposal.objects.visible_to(UserFactory()).exists()
