"""Announcing, series, halls, changing, cancelling, what follows a death, a merge and an end."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit.actions import entries_about
from huifeng.errors import RuleBroken
from huifeng.texts.models import Text
from members.duplicates.actions import merge, undo_merge
from members.party.actions import participate
from members.party.models import PartyAffiliation
from members.people import actions as people
from services.activities import actions
from services.activities.dates import starts_of
from services.activities.models import Activity, Participation, Series
from tests.members.factories import make_branch, make_member
from tests.services.activities.afternoon import Afternoon, again, states

State = Participation.State


def test_announcing_twice_is_once(here: Afternoon):
    one = here.activity()

    assert here.activity() == one
    assert entries_about(one).count() == 1


def test_only_staff_of_the_organiser_announce(here: Afternoon):
    with pytest.raises(PermissionDenied):
        here.activity(by=here.world.clerk_there)


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [("weekly", [11, 18, 25]), ("fortnightly", [11, 25, 9]), ("monthly", [11, 9, 13])],
)
def test_dates_of_a_series_keep_hour_and_weekday(rhythm: str, days: list[int]):
    first = timezone.make_aware(datetime(2026, 11, 11, 9))  # the second Wednesday

    found = [timezone.localtime(start) for start in starts_of(first, rhythm, 3)]

    assert [start.day for start in found] == days
    assert {(start.hour, start.weekday()) for start in found} == {(9, 2)}


def test_where_a_month_has_no_fifth_weekday_the_last_one_is_taken():
    first = timezone.make_aware(datetime(2026, 12, 30, 9))

    assert starts_of(first, "monthly", 2)[1].day == 27


def test_a_series_is_as_many_activities(here: Afternoon):
    dates = actions.create(here.here.pk, here.plan("course", rhythm="weekly", times=4), by=here.clerk)

    assert [row.number for row in dates] == [1, 2, 3, 4]
    assert len({row.code for row in dates} | {row.token for row in dates}) == 8
    assert Series.objects.get().title == "健康讲座"


def test_a_hall_is_not_taken_twice_unless_it_is_meant(here: Afternoon):
    hall = actions.add_venue(
        here.here.pk, kind="home", name="银领之家", address="云霄路 1 号", capacity=40, by=here.clerk
    )
    here.activity(venue_id=hall.pk)

    with pytest.raises(RuleBroken, match="那时已有活动"):
        here.activity(title="下棋", venue_id=hall.pk)
    assert here.activity(title="下棋", venue_id=hall.pk, despite_clash=True).venue == hall
    with pytest.raises(RuleBroken, match="只能容纳 40 人"):
        here.activity(title="合唱", venue_id=hall.pk, places=50, despite_clash=True)


def test_a_hall_with_something_to_come_stays_open(here: Afternoon):
    hall = actions.add_venue(
        here.here.pk, kind="home", name="银领之家", address="云霄路 1 号", capacity=40, by=here.clerk
    )
    activity = here.activity(venue_id=hall.pk)

    with pytest.raises(RuleBroken, match="还有 1 场"):
        actions.close_venue(hall.pk, by=here.clerk)
    actions.cancel_activity(activity.pk, reason="改期", by=here.clerk)

    assert actions.close_venue(hall.pk, by=here.clerk).closed_on == timezone.localdate()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"ends_at": timezone.now() - timedelta(days=1)}, "times_in_order"),
        ({"places": 0}, "places"),
        ({"title": " "}, "empty"),
        ({"age_from": 80, "age_to": 60}, "age"),
        ({"area_code": "370203000000"}, "area"),
        ({"audience": "branch", "area_code": None}, "branch"),
        ({"rhythm": "weekly", "times": 99}, "times"),
    ],
)
def test_what_does_not_hold_is_refused(here: Afternoon, wrong: dict, code: str):
    with pytest.raises(RuleBroken) as refused:
        here.activity(**wrong)

    assert refused.value.code == code
    assert not Activity.objects.exists()


def test_members_of_a_branch_are_expected_whatever_way_they_belong(here: Afternoon):
    branch = make_branch(here.here, "银龄党支部")
    formal, guest, gone = (here.neighbour() for _ in range(3))
    day = date(2020, 1, 1)
    PartyAffiliation.objects.create(retiree=formal, organisation=branch, kind="formal", valid_from=day)
    participate(guest.pk, branch.pk, on=day, by=here.clerk)
    PartyAffiliation.objects.create(
        retiree=gone, organisation=branch, kind="participation", valid_from=day, valid_until=date(2021, 1, 1)
    )

    activity = here.activity(
        "three_meetings", title="支部党员大会", audience="branch", area_code=None, branch_id=branch.pk
    )

    expected = activity.participations.values_list("retiree", flat=True)
    assert set(expected) == {formal.pk, guest.pk}
    assert again(activity).taken == 2


def test_another_time_is_told_to_who_holds_a_place(here: Afternoon):
    activity = here.activity(places=1)
    person, _ = here.signed(activity).retiree, here.signed(activity)

    later = activity.starts_at + timedelta(hours=1)
    for _ in range(2):
        actions.change(
            activity.pk, by=here.clerk, title=activity.title, starts_at=later,
            ends_at=later + timedelta(hours=1), place=activity.place, places=1, contact="0532-1", words="",
        )  # fmt: skip

    assert [text.phone for text in Text.objects.all()] == [person.phone]


def test_more_places_move_the_queue_up_and_fewer_than_taken_are_refused(here: Afternoon):
    activity = here.activity(places=1)
    for _ in range(3):
        here.signed(activity)
    same = {
        "title": activity.title,
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "place": activity.place,
        "contact": "",
        "words": "",
    }

    actions.change(activity.pk, by=here.clerk, places=2, **same)

    assert states(activity) == ["signed", "signed", "queued"]
    with pytest.raises(RuleBroken, match="已经有 2 人报名"):
        actions.change(activity.pk, by=here.clerk, places=1, **same)


def test_cancelling_tells_everybody_once(here: Afternoon):
    activity = here.activity(places=1)
    told = {here.signed(activity).retiree.phone for _ in range(2)}

    for _ in range(2):
        actions.cancel_activity(activity.pk, reason="场地检修", by=here.clerk)

    assert {text.phone for text in Text.objects.all()} == told
    assert states(activity) == ["cancelled", "cancelled"]
    assert (again(activity).taken, again(activity).queued) == (0, 0)


def test_after_somebody_signed_in_it_cannot_be_cancelled(here: Afternoon):
    activity = here.activity()
    person = here.signed(activity).retiree
    with time_machine.travel(activity.starts_at):
        actions.sign_in(activity.pk, person.pk, by=person.user, arrival=Participation.Arrival.POSTER)

        with pytest.raises(RuleBroken, match="已有 1 人签到"):
            actions.cancel_activity(activity.pk, reason="下雨", by=here.clerk)


def test_the_rest_of_a_series_goes_with_one_date(here: Afternoon):
    dates = actions.create(here.here.pk, here.plan(rhythm="weekly", times=3), by=here.clerk)

    actions.cancel_activity(dates[1].pk, reason="老师请假", by=here.clerk, with_rest=True)

    assert [again(row).cancelled_at is None for row in dates] == [True, False, False]


def test_a_death_frees_the_place_and_being_alive_takes_it_again(here: Afternoon):
    activity = here.activity(places=1)
    person, waiting = here.signed(activity).retiree, here.signed(activity).retiree
    death = people.report_death(person.pk, timezone.localdate(), by=here.world.unit_clerk)
    people.confirm_death(death.pk, by=here.world.unit_clerk)

    assert states(activity) == ["cancelled", "signed"]

    people.undo_death(death.pk, words="弄错了人", by=here.world.unit_clerk)

    assert states(activity) == ["queued", "signed"]
    assert Participation.objects.get(retiree=waiting).state == State.SIGNED


def test_what_an_ended_community_announced_goes_to_its_successor(here: Afternoon):
    activity = here.activity()
    there = here.world.there

    actions.follow_closed(here.here, there, timezone.localdate(), User.objects.system())

    assert again(activity).organiser == there


def test_what_nobody_takes_over_is_cancelled(here: Afternoon):
    activity = here.activity()

    actions.follow_closed(here.here, None, timezone.localdate(), User.objects.system())

    assert "已经撤销" in again(activity).cancel_reason


def test_who_is_forgotten_leaves_a_number_without_words(here: Afternoon):
    activity, later = (
        here.activity(),
        here.activity(title="合唱", starts_at=here.tomorrow + timedelta(days=1)),
    )
    person = here.neighbour()
    here.signed(later, person)
    with time_machine.travel(activity.starts_at):
        actions.sign_in(activity.pk, person.pk, by=person.user, arrival=Participation.Arrival.POSTER)
        actions.rate(activity.pk, person.pk, rating="poor", words="我腿疼", by=person.user)
        actions.forget(person.pk, by=User.objects.system())

    rows = Participation.objects.filter(retiree=person).order_by("activity")
    assert [(row.state, row.rating_words) for row in rows] == [("arrived", ""), ("cancelled", "")]


def test_a_merge_brings_everything_over_and_its_undo_gives_both_their_places(here: Afternoon):
    clerk, system = here.world.unit_clerk, User.objects.system()
    one, other = (make_member(here.world.unit, id_number="") for _ in range(2))
    both, only = here.activity(places=2), here.activity(title="合唱")
    for activity, person in ((both, one), (both, other), (only, other)):
        actions.sign_up(activity.pk, person.pk, by=system)
    waiting = here.signed(both).retiree

    merged = merge(one.pk, other.pk, by=clerk)

    kept = Participation.objects.filter(retiree=one).values_list("activity", "state")
    assert set(kept) == {(both.pk, "signed"), (only.pk, "signed")}
    assert Participation.objects.get(retiree=waiting).state == State.SIGNED
    assert (again(both).taken, again(only).taken) == (2, 1)

    undo_merge(merged.pk, by=clerk)

    back = Participation.objects.filter(retiree=other).values_list("activity", "state")
    assert set(back) == {(both.pk, "signed"), (only.pk, "signed")}
    assert (again(both).taken, again(both).places) == (3, 3)


def test_of_two_rows_at_one_activity_the_one_that_was_there_stays(here: Afternoon):
    clerk, system = here.world.unit_clerk, User.objects.system()
    one, other = (make_member(here.world.unit, id_number="") for _ in range(2))
    activity = here.activity("volunteer")
    for person in (one, other):
        actions.sign_up(activity.pk, person.pk, by=system)
    with time_machine.travel(activity.starts_at):
        actions.tick(activity.pk, [other.pk], by=here.clerk)
        merge(one.pk, other.pk, by=clerk)

    row = Participation.objects.get(retiree=one)
    assert (row.state, row.minutes) == (State.ARRIVED, 120)
    assert (again(activity).taken, again(activity).arrived) == (1, 1)


def test_who_holds_a_place_tomorrow_is_reminded_once(here: Afternoon):
    activity, later = (
        here.activity(),
        here.activity(title="合唱", starts_at=here.tomorrow + timedelta(days=1)),
    )
    person = here.signed(activity).retiree
    here.signed(later)

    told = [actions.remind_tomorrow() for _ in range(2)]

    assert told == [1, 1]
    assert [(text.phone, "明天上午9:00" in text.words) for text in Text.objects.all()] == [
        (person.phone, True)
    ]
