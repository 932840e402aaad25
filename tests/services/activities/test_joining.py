"""Signing up, the queue, taking off."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from huifeng.audit.actions import entries_about
from huifeng.errors import RuleBroken
from huifeng.texts.models import Text
from services.activities import actions
from services.activities.models import Participation
from tests.communities.factories import UserFactory
from tests.members.factories import make_helper, make_member
from tests.services.activities.afternoon import Afternoon, again, states

State = Participation.State


def test_who_lives_there_signs_up_and_it_is_written_down(here: Afternoon):
    activity, person = here.activity(), here.neighbour()

    row = actions.sign_up(activity.pk, person.pk, by=person.user)

    assert (row.state, row.way) == (State.SIGNED, Participation.Way.ONLINE)
    assert again(activity).taken == 1
    assert [entry.action for entry in entries_about(row)] == ["participation.signed"]


def test_signing_up_twice_is_once(here: Afternoon):
    activity, person = here.activity(), here.neighbour()

    for _ in range(2):
        row = actions.sign_up(activity.pk, person.pk, by=person.user)

    assert entries_about(row).count() == 1
    assert again(activity).taken == 1


def test_a_helper_signs_somebody_up_and_a_stranger_does_not(here: Afternoon):
    activity, person = here.activity(), here.neighbour()
    helper = make_helper(person)

    assert actions.sign_up(activity.pk, person.pk, by=helper.user).way == Participation.Way.HELPER
    with pytest.raises(PermissionDenied):
        actions.sign_up(activity.pk, here.neighbour().pk, by=helper.user)


def test_when_it_is_full_people_wait_and_move_up_in_order_when_somebody_cancels(here: Afternoon):
    activity = here.activity(places=1)
    first, second, third = (here.signed(activity).retiree for _ in range(3))
    assert states(activity) == ["signed", "queued", "queued"]
    assert actions.position(Participation.objects.get(retiree=third)) == 2

    actions.cancel(activity.pk, first.pk, by=first.user)

    assert states(activity) == ["cancelled", "signed", "queued"]
    assert (again(activity).taken, again(activity).queued) == (1, 1)
    assert ["有名额了" in text.words for text in Text.objects.all()] == [True]
    assert Text.objects.get().phone == second.phone


def test_who_cancels_and_comes_back_goes_to_the_end_of_the_queue(here: Afternoon):
    activity = here.activity(places=1)
    first, second = (here.signed(activity).retiree for _ in range(2))
    actions.cancel(activity.pk, first.pk, by=first.user)

    back = actions.sign_up(activity.pk, first.pk, by=first.user)

    assert back.state == State.QUEUED
    assert Participation.objects.get(retiree=second).state == State.SIGNED


def test_cancelling_twice_moves_one_up_once(here: Afternoon):
    activity = here.activity(places=1)
    first, _, third = (here.signed(activity).retiree for _ in range(3))

    for _ in range(2):
        actions.cancel(activity.pk, first.pk, by=first.user)

    assert Participation.objects.get(retiree=third).state == State.QUEUED


@pytest.mark.parametrize("minutes", [0, 30])
def test_once_it_has_begun_nobody_signs_up_or_cancels(here: Afternoon, minutes: int):
    activity, person = here.activity(), here.neighbour()
    here.signed(activity, person)

    with time_machine.travel(activity.starts_at + timedelta(minutes=minutes)):
        with pytest.raises(RuleBroken, match="已经开始"):
            actions.cancel(activity.pk, person.pk, by=person.user)
        with pytest.raises(RuleBroken, match="已经开始"):
            here.signed(activity)


def test_it_is_only_for_those_it_is_meant_for(here: Afternoon):
    activity = here.activity()
    elsewhere = here.neighbour(residence=here.world.city.communities[3].division)

    with pytest.raises(RuleBroken, match="辖区内"):
        actions.sign_up(activity.pk, elsewhere.pk, by=elsewhere.user)


def test_a_community_may_invite_its_whole_street(here: Afternoon):
    activity = here.activity(area_code=here.world.city.streets[0].division_id)
    beside = here.neighbour(residence=here.world.there.division)

    assert actions.sign_up(activity.pk, beside.pk, by=beside.user).state == State.SIGNED


def test_whose_check_in_is_in_force_belongs_there_too(here: Afternoon):
    activity = here.activity()
    checkin = here.world.confirmed()

    assert here.signed(activity, checkin.retiree).state == State.SIGNED


def test_too_young_and_too_old_are_told_in_words(here: Afternoon):
    activity = here.activity(age_from=60, age_to=75)
    old = here.neighbour(birth_date=date(1930, 1, 1))

    with pytest.raises(RuleBroken, match="60 到 75 岁"):
        actions.sign_up(activity.pk, old.pk, by=old.user)


def test_staff_take_in_whom_they_see_beyond_the_age(here: Afternoon):
    activity = here.activity(age_to=75)
    old = here.world.confirmed(here.neighbour(birth_date=date(1930, 1, 1))).retiree

    assert actions.sign_up(activity.pk, old.pk, by=here.clerk).way == Participation.Way.STAFF


def test_staff_of_another_community_take_nobody_in(here: Afternoon):
    activity, person = here.activity(), here.neighbour()

    with pytest.raises(PermissionDenied):
        actions.sign_up(activity.pk, person.pk, by=here.world.clerk_there)


def test_a_stranger_cancels_for_nobody(here: Afternoon):
    activity = here.activity()
    row = here.signed(activity)

    with pytest.raises(PermissionDenied):
        actions.cancel(activity.pk, row.retiree_id, by=UserFactory())


def test_another_activity_at_the_same_time_is_named(here: Afternoon):
    one, other, person = here.activity(), here.activity(title="太极拳"), here.neighbour()
    here.signed(one, person)

    assert actions.clashes(other, person) == [one]
    assert actions.clashes(one, person) == []


def test_members_of_the_unit_are_invited_by_it(here: Afternoon):
    plan = here.plan(audience="unit", area_code=None)
    (activity,) = actions.create(here.world.unit.pk, plan, by=here.world.unit_clerk)
    ours, other = here.world.member(), make_member(here.world.city.districts[0], user=UserFactory())

    assert here.signed(activity, ours).state == State.SIGNED
    with pytest.raises(RuleBroken, match="本单位"):
        here.signed(activity, other)


def test_signing_up_for_a_series_takes_every_date_to_come(here: Afternoon):
    dates = actions.create(here.here.pk, here.plan("course", rhythm="weekly", times=3), by=here.clerk)
    person = here.neighbour()

    with time_machine.travel(dates[0].ends_at):
        rows = actions.sign_up_for_series(dates[0].series_id, person.pk, by=person.user)

    assert [row.activity_id for row in rows] == [dates[1].pk, dates[2].pk]
