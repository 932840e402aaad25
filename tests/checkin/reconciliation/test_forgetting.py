"""Old runs and postings are forgotten, never what the next run and the page need."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checkin.reconciliation import actions, periodic
from checkin.reconciliation.models import Drift, PostedDigest, ReconciliationRun
from communities.organisations.models import Organisation
from huifeng.audit.models import AuditEntry
from tests.checkin.world import World, make_world
from tests.members.racing import race

from .planting import run

pytestmark = pytest.mark.django_db
YEAR, MONTH, DAY = timedelta(days=366), timedelta(days=31), timedelta(days=1)


def finished(age: timedelta, *, drifts: int = 0) -> ReconciliationRun:
    made = run()
    ReconciliationRun.objects.filter(pk=made.pk).update(finished_at=timezone.now() - age)
    Drift.objects.bulk_create(Drift(run=made, check_key="untold", field="state") for _ in range(drifts))
    return made


def posting(
    world: World, name: str, age: timedelta, organisation: Organisation | None = None
) -> PostedDigest:
    organisation = organisation or world.unit
    by = world.unit_clerk if organisation == world.unit else world.clerk
    made = actions.keep_digest(organisation, {}, run=name, by=by)
    PostedDigest.objects.filter(pk=made.pk).update(posted_at=timezone.now() - age)
    return made


def test_a_run_goes_after_a_year_with_its_findings(world: World) -> None:
    old, young = finished(YEAR + DAY, drifts=3), finished(YEAR - DAY, drifts=2)
    newest = run()

    gone = actions.forget_old()

    assert gone == {"runs": 1, "drifts": 3, "postings": 0}
    assert set(ReconciliationRun.objects.values_list("pk", flat=True)) == {young.pk, newest.pk}
    assert set(Drift.objects.values_list("run", flat=True)) == {young.pk}
    assert AuditEntry.objects.filter(action="reconciliation.run", target_id=str(old.pk)).exists()


def test_the_newest_run_stays_however_old(world: World) -> None:
    finished(2 * YEAR)
    newest = finished(2 * YEAR, drifts=1)

    actions.forget_old()

    assert ReconciliationRun.objects.get() == newest
    assert Drift.objects.get().run == newest


def test_a_posting_goes_after_a_month_and_the_newest_stays_with_its_parts(world: World) -> None:
    posting(world, "first", MONTH + 2 * DAY)
    young = posting(world, "second", MONTH - DAY)
    parts = [posting(world, "third", MONTH + DAY) for _ in range(2)]
    alone = posting(world, "first", 2 * MONTH, world.here)

    gone = actions.forget_old()

    assert gone["postings"] == 1
    assert set(PostedDigest.objects.all()) == {young, *parts, alone}


def test_every_night_and_twice_is_once(world: World) -> None:
    finished(YEAR + DAY, drifts=1)
    run()
    periodic.forget_old()

    assert actions.forget_old() == {"runs": 0, "drifts": 0, "postings": 0}
    assert ReconciliationRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_forget_what_there_is_once() -> None:
    world = make_world()
    for _ in range(3):
        finished(YEAR + DAY, drifts=2)
    run()
    posting(world, "first", 2 * MONTH)
    posting(world, "second", DAY)

    gone = race(3, lambda number: actions.forget_old())

    assert sum(each["runs"] for each in gone) == 3
    assert (ReconciliationRun.objects.count(), Drift.objects.count(), PostedDigest.objects.count()) == (
        1,
        0,
        1,
    )
