import csv
from pathlib import Path

import pytest

from members.people.models import Retiree
from services.care.models import CarePreset
from services.presets.actions import load
from tests.checkin.world import World, make_world

PRESETS = Path(__file__).resolve().parents[3] / "services" / "care" / "data" / "presets.csv"


def load_presets() -> None:
    with PRESETS.open(encoding="utf-8", newline="") as file:
        load(CarePreset, csv.DictReader(file))


@pytest.fixture
def world(db: None) -> World:
    found = make_world()
    load_presets()
    return found


@pytest.fixture
def person(world: World) -> Retiree:
    """Checked in with the community `here`, of the unit."""
    return world.confirmed().retiree
