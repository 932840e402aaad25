"""Fixtures every test may ask for."""

import logging
import re
from collections.abc import Iterator

import pytest

pytest_plugins = ["tests.database"]

NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")


class Listener(logging.Handler):
    """Hears every line before anything is blotted out of it: blotting is the second lock, not the first."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if NUMBER.search(f"{record.getMessage()} {error or ''}"):
            self.heard.append(f"{record.name} {record.pathname}:{record.lineno}")


@pytest.fixture(autouse=True)
def no_number_in_the_logs() -> Iterator[list[str]]:
    """No test makes the program log what looks like an ID number or a mobile phone.

    A test of an error that holds one clears the list.
    """
    listener = Listener()
    logging.getLogger().addHandler(listener)
    yield listener.heard
    logging.getLogger().removeHandler(listener)
    assert listener.heard == []
