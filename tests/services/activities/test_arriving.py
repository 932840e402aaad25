"""Signing in by poster, by the spoken digits, by ticks; hours; ratings."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.core.exceptions import PermissionDenied

from huifeng.audit.actions import entries_about
from huifeng.errors import RuleBroken
from services.activities import actions
from services.activities.models import Participation
from tests.services.activities.afternoon import Afternoon, again, states

State, Arrival = Participation.State, Participation.Arrival


def sign_in(activity, person, arrival=Arrival.POSTER):
    return actions.sign_in(activity.pk, person.pk, by=person.user, arrival=arrival)


def test_signing_in_twice_is_once(here: Afternoon):
    activity, person = here.activity(), here.neighbour()
    here.signed(activity, person)

    with time_machine.travel(activity.starts_at):
        sign_in(activity, person)
    with time_machine.travel(activity.ends_at):
        row = sign_in(activity, person)

    assert row.state == State.ARRIVED
    assert row.arrived_at < activity.starts_at + timedelta(minutes=1)
    assert again(activity).arrived == 1
    assert [entry.action for entry in entries_about(row)].count("participation.arrived") == 1


@pytest.mark.parametrize(
    ("before", "words"),
    [(timedelta(hours=-1, seconds=-1), "还没到签到的时候"), (timedelta(hours=3, seconds=1), "已经结束")],
)
def test_outside_the_hours_around_it_nobody_signs_in(here: Afternoon, before: timedelta, words: str):
    activity, person = here.activity(), here.neighbour()
    here.signed(activity, person)

    with time_machine.travel(activity.starts_at + before), pytest.raises(RuleBroken, match=words):
        sign_in(activity, person)


def test_the_spoken_digits_sign_in_at_their_time_only(here: Afternoon):
    cache.clear()
    activity, person = here.activity(), here.neighbour()
    here.signed(activity, person)

    with pytest.raises(RuleBroken, match="没有对上"):
        actions.sign_in_by_code(activity.code, person.pk, by=person.user)
    with time_machine.travel(activity.starts_at):
        row = actions.sign_in_by_code(activity.code, person.pk, by=person.user)

    assert row.arrival == Arrival.CODE


def test_ten_wrong_digits_close_it_for_a_while(here: Afternoon):
    cache.clear()
    person = here.neighbour()
    for _ in range(10):
        with pytest.raises(RuleBroken, match="没有对上"):
            actions.sign_in_by_code("000000", person.pk, by=person.user)

    with pytest.raises(RuleBroken, match="10 分钟后"):
        actions.sign_in_by_code("000000", person.pk, by=person.user)


def test_who_had_not_signed_up_is_taken_in_when_there_is_a_place(here: Afternoon):
    activity, person = here.activity(places=1), here.neighbour()

    with time_machine.travel(activity.starts_at):
        row = sign_in(activity, person)

    assert (row.state, row.way) == (State.ARRIVED, Participation.Way.ON_SITE)


def test_without_a_place_who_comes_is_sent_to_the_staff(here: Afternoon):
    activity, person = here.activity(places=1), here.neighbour()
    here.signed(activity)

    with time_machine.travel(activity.starts_at), pytest.raises(RuleBroken, match="已经满了"):
        sign_in(activity, person)

    assert states(activity) == ["signed"]


def test_at_the_door_it_is_for_those_it_is_meant_for(here: Afternoon):
    activity = here.activity()
    elsewhere = here.neighbour(residence=here.world.city.communities[3].division)

    with time_machine.travel(activity.starts_at), pytest.raises(RuleBroken, match="辖区内"):
        sign_in(activity, elsewhere)


def test_nobody_signs_in_at_a_cancelled_one(here: Afternoon):
    activity, person = here.activity(), here.neighbour()
    here.signed(activity, person)
    actions.cancel_activity(activity.pk, reason="下雨", by=here.clerk)

    with time_machine.travel(activity.starts_at), pytest.raises(RuleBroken, match="已经取消：下雨"):
        sign_in(activity, person)


def test_staff_tick_many_also_who_is_not_on_the_list(here: Afternoon):
    activity = here.activity()
    signed, walked_in = here.signed(activity).retiree, here.world.confirmed().retiree

    with time_machine.travel(activity.ends_at + timedelta(days=3)):
        new = actions.tick(activity.pk, [signed.pk, walked_in.pk], by=here.clerk)
        again_new = actions.tick(activity.pk, [signed.pk], by=here.clerk)

    assert (new, again_new, again(activity).arrived) == (2, 0, 2)


def test_only_the_organisers_staff_tick(here: Afternoon):
    activity = here.activity()
    person = here.signed(activity).retiree

    with time_machine.travel(activity.starts_at):
        for user in (here.world.clerk_there, here.world.bureau_clerk, person.user):
            with pytest.raises(PermissionDenied):
                actions.tick(activity.pk, [person.pk], by=user)


def test_after_sixty_days_nothing_is_entered_any_more(here: Afternoon):
    activity = here.activity()
    person = here.signed(activity).retiree

    with time_machine.travel(activity.ends_at + timedelta(days=61)), pytest.raises(RuleBroken, match="60 天"):
        actions.tick(activity.pk, [person.pk], by=here.clerk)


def test_a_wrong_tick_is_taken_back_with_its_hours_and_rating(here: Afternoon):
    activity = here.activity("volunteer")
    person = here.signed(activity).retiree
    with time_machine.travel(activity.starts_at):
        sign_in(activity, person)
        actions.rate(activity.pk, person.pk, rating="good", by=person.user)
        for _ in range(2):
            row = actions.untick(activity.pk, person.pk, by=here.clerk)

    assert (row.state, row.minutes, row.rating) == (State.SIGNED, None, "")
    assert again(activity).arrived == 0


def test_work_for_others_counts_as_long_as_it_lasts_or_as_staff_say(here: Afternoon):
    duty, lecture = here.activity("duty", title="坐班"), here.activity()
    person = here.neighbour()
    with time_machine.travel(duty.starts_at):
        assert sign_in(duty, person).minutes == 120
        assert sign_in(lecture, person).minutes is None

        assert actions.set_minutes(duty.pk, person.pk, 45, by=here.clerk).minutes == 45
        with pytest.raises(RuleBroken, match="记时长"):
            actions.set_minutes(lecture.pk, person.pk, 45, by=here.clerk)


def test_who_was_there_says_how_it_was(here: Afternoon):
    activity = here.activity()
    person, absent = here.signed(activity).retiree, here.signed(activity).retiree
    with time_machine.travel(activity.starts_at):
        sign_in(activity, person)

        row = actions.rate(activity.pk, person.pk, rating="fair", words="听不太清", by=person.user)
        with pytest.raises(RuleBroken, match="签到参加过"):
            actions.rate(activity.pk, absent.pk, rating="good", by=absent.user)

    assert (row.rating, row.rating_words) == ("fair", "听不太清")
