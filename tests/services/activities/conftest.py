import pytest

from tests.services.activities.afternoon import Afternoon, make_afternoon


@pytest.fixture
def here(db: None) -> Afternoon:
    return make_afternoon()
