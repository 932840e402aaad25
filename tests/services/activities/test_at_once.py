"""Several people act on one activity at the same moment.

Seen to fail: the last place and the cancelling without the lock of the activity, signing in twice without that of the
person too, the hall without that of the venue. The two about the queue hold without: counting writes the activity
first.
"""

import pytest
import time_machine

from services.activities import actions
from services.activities.models import Participation
from tests.members.racing import meanwhile, race
from tests.services.activities.afternoon import again, make_afternoon, states

State = Participation.State
pytestmark = pytest.mark.django_db(transaction=True)


def test_two_people_take_the_last_place_and_one_waits():
    here = make_afternoon()
    activity = here.activity(places=1)
    people = [here.neighbour() for _ in range(3)]

    answers = race(3, lambda n: actions.sign_up(activity.pk, people[n].pk, by=people[n].user).state)

    assert sorted(answers) == ["queued", "queued", "signed"]
    assert (again(activity).taken, again(activity).queued) == (1, 2)


def test_two_places_that_come_free_at_once_go_to_two_who_wait():
    here = make_afternoon()
    activity = here.activity(places=2)
    people = [here.signed(activity).retiree for _ in range(5)]

    race(2, lambda n: actions.cancel(activity.pk, people[n].pk, by=people[n].user))

    assert states(activity) == ["cancelled", "cancelled", "signed", "signed", "queued"]
    assert (again(activity).taken, again(activity).queued) == (2, 1)


def test_who_signs_up_while_somebody_cancels_does_not_overtake_the_queue():
    here = make_afternoon()
    activity = here.activity(places=1)
    first, second = (here.signed(activity).retiree for _ in range(2))
    third = here.neighbour()

    answer = meanwhile(
        lambda: actions.cancel(activity.pk, first.pk, by=first.user),
        lambda: actions.sign_up(activity.pk, third.pk, by=third.user).state,
    )

    assert answer == State.QUEUED
    assert Participation.objects.get(retiree=second).state == State.SIGNED


def test_one_person_who_signs_in_twice_at_once_is_here_once():
    here = make_afternoon()
    activity, person = here.activity(), here.neighbour()
    here.signed(activity, person)

    with time_machine.travel(activity.starts_at):
        rows = race(
            3, lambda _: actions.sign_in(activity.pk, person.pk, by=person.user, arrival="poster").arrived_at
        )

    assert len(set(rows)) == 1
    assert again(activity).arrived == 1


def test_who_signs_up_while_it_is_cancelled_is_told_so():
    here = make_afternoon()
    activity, person = here.activity(), here.neighbour()

    answer = meanwhile(
        lambda: actions.cancel_activity(activity.pk, reason="下雨", by=here.clerk),
        lambda: actions.sign_up(activity.pk, person.pk, by=person.user),
    )

    assert "已经取消" in str(answer)
    assert states(activity) == []


def test_two_clerks_who_want_the_same_hall_get_it_once():
    here = make_afternoon()
    hall = actions.add_venue(
        here.here.pk, kind="home", name="银领之家", address="云霄路", capacity=None, by=here.clerk
    )
    other = here.world.clerk_there
    plans = [
        (here.here.pk, here.plan(venue_id=hall.pk), here.clerk),
        (
            here.world.there.pk,
            here.plan(venue_id=hall.pk, title="下棋", area_code=here.world.there.division_id),
            other,
        ),
    ]

    answers = race(2, lambda n: actions.create(plans[n][0], plans[n][1], by=plans[n][2]))

    assert sum(isinstance(answer, list) for answer in answers) == 1
