import pytest

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.codes import labels
from members.people.models import Retiree
from tests.communities.factories import TinyCity, make_city, make_staff, make_unit
from tests.members.factories import load_codes, make_member


@pytest.fixture(autouse=True)
def codes(request):
    """The code lists, in tests that use the database."""
    labels.forget()
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        load_codes()
    yield
    labels.forget()


@pytest.fixture
def city(db) -> TinyCity:
    return make_city()


@pytest.fixture
def unit(city: TinyCity) -> Organisation:
    return make_unit("青岛市第一研究所", place=city.districts[0].division)


@pytest.fixture
def unit_clerk(unit: Organisation) -> User:
    return make_staff(unit)


@pytest.fixture
def community_clerk(city: TinyCity) -> User:
    """Works for the first community, of the first district."""
    return make_staff(city.communities[0])


@pytest.fixture
def bureau_clerk(city: TinyCity) -> User:
    """Works for the bureau of the first district, which oversees the unit."""
    return make_staff(city.districts[0])


@pytest.fixture
def stranger(city: TinyCity) -> User:
    """Staff of another district's community."""
    return make_staff(city.communities[4])


@pytest.fixture
def member(unit: Organisation) -> Retiree:
    return make_member(unit)


@pytest.fixture
def other(city):
    """A second unit of the same district."""
    return make_unit("青岛市第二中学", place=city.districts[0].division)


@pytest.fixture
def third(city):
    return make_unit("青岛市第三中学", place=city.districts[0].division)
