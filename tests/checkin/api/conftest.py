import pytest

from tests.checkin.api.systems import System, system_of
from tests.checkin.world import World


@pytest.fixture
def unit_system(world: World) -> System:
    return system_of(world.unit)


@pytest.fixture
def community_system(world: World) -> System:
    return system_of(world.here)
