"""No log of a whole run holds an ID number or a mobile phone: no line of a process, no log of engines and workers.

Each test answers for what was logged until its end. What comes after the last one, what PostgreSQL and Redis wrote
meanwhile, and the *.log files that tests left behind are judged when the run is over, which then fails.
"""

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from members.people import id_numbers

NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|1[3-9]\d{9})(?![0-9A-Za-z])")
_IN_BYTES = re.compile(NUMBER.pattern.encode())


class Listener(logging.Handler):
    """Hears every line before anything is blotted out of it: blotting is the second lock, not the first."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if NUMBER.search(f"{record.getMessage()} {error or ''}"):
            self.heard.append(f"{record.name} {record.pathname}:{record.lineno}")


LISTENER = Listener()
_sizes: dict[Path, int] = {}  # of the engines' logs when the run began
_found: list[str] = []  # of the whole run, in the process that began it


def _listen() -> None:
    if LISTENER not in logging.getLogger().handlers:  # a test may have set up logging anew
        logging.getLogger().addHandler(LISTENER)


@pytest.fixture(autouse=True)
def no_number_in_the_logs() -> Iterator[list[str]]:
    """No test makes the program log what looks like an ID number or a mobile phone.

    A test of an error that holds one clears the list.
    """
    _listen()
    yield LISTENER.heard
    heard = list(LISTENER.heard)
    LISTENER.heard.clear()
    assert heard == []


def pytest_sessionstart(session: pytest.Session) -> None:
    _listen()
    _sizes.update({file: file.stat().st_size for file in _engine_logs()})


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """A process of pytest-xdist has ended and says what it heard."""
    _found.extend(getattr(node, "workeroutput", {}).get("numbers_in_logs", ()))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["numbers_in_logs"] = LISTENER.heard
        return
    _found.extend(LISTENER.heard)
    _found.extend(f"{file}" for file in _engine_logs() if holds_number(file, _sizes.get(file, 0)))
    factory = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None and factory._basetemp is not None:
        _found.extend(f"{file}" for file in sorted(factory._basetemp.rglob("*.log")) if holds_number(file))
    if _found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for where in dict.fromkeys(_found):
        terminalreporter.write_line(f"FAILED: an ID number or a phone stands in the log: {where}", red=True)


def holds_number(file: Path, since: int = 0) -> bool:
    """Whether a log holds a mobile phone or an ID number with its right last place, from byte `since` on."""
    if not file.is_file():
        return False
    with file.open("rb") as log:
        log.seek(since if since <= file.stat().st_size else 0)
        return any(_is_number(found) for line in log for found in _IN_BYTES.findall(line))


def _is_number(found: bytes) -> bool:
    text = found.decode().upper()
    return len(text) == 11 or id_numbers.check_character(text[:17]) == text[17]


def _engine_logs() -> list[Path]:
    folder = Path(os.environ.get("HUIFENG_DATA", ".test-data")) / "logs"
    return sorted(folder.glob("*.log"))
