"""Twenty thousand people in one merger. Minutes to prepare, so only with TEST_ALL=1; the figures are printed."""

import os
import time
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from checkin.record.models import CheckIn
from members.people.models import Retiree
from members.units import actions
from members.units.models import UnitMembership
from tests.communities.factories import make_unit
from tests.members.reorganising import plan, work_off

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(os.environ.get("TEST_ALL") != "1", reason="slow: TEST_ALL=1"),
]
PEOPLE, REQUESTS, SECONDS = 20_000, 2_000, 15  # seconds: 7 on two busy cores


def fill(unit, community, user):
    """People of `unit`, the first of them with an open request."""
    people = Retiree.objects.bulk_create(
        (Retiree(name="王建国", original_unit=unit.name) for _ in range(PEOPLE)), batch_size=2000
    )
    UnitMembership.objects.bulk_create(
        (UnitMembership(retiree=person, unit=unit, valid_from=date(2010, 4, 1)) for person in people),
        batch_size=2000,
    )
    now = timezone.now()
    shared = {
        "unit": unit, "community": community, "channel": "online", "created_by": user, "created_at": now,
        "submitted_at": now,
    }  # fmt: skip
    CheckIn.objects.bulk_create(
        (
            CheckIn(
                retiree=person, state="submitted", number=f"FX-2026-{n:06d}", desk=unit, due_on=date(2026, 12, 1),
                **shared,
            )
            for n, person in enumerate(people[:REQUESTS])
        ),
        batch_size=2000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def timed(words, act):
    began = time.perf_counter()
    act()
    seconds = time.perf_counter() - began
    print(f"{words}: {seconds:.2f} s")
    return seconds


def test_twenty_thousand_people_are_merged_and_given_back_within_seconds(city, unit, bureau_clerk):
    other = make_unit("青岛市第二中学", place=city.districts[0].division)
    fill(unit, city.communities[0], bureau_clerk)
    made = plan("merge", [unit], [other], by=bureau_clerk)

    looking = timed("preview", lambda: actions.preview(made.pk, by=bureau_clerk))
    actions.carry_out(made.pk, by=bureau_clerk)
    doing = timed("carry out", lambda: work_off(made))
    assert UnitMembership.objects.open().filter(unit=other).count() == PEOPLE
    assert CheckIn.objects.at_desk(other).count() == REQUESTS
    undoing = timed("undo", lambda: actions.undo_reorganisation(made.pk, by=bureau_clerk))

    assert UnitMembership.objects.open().filter(unit=unit).count() == PEOPLE
    assert max(looking, doing, undoing) < SECONDS
