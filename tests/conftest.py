"""What every test gets: engines of its own, and an ear for numbers in its log."""

import pytest

pytest_plugins = ["tests.database", "tests.whole_log"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The matrix takes minutes in few tests: it begins first, so that no worker waits for it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/matrix/"))
