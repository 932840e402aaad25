import ipaddress
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from checkin.sync import actions
from checkin.sync.models import Webhook
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from tests.checkin.sync.receiver import Receiver, receiving
from tests.communities.factories import make_city, make_staff, make_unit


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A receiver on this machine, which is let in as an intranet would be."""
    settings.WEBHOOK_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with receiving() as found:
        yield found


@pytest.fixture
def unit(db: None) -> Organisation:
    make_city()
    return make_unit()


@pytest.fixture
def lead(unit: Organisation) -> User:
    return make_staff(unit, Assignment.Role.LEAD)


@pytest.fixture
def webhook(unit: Organisation, lead: User, receiver: Receiver) -> Webhook:
    return actions.add_webhook(unit.pk, receiver.url, by=lead)
