"""Whatever dies, lies or is restarted: after recovery every notice was delivered exactly once as its receiver sees it.

Each run is a seed: three people's affairs in a unit and two communities, with faults of workers, beats, PostgreSQL,
Redis, clock and receivers in the middle (sync_runs.plan_of). 15 runs by default, 200 with TEST_ALL=1; one of them
again: `pytest tests/faults/test_sync_survives.py -k "[17]"`. The moments are not the same again, what goes wrong is.
"""

import ipaddress
import os
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from checkin.feedback.models import FeedbackReport, Side
from checkin.statistics.months import Month
from tests.checkin.sync.receiver import Receiver, receiving
from tests.checkin.world import make_world
from tests.communities.factories import make_staff
from tests.faults.sync_house import House, living_in
from tests.faults.sync_receiver import MOODS
from tests.faults.sync_runs import FAULTS, Base, Run, plan_of

pytestmark = pytest.mark.faults
SAMPLE = range(15)
SEEDS = range(200) if os.environ.get("TEST_ALL") == "1" else SAMPLE


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[House]:
    """The engines, workers and beats of all runs."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    data = Path(__file__).resolve().parents[2] / f".test-data/sync-faults-{process}"
    data.mkdir(parents=True, exist_ok=True)
    let_in = override_settings(WEBHOOK_NETWORKS=[ipaddress.ip_network("127.0.0.0/8")])
    house = House(data, tmp_path_factory.mktemp("house"))
    with django_db_blocker.unblock(), let_in, living_in(house):
        house.open()
        try:
            yield house
        finally:
            house.close()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def base(house: House) -> Base:
    """Three people who checked in the month before, so that there are reports to make of it."""
    month = Month.of(timezone.localdate() - timedelta(days=1)).previous  # over, with any clock of CLOCK_STEPS
    with time_machine.travel(month.start + timedelta(days=9, hours=4), tick=True):
        world = make_world()
        for number in range(3):
            world.confirmed(world.member(name=f"老人{number}"))
        moved = world.submitted(world.member(), community_id=world.there.pk)
    reported = {
        (world.unit.pk, str(Side.UNIT)),
        (world.here.pk, str(Side.COMMUNITY)),
        (moved.community_id, str(Side.COMMUNITY)),
    }
    return Base(world.city, month, make_staff(world.city.city), frozenset(reported))


@pytest.fixture
def no_reports(base: Base) -> None:
    """The month has no reports yet."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"TRUNCATE {FeedbackReport._meta.db_table} CASCADE")


def test_a_sample_leaves_nothing_out() -> None:
    plans = [plan_of(seed) for seed in SAMPLE]

    faults = Counter(fault for plan in plans for fault in plan.faults)
    moods = Counter(mood for plan in plans for mood in plan.moods)
    assert all(faults[fault] >= 2 for fault in FAULTS), faults
    assert all(moods[mood] >= 2 for mood in MOODS), moods


@pytest.mark.parametrize("seed", SEEDS)
def test_every_notice_arrives_once_and_in_order(
    seed: int, house: House, receiver: Receiver, base: Base, no_reports: None
) -> None:
    run = Run(plan_of(seed), house, receiver, base)
    try:
        run.go()
        run.check()
    except BaseException:
        print(house.logs())
        raise
    finally:
        print("\n".join(run.events))
        run.close()
