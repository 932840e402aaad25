import ipaddress
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tests.checkin.sync.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A receiver on this machine, which is let in as an intranet would be."""
    settings.WEBHOOK_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    with receiving() as found:
        yield found
