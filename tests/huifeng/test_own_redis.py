"""Test processes share a Redis server and never a database in it."""

from django.conf import settings
from django.core.cache import caches


def test_the_cache_in_use_is_the_one_of_this_process() -> None:
    assert caches["default"]._servers == [settings.CACHES["default"]["LOCATION"]]
    assert not settings.CACHES["default"]["LOCATION"].endswith(("/0", "/1"))
