"""Knowing a process again: by id and start time, so that a number used again is not mistaken for ours."""

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import psutil


class Mark(TypedDict):
    """What is written down about a process to find it again."""

    pid: int
    started: float


def mark(pid: int) -> Mark:
    return {"pid": pid, "started": psutil.Process(pid).create_time()}


def alive(known: Mark | None) -> bool:
    """Whether exactly this process still runs (a zombie does not)."""
    if not known:
        return False
    try:
        process = psutil.Process(known["pid"])
        same = abs(process.create_time() - known["started"]) < 1
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(known: Mark, with_signal: signal.Signals = signal.SIGTERM, seconds: float = 30) -> None:
    """Stop one process: politely, and for good after `seconds`. Nothing happens when it is gone."""
    if not alive(known):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(known["pid"], with_signal)
    until = time.monotonic() + seconds
    while alive(known):
        if time.monotonic() > until:
            with contextlib.suppress(ProcessLookupError):
                os.kill(known["pid"], signal.SIGKILL)
            until = time.monotonic() + 5
        _reap(known["pid"])
        time.sleep(0.02)
    _reap(known["pid"])


def _reap(pid: int) -> None:
    """Collect the process if it happens to be our child."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on `path`; waits for whoever has it. The kernel frees it when we die."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def read_json(path: Path) -> dict:
    """The object in `path`; empty when there is no such file or it was cut short by a crash."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def write_json(path: Path, content: dict, mode: int = 0o600) -> None:
    """Replace `path` at one stroke, readable by its owner only unless `mode` says otherwise."""
    partial = path.with_suffix(".partial")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
