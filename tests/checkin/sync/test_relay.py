"""Numbering what is owed: without holes, once, in order, whoever else is at work.

`test_two_relays_…` and `test_a_late_commit_…` were seen to fail with the mailbox lock taken out of `_hold`.
"""

import json
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkin.sync.relay import number_batch, relay
from communities.notices.actions import post
from communities.notices.models import Mailbox, Notice
from communities.organisations.models import Organisation
from tests.checkin.world import World
from tests.communities.factories import make_city, make_unit
from tests.members.racing import race

FRIDAY = datetime(2026, 11, 20, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def units(transactional_db: None) -> list[Organisation]:
    make_city()
    return [make_unit() for _ in range(3)]


def owe(receiver: Organisation, count: int, *, kind: str = "checkin.late", start: int = 0) -> None:
    for number in range(start, start + count):
        post(receiver, key=f"fact-{number}", kind=kind, words=f"第 {number} 件", person=number)


def numbers(receiver: Organisation) -> list[int | None]:
    return list(receiver.notices.order_by("pk").values_list("number", flat=True))


def test_notices_are_numbered_from_one_for_each_receiver(units: list[Organisation]) -> None:
    owe(units[0], 3)
    owe(units[1], 2)

    assert relay() == 5

    assert numbers(units[0]) == [1, 2, 3]
    assert numbers(units[1]) == [1, 2]
    assert dict(Mailbox.objects.values_list("organisation", "last_number")) == {
        units[0].pk: 3,
        units[1].pk: 2,
    }


def test_numbering_goes_on_where_it_stopped(units: list[Organisation]) -> None:
    owe(units[0], 2)
    relay()
    owe(units[0], 2, start=2)

    assert relay() == 2
    assert relay() == 0

    assert numbers(units[0]) == [1, 2, 3, 4]


def test_small_batches_number_the_same(units: list[Organisation]) -> None:
    for start in range(0, 12, 2):
        for unit in units:
            owe(unit, 2, start=start)

    assert relay(batch=5) == 36

    assert all(numbers(unit) == list(range(1, 13)) for unit in units)


def test_only_facts_about_people_need_a_receipt_and_by_working_days(
    units: list[Organisation],
) -> None:
    owe(units[0], 1, kind="checkin.confirmed")
    owe(units[0], 1, kind="checkin.late", start=1)

    number_batch(100, at=FRIDAY)

    due = dict(units[0].notices.values_list("kind", "receipt_due_on"))
    assert due == {"checkin.confirmed": date(2026, 11, 25), "checkin.late": None}


def test_a_batch_costs_the_same_statements_whatever_its_size(units: list[Organisation]) -> None:
    def cost(count: int, start: int) -> int:
        for unit in units:
            owe(unit, count, start=start)
        with CaptureQueriesContext(connection) as queries:
            number_batch(1000, at=timezone.now())
        return len(queries)

    cost(1, 0)

    assert cost(2, 10) == cost(50, 100)


def test_a_relay_that_fails_has_numbered_nothing(units: list[Organisation]) -> None:
    owe(units[0], 3)

    with transaction.atomic():
        assert number_batch(2, at=timezone.now()) == 2
        transaction.set_rollback(True)

    assert numbers(units[0]) == [None, None, None]
    assert relay() == 3
    assert numbers(units[0]) == [1, 2, 3]


def test_two_relays_at_once_number_everything_once(units: list[Organisation]) -> None:
    for start in range(0, 200, 20):
        for unit in units:
            owe(unit, 20, start=start)

    found = race(4, lambda _: relay(batch=7))
    rest = relay()

    assert sum(found) + rest == 600
    assert all(numbers(unit) == list(range(1, 201)) for unit in units)


def test_a_relay_leaves_a_held_mailbox_to_whoever_holds_it(units: list[Organisation]) -> None:
    owe(units[0], 2)
    owe(units[1], 2)
    relay()
    owe(units[0], 1, start=2)
    owe(units[1], 1, start=2)

    with transaction.atomic():
        Mailbox.objects.select_for_update().get(pk=units[0].pk)
        (elsewhere,) = race(1, lambda _: relay())

    assert elsewhere == 1
    assert (numbers(units[0]), numbers(units[1])) == ([1, 2, None], [1, 2, 3])


def test_relays_while_facts_are_posted_leave_no_hole(units: list[Organisation]) -> None:
    """Half of the threads post, some of them slowly, half number."""

    def work(runner: int) -> None:
        for turn in range(15):
            if runner % 2:
                relay(batch=9)
                continue
            with transaction.atomic():
                for unit in units:
                    post(
                        unit,
                        key=f"{runner}-{turn}",
                        kind="checkin.late",
                        words="一件",
                        person=runner,
                        data={"turn": turn},
                    )
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.002)")

    assert race(6, work) == [None] * 6
    relay()

    for unit in units:
        assert sorted(n or 0 for n in numbers(unit)) == list(range(1, 46))
        for person in (0, 2, 4):
            turns = unit.notices.filter(person=person).order_by("number").values_list("data__turn", flat=True)
            assert list(turns) == list(range(15))


def test_a_late_commit_never_overtakes_its_own_person(units: list[Organisation]) -> None:
    """A notice gets its id before, and is committed after, others: nobody reads past it in vain."""
    owe(units[0], 1)
    relay()
    with transaction.atomic():
        post(units[0], key="slow", kind="checkin.late", words="慢", person=1)
        race(1, lambda _: post(units[0], key="quick", kind="checkin.late", words="快", person=2))
        assert race(1, lambda _: relay()) == [1]
    relay()

    assert list(units[0].notices.order_by("number").values_list("key", flat=True)) == [
        "fact-0",
        "quick",
        "slow",
    ]


def test_the_clock_may_stand_wrong(units: list[Organisation]) -> None:
    owe(units[0], 1)
    number_batch(10, at=timezone.now() + timedelta(days=400))
    owe(units[0], 1, start=1)
    number_batch(10, at=timezone.now() - timedelta(days=400))

    assert numbers(units[0]) == [1, 2]


def test_the_command_says_what_it_did(world: World) -> None:
    world.confirmed()
    owed = Notice.objects.filter(state=Notice.State.PENDING).count()
    output = StringIO()

    call_command("relay_notices", "--json", stdout=output)

    assert json.loads(output.getvalue().splitlines()[-1])["relayed"] == owed > 0
    assert not Notice.objects.filter(state=Notice.State.PENDING).exists()
