"""Every kind of planted damage is found, by the check that is there for it and by no other."""

from collections.abc import Callable

import pytest

from checkin.reconciliation.checks import CHECKS
from checkin.reconciliation.models import Drift
from tests.checkin.feedback.conftest import Fed, fed
from tests.checkin.statistics.conftest import on
from tests.checkin.world import World

from . import planting

__all__ = ["fed"]
ALL = [*planting.REPAIRED, *planting.LEFT]
name_of = lambda value: getattr(value, "__name__", str(value))  # noqa: E731


@pytest.mark.parametrize(("plant", "check"), ALL, ids=name_of)
def test_planted_damage_is_found(world: World, plant: planting.Plant, check: str) -> None:
    damage = plant(world)
    planting.settle()
    assert planting.found(planting.run()) == {}
    person = damage()

    run = planting.run()

    assert planting.found(run) == {check: 1}
    assert list(Drift.objects.filter(run=run).values_list("check_key", "person", "repaired_at")) == [
        (check, person, None)
    ]


@pytest.mark.parametrize(("plant", "check"), planting.REPAIRED, ids=name_of)
def test_what_can_be_repaired_is(world: World, plant: planting.Plant, check: str) -> None:
    damage = plant(world)
    planting.settle()
    damage()

    run = planting.run(repair=True)

    assert (planting.found(run), run.repaired) == ({check: 1}, 1)
    assert Drift.objects.get(run=run).repaired_at is not None
    assert planting.found(planting.run()) == {}
    planting.settle()
    assert planting.found(planting.run()) == {}


@pytest.mark.parametrize(("plant", "check"), planting.LEFT, ids=name_of)
def test_what_needs_somebody_is_left_to_somebody(world: World, plant: planting.Plant, check: str) -> None:
    damage = plant(world)
    planting.settle()
    damage()

    run = planting.run(repair=True)

    assert (run.found, run.repaired) == (1, 0)
    assert planting.found(planting.run()) == {check: 1}


@pytest.mark.parametrize(("plant", "check", "repairs"), planting.FEEDBACK, ids=name_of)
def test_damage_to_reports_is_found(
    fed: Fed, plant: Callable[[Fed], planting.Damage], check: str, repairs: bool
) -> None:
    with on("2026-11-10"):
        fed.make()
        damage = plant(fed)
        planting.settle()
        assert planting.found(planting.run()) == {}
        damage()

        run = planting.run(repair=True)

        assert (planting.found(run), run.repaired) == ({check: 1}, int(repairs))
        assert planting.found(planting.run()) == ({} if repairs else {check: 1})


def test_every_check_has_its_damage() -> None:
    planted = {check for _, check in ALL} | {check for _, check, _ in planting.FEEDBACK}

    assert planted == {check.key for check in CHECKS}
