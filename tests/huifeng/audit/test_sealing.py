"""The chain over the audit: what is committed is sealed, once, late or not.

`test_two_sealings_at_once_seal_each_entry_once` was seen to fail without the advisory lock.
"""

import threading
import time
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.audit.canonical import hash_of
from huifeng.audit.models import AuditEntry, AuditSeal
from huifeng.audit.sealing import MOST, WINDOW, seal
from tests.communities.factories import UserFactory
from tests.communities.threads import at_the_same_time
from tests.huifeng.audit.entries import verify, write


def sealed() -> list[int]:
    return [pk for row in AuditSeal.objects.order_by("number") for pk in row.entries]


@pytest.mark.django_db
def test_what_is_written_down_is_sealed_in_order_and_chained():
    keys = write(MOST + 5)

    assert seal() == MOST + 5
    first, second = AuditSeal.objects.order_by("number")
    assert (len(first.entries), len(second.entries)) == (MOST, 5)
    assert first.entries + second.entries == keys
    assert bytes(first.previous) == bytes(32)
    assert bytes(second.previous) == bytes(first.hash)
    assert second.highest == keys[-1]


@pytest.mark.django_db
def test_sealing_twice_is_sealing_once():
    write(3)

    assert (seal(), seal()) == (3, 0)
    assert AuditSeal.objects.count() == 1


@pytest.mark.django_db
def test_the_hash_is_of_the_previous_hash_and_every_column():
    row = AuditEntry.objects.get(pk=write(1)[0])
    row.refresh_from_db()
    seal()

    at = row.at.strftime("%Y-%m-%dT%H:%M:%S.%f")
    text = (
        f'[{row.pk}, "{at}", {row.actor_id}, "{row.actor}", null, "test.done", "accounts.user", "{row.target_id}",'
        ' null, null, "试", ""]'
    )
    assert bytes(AuditSeal.objects.get().hash) == hash_of(bytes(32), [text.encode()])


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_with_a_lower_id_is_sealed_by_the_next_run():
    by = UserFactory()
    ready, go = threading.Event(), threading.Event()

    def slowly() -> None:
        try:
            with transaction.atomic():
                audit.record("test.slow", by, by=by)
                ready.set()
                go.wait(10)
        finally:
            connections.close_all()

    slow = threading.Thread(target=slowly)
    slow.start()
    ready.wait(10)
    write(2, by)

    assert seal() == 2
    go.set()
    slow.join(10)
    late = AuditEntry.objects.get(action="test.slow").pk
    assert late < min(sealed())
    assert seal() == 1
    assert sealed()[-1] == late
    assert verify()[1] == 0


@pytest.mark.django_db
def test_an_entry_far_below_is_found_again_while_its_transaction_may_live():
    with time_machine.travel(timezone.now() - WINDOW + timedelta(hours=1), tick=False):
        first = write(1)
        seal()
    write(1)
    AuditEntry.objects.bulk_create([_before(first[0])])  # its id was handed out before

    assert seal() == 2
    assert sorted(sealed()) == sorted(AuditEntry.objects.values_list("pk", flat=True))


def _before(pk: int) -> AuditEntry:
    """The entry `pk` once more, with the id before it."""
    row = AuditEntry.objects.get(pk=pk)
    row.pk = pk - 1
    return row


@pytest.mark.django_db
def test_the_window_is_all_that_is_read():
    with time_machine.travel(timezone.now() - WINDOW - timedelta(hours=1), tick=False):
        old = write(3)
        seal()
    AuditEntry.objects.bulk_create([_before(old[0])])

    assert seal() == 0


@pytest.mark.django_db
def test_a_clock_that_is_set_back_does_not_hide_late_entries():
    first = write(1)
    seal()
    with time_machine.travel(timezone.now() - timedelta(days=3), tick=False):
        write(1)
        seal()
    AuditEntry.objects.bulk_create([_before(first[0])])

    assert seal() == 1
    times = list(AuditSeal.objects.order_by("number").values_list("at", flat=True))
    assert times == sorted(times)


@pytest.mark.django_db(transaction=True)
def test_two_sealings_at_once_seal_each_entry_once():
    write(3000)

    counts = at_the_same_time(seal, seal, seal)

    assert [n for n in counts if isinstance(n, IntegrityError)] == []
    assert sum(counts) == 3000
    assert len(set(sealed())) == len(sealed()) == 3000


@pytest.mark.django_db(transaction=True)
def test_an_insert_does_not_wait_for_a_sealing():
    by = UserFactory()
    write(10, by)

    def insert() -> float:
        began = time.monotonic()
        audit.record("test.done", by, by=by)
        connections.close_all()
        return time.monotonic() - began

    with transaction.atomic():
        seal()
        taken = at_the_same_time(insert)

    assert taken[0] < 1
    assert AuditEntry.objects.count() == 11
    assert User.objects.filter(pk=by.pk).exists()


@pytest.mark.django_db
def test_a_hundred_thousand_entries_are_sealed_in_seconds():
    write(100_000)

    began = time.monotonic()
    assert seal() == 100_000
    taken = time.monotonic() - began

    print(f"100,000 entries sealed in {taken:.2f} s")
    assert taken < 20  # of a busy machine; alone it takes two
