"""Keys are changed while people work: nobody is overwritten, everybody is found, and an ID number stands once."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextvars import copy_context
from typing import Any

import pytest
from django.db import connection, connections, transaction

from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.jobs import running
from huifeng.jobs.models import Job
from huifeng.keys import actions, rotation
from members.people.actions import correct_contact
from members.people.models import Retiree
from tests.communities.threads import at_the_same_time
from tests.huifeng.keys import as_environment, both, only_new
from tests.members.factories import make_member, make_phone
from tests.members.racing import race
from tests.members.turning import old_keys, people_table, rotate, small_batches

__all__ = ["old_keys", "small_batches"]

pytestmark = pytest.mark.django_db(transaction=True)


# Killed and taken up -----------------------------------------------------------------------------------------


def test_a_process_killed_in_the_middle_is_taken_up_and_nothing_is_lost(settings, unit):
    people = [make_member(unit) for _ in range(7)]
    numbers = {p.pk: (p.id_number, p.phone) for p in people}
    both(settings)
    with transaction.atomic():  # the queue must not have it, the killed process shall
        job = Job.objects.create(
            kind=actions.KIND, title="更换密钥", by=User.objects.system(), args=actions._newest()
        )

    killed = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.members.killed_rotation",
            connection.settings_dict["NAME"],
            str(job.pk),
        ],
        env=os.environ | as_environment(),
        timeout=60,
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    done = [bytes(row[0])[:2] for row in _raw("id_number")]
    assert (done.count(b"\x02\x02"), done.count(b"\x02\x01")) == (
        2,
        5,
    )  # one batch is committed, the next is not
    assert {p.pk: (p.id_number, p.phone) for p in Retiree.objects.all()} == numbers
    assert all(Retiree.objects.with_id_number(number).exists() for number, _ in numbers.values())

    again = next(
        done for _ in range(50) if (done := running.run(job.pk)) or time.sleep(0.1)
    )  # its session ends

    only_new(settings)
    assert (again.state, again.result["left"], again.attempts) == (Job.State.DONE, 0, 2)
    assert {p.pk: (p.id_number, p.phone) for p in Retiree.objects.all()} == numbers
    assert all(Retiree.objects.with_id_number(number).get().pk == pk for pk, (number, _) in numbers.items())
    assert AuditEntry.objects.filter(action="keys.rotated").count() == 1


def _raw(column: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM members_people_retiree ORDER BY id")
        return cursor.fetchall()


# Beside people who work --------------------------------------------------------------------------------------


def test_what_is_edited_meanwhile_is_what_stands(settings, unit, unit_clerk, small_batches):
    """Four editors and the rotation over the same people, again and again."""
    people = [make_member(unit) for _ in range(24)]
    both(settings)
    said: dict[int, str] = {}
    over = threading.Event()

    def edit(place: int) -> int:
        for turn in range(12):
            person = people[place * 6 + turn % 6]  # one editor a person, so that the last word is known
            said[person.pk] = make_phone(10_000 + place * 1000 + turn)
            correct_contact(person.pk, {"phone": said[person.pk]}, by=unit_clerk)
        return turn + 1

    def turn_keys() -> int:
        done = 0
        while not over.is_set():
            done += rotation.rotate_table(people_table()).resealed
        return done

    def edit_all() -> list[Any]:
        try:
            return race(4, edit)
        finally:
            over.set()

    edited, turned = at_the_same_time(edit_all, turn_keys)

    rotate()
    only_new(settings)
    assert edited == [12] * 4
    assert turned >= 24
    assert {pk: Retiree.objects.get(pk=pk).phone for pk in said} == said
    assert all(Retiree.objects.with_phone(phone).get().pk == pk for pk, phone in said.items())


def test_a_value_written_between_reading_and_writing_is_not_overwritten(
    settings, unit, unit_clerk, monkeypatch
):
    """Seen to fail without FOR UPDATE: the batch would write what it read before."""
    person = make_member(unit)
    both(settings)
    renewed = rotation._renewed
    edits: list[threading.Thread] = []

    def edit() -> None:
        try:
            correct_contact(person.pk, {"phone": "13912340000"}, by=unit_clerk)
        finally:
            connections.close_all()

    def slowly(table: Any, values: Any) -> Any:
        if table.model is Retiree and not edits:
            edits.append(threading.Thread(target=copy_context().run, args=(edit,)))
            edits[0].start()
            edits[0].join(1)  # it must wait for the row
        return renewed(table, values)

    monkeypatch.setattr(rotation, "_renewed", slowly)

    rotation.rotate_table(people_table())

    edits[0].join(30)
    assert Retiree.objects.get(pk=person.pk).phone == "13912340000"


def test_rows_that_somebody_has_locked_are_done_when_they_are_free(settings, unit):
    """And the other rows of the batch are not held while it waits."""
    first, second, third = (make_member(unit) for _ in range(3))
    both(settings)
    locked, free = threading.Event(), threading.Event()

    def at_work() -> None:
        with transaction.atomic():
            Retiree.objects.locked(second.pk)
            locked.set()
            free.wait(20)

    def turn_keys() -> int:
        locked.wait(10)
        return rotation.rotate_table(people_table()).resealed

    def look() -> list[Any]:
        locked.wait(10)
        for _ in range(100):
            headers = [bytes(row[0])[:2] for row in _raw("id_number")]
            if headers.count(b"\x02\x02") == 2:
                break
            time.sleep(0.05)
        with transaction.atomic():  # the rotation waits for the second and holds nobody else
            others = Retiree.objects.select_for_update(nowait=True).filter(pk__in=[first.pk, third.pk])
            found = [headers, [person.pk for person in others.order_by("pk")]]
        free.set()
        return found

    _, resealed, (headers, others) = at_the_same_time(at_work, turn_keys, look)

    assert headers == [b"\x02\x02", b"\x02\x01", b"\x02\x02"]
    assert others == [first.pk, third.pk]
    assert (resealed, {bytes(row[0])[:2] for row in _raw("id_number")}) == (6, {b"\x02\x02"})


def test_everybody_is_found_at_every_moment(settings, unit, small_batches):
    people = [make_member(unit) for _ in range(30)]
    both(settings)
    over = threading.Event()

    def turn_keys() -> int:
        try:
            return rotation.rotate_table(people_table()).reindexed
        finally:
            over.set()

    def look() -> tuple[int, int]:
        asked = missed = 0
        while not over.is_set() or not asked:
            for person in people:
                asked += 1
                missed += Retiree.objects.with_id_number(person.id_number).count() != 1
                missed += Retiree.objects.with_phone(person.phone).count() != 1
        return asked, missed

    reindexed, (asked, missed) = at_the_same_time(turn_keys, look)

    assert (reindexed, asked >= 30, missed) == (60, True, 0)
