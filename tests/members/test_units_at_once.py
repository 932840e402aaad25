"""Units reorganised while people join and leave them, by two bureaus at once, and by a worker that is killed.

The tests of locks were seen to fail with units locked before people (`lock_with_people`) and without its second
look.
"""

import signal
import subprocess
import sys
import threading
import time
from contextvars import copy_context
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from communities.organisations import registry as organisations
from communities.organisations.actions import close_unit
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import running
from huifeng.jobs.models import Job
from members.people.models import Retiree
from members.units import actions
from members.units.actions import locking
from members.units.models import UnitMembership, UnitReorganisation
from tests.communities.factories import make_staff
from tests.members.factories import RetireeFactory, make_member
from tests.members.racing import meanwhile, race
from tests.members.reorganising import DAY, plan, work_off

pytestmark = pytest.mark.django_db(transaction=True)
State = UnitReorganisation.State


def ready(kind, sources, targets, *, by):
    made = plan(kind, sources, targets, by=by)
    return actions.preview(made.pk, by=by)


def in_a_thread(act):
    """What `act` returned or raised, done on a connection of its own; the caller goes on at once."""
    answers = []

    def run():
        try:
            answers.append(act())
        except Exception as error:
            answers.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=copy_context().run, args=(run,))
    thread.start()
    return thread, answers


def test_who_joins_and_who_closes_do_not_wait_for_each_other(unit, other, bureau_clerk):
    person = RetireeFactory(standing="claimed", claimed_unit=unit)

    with transaction.atomic():
        Retiree.objects.locked(person.pk)  # as an act on the person does first
        thread, answers = in_a_thread(
            lambda: close_unit(unit.pk, successor_id=other.pk, on=DAY, by=bureau_clerk)
        )
        time.sleep(0.5)  # the closing waits for the person, and must not hold the unit meanwhile
        actions.join(person.pk, unit.pk, on=DAY, by=bureau_clerk)
    thread.join(30)

    assert answers == [unit]
    assert actions.unit_of(person) == other


def test_who_transfers_and_who_carries_out_do_not_wait_for_each_other(unit, other, member, bureau_clerk):
    made = ready("merge", [unit], [other], by=bureau_clerk)
    actions.carry_out(made.pk, by=bureau_clerk)

    with transaction.atomic():
        Retiree.objects.locked(member.pk)
        thread, answers = in_a_thread(lambda: work_off(made))
        time.sleep(0.5)
        actions.transfer(member.pk, other.pk, on=DAY, by=bureau_clerk)
    thread.join(30)

    assert answers[0].state == "failed"
    assert "重新预览" in answers[0].error
    assert [row.unit for row in member.memberships.order_by("valid_from")] == [unit, other]


def test_who_joins_between_the_two_locks_is_noticed(unit, other, member, bureau_clerk, monkeypatch):
    late = RetireeFactory()
    locked = []

    class Slow:
        of = staticmethod(locking.of)

        @staticmethod
        def lock(unit_ids):
            locked.append(locking.lock(unit_ids))
            if len(locked) == 1:
                thread, _ = in_a_thread(lambda: actions.join(late.pk, unit.pk, on=DAY, by=bureau_clerk))
                thread.join(30)
            return locked[-1]

    monkeypatch.setattr(organisations, "people_first", Slow)

    close_unit(unit.pk, successor_id=other.pk, on=DAY, by=bureau_clerk)

    assert locked == [{member.pk}, {member.pk, late.pk}]
    assert actions.unit_of(late) == other


def test_nobody_joins_a_unit_that_is_being_merged(unit, other, member, bureau_clerk):
    made = ready("merge", [unit], [other], by=bureau_clerk)
    actions.carry_out(made.pk, by=bureau_clerk)
    newcomer = RetireeFactory()

    answer = meanwhile(
        lambda: work_off(made), lambda: actions.join(newcomer.pk, unit.pk, on=DAY, by=bureau_clerk)
    )

    assert isinstance(answer, RuleBroken)
    assert not newcomer.memberships.exists()


def test_two_bureaus_give_the_same_unit_to_two_others_and_one_wins(city, unit, other, third, bureau_clerk):
    people = [make_member(unit) for _ in range(20)]
    boss = make_staff(city.city)
    plans = [
        ready("merge", [unit], [other], by=bureau_clerk),
        ready("merge", [unit], [third], by=boss),
    ]
    for made, by in zip(plans, (bureau_clerk, boss), strict=True):
        actions.carry_out(made.pk, by=by)

    race(2, lambda number: work_off(plans[number]))

    states = sorted(UnitReorganisation.objects.values_list("state", flat=True))
    unit.refresh_from_db()
    assert states == ["done", "failed"]
    assert set(UnitMembership.objects.open().values_list("unit", flat=True)) == {unit.successor_id}
    assert UnitMembership.objects.count() == 2 * len(people)


def test_the_same_reorganisation_started_twice_at_once_is_done_once(unit, other, member, bureau_clerk):
    made = ready("merge", [unit], [other], by=bureau_clerk)

    answers = race(2, lambda _: actions.carry_out(made.pk, by=bureau_clerk).job_id)
    race(2, lambda _: running.run(answers[0]))

    assert len(set(answers)) == Job.objects.count() == 1
    assert AuditEntry.objects.filter(action="reorganisation.done").count() == 1


def test_undone_twice_at_once_is_undone_once(unit, other, member, bureau_clerk):
    made = ready("merge", [unit], [other], by=bureau_clerk)
    actions.carry_out(made.pk, by=bureau_clerk)
    work_off(made)

    race(2, lambda _: actions.undo_reorganisation(made.pk, by=bureau_clerk))

    assert AuditEntry.objects.filter(action="reorganisation.undone").count() == 1
    assert UnitMembership.objects.count() == 1


def test_who_is_transferred_while_it_is_undone_is_not_torn_back(unit, other, third, member, bureau_clerk):
    made = ready("merge", [unit], [other], by=bureau_clerk)
    actions.carry_out(made.pk, by=bureau_clerk)
    work_off(made)

    answer = meanwhile(
        lambda: actions.transfer(member.pk, third.pk, on=DAY + timedelta(days=9), by=bureau_clerk),
        lambda: actions.undo_reorganisation(made.pk, by=bureau_clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert actions.unit_of(member) == third


def test_a_worker_killed_half_way_leaves_nothing_and_the_next_does_it_whole(
    unit, other, member, bureau_clerk
):
    made = ready("merge", [unit], [other], by=bureau_clerk)
    actions.carry_out(made.pk, by=bureau_clerk)
    made.refresh_from_db()

    worker = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.members.killed_worker",
            connection.settings_dict["NAME"],
            str(made.job_id),
        ]
    )

    unit.refresh_from_db()
    assert worker.returncode == -signal.SIGKILL
    assert (unit.closed_on, actions.unit_of(member)) == (None, unit)
    assert Job.objects.get().state == "running"

    job = next(job for _ in range(50) if (job := running.run(made.job_id)) or time.sleep(0.1))
    made.refresh_from_db()
    assert (job.state, job.attempts, made.state) == ("done", 2, State.DONE)
    assert actions.unit_of(member) == other
