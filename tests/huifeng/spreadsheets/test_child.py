"""The child that reads: it ends when it should, and whatever becomes of it, the parent only ever sees Refused."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from huifeng.spreadsheets import running
from huifeng.spreadsheets.reading import Refused, opened
from huifeng.spreadsheets.tablereader import limits
from huifeng.spreadsheets.tablereader.frames import HEAD
from tests.huifeng.spreadsheets.files import child_processes, read, xlsx

LARGE = b"\n".join(b"%d,%s" % (n, b"x" * 100) for n in range(100_000))  # ten times what the pipe holds


def test_leaving_early_ends_the_child() -> None:
    seen = []

    def leave() -> None:
        with opened(LARGE) as sheets:
            next(next(sheets).rows)
            seen.extend(child_processes())
            raise KeyError

    with pytest.raises(KeyError):
        leave()

    assert [child.is_running() for child in seen] == [False]
    assert child_processes() == []


def test_the_first_rows_come_while_the_child_still_works() -> None:
    with opened(LARGE) as sheets:
        assert next(next(sheets).rows) == (1, ["0", "x" * 100])
        (child,) = child_processes()
        assert child.status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("content", [b"a,b", LARGE, b"", b"%PDF-", xlsx(["x"])[:-9]])
def test_reading_leaves_no_process_and_no_open_file(content: bytes) -> None:
    before = os.listdir("/proc/self/fd")

    with suppress(Refused):
        read(content)

    assert child_processes() == []
    assert os.listdir("/proc/self/fd") == before


def test_the_content_has_no_name_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    with opened(LARGE) as sheets:
        next(sheets)
        assert list(tmp_path.iterdir()) == []


def test_the_child_gets_none_of_our_secrets() -> None:
    with opened(LARGE) as sheets:
        next(sheets)
        (child,) = child_processes()
        assert set(child.environ()) <= {"LANG", "LC_CTYPE", "MALLOC_ARENA_MAX"}


def test_the_child_loads_neither_django_nor_celery() -> None:
    command = [sys.executable, "-I", "-X", "importtime", str(running._CHILD)]
    done = subprocess.run(command, input=xlsx(["x"]), capture_output=True, check=True)

    loaded = done.stderr.decode()
    assert "python_calamine" in loaded
    assert not any(word in loaded for word in ("django", "celery", "huifeng"))


def refusal_when(trouble: signal.Signals, monkeypatch: pytest.MonkeyPatch, wait: float = 60) -> str:
    """Read the first row, send the child a signal, read on and wait so many seconds."""
    with opened(LARGE) as sheets:
        rows = next(sheets).rows
        next(rows)
        child_processes()[0].send_signal(trouble)
        monkeypatch.setattr(limits, "MAX_WAIT", wait)
        with pytest.raises(Refused) as refused:
            list(rows)
    assert child_processes() == []
    return refused.value.code


def test_a_child_killed_in_the_middle_is_a_damaged_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal_when(signal.SIGKILL, monkeypatch) == "damaged"


def test_a_child_that_hangs_is_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal_when(signal.SIGSTOP, monkeypatch, wait=0.5) == "too_slow"


def test_a_slow_consumer_is_not_held_against_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_WAIT", 3)

    with opened(LARGE) as sheets:
        rows = next(sheets).rows
        next(rows)
        time.sleep(3.5)
        assert len(list(rows)) == 99_999


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("pass", "damaged"),
        ("import os; os.abort()", "spread_out"),
        ("import sys; sys.stdout.buffer.write(b'x' * 1000)", "damaged"),
        (f"import sys; sys.stdout.buffer.write({HEAD.pack(limits.MAX_FRAME + 1)!r} + b'x')", "damaged"),
        (f"import sys; sys.stdout.buffer.write({HEAD.pack(9)!r} + b'x' * 9)", "damaged"),
        (f"import sys; sys.stdout.buffer.write({HEAD.pack(9)!r} + b'x')", "damaged"),
        (f"import sys, marshal; sys.stdout.buffer.write({HEAD.pack(5)!r} + marshal.dumps(5))", "damaged"),
        (
            "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass",
            "too_slow",
        ),
    ],
    ids=["silent", "aborts", "no frames", "too long", "no marshal", "cut off", "no message", "busy"],
)
def test_a_child_that_fails_is_a_refusal(
    script: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "child.py").write_text(script)
    monkeypatch.setattr(running, "_CHILD", tmp_path / "child.py")

    with pytest.raises(Refused) as refused:
        read(b"a,b")

    assert refused.value.code == code
    assert child_processes() == []
