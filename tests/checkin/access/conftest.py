import pytest

from communities.organisations.models import Assignment
from huifeng.accounts.models import User
from tests.checkin.api.systems import System, system_of
from tests.checkin.world import World
from tests.communities.factories import make_staff


@pytest.fixture
def unit_system(world: World) -> System:
    return system_of(world.unit)


@pytest.fixture
def boss(world: World) -> User:
    """The lead of the city's bureau."""
    return make_staff(world.city.city, Assignment.Role.LEAD, display_name="郭明")


@pytest.fixture
def lead(world: World) -> User:
    """The lead of the district's bureau."""
    return make_staff(world.city.districts[0], Assignment.Role.LEAD, display_name="何静")
