import pytest

from members.people.models import Retiree
from tests.checkin.world import World, make_world
from tests.services.care.presets import load_presets


@pytest.fixture
def world(db: None) -> World:
    found = make_world()
    load_presets()
    return found


@pytest.fixture
def person(world: World) -> Retiree:
    """Checked in with the community `here`, of the unit."""
    return world.confirmed().retiree
