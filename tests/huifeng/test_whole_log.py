"""A run in which any log holds a number fails, whichever process wrote it and whenever."""

import os
import subprocess
import sys
from pathlib import Path

from tests.members.factories import make_id_number, make_phone
from tests.whole_log import holds_number

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_US = ["-p", "no:django", "-p", "no:cacheprovider", "-o", "addopts=", "-o", "filterwarnings="]
LOGS_LATE = f"""
import logging, os, pathlib, pytest

@pytest.fixture(scope="session", autouse=True)
def afterwards():
    yield
    logging.getLogger("late").warning("call {make_phone(7)}")

def test_nothing(tmp_path):
    (tmp_path / "worker.log").write_text("row of {make_id_number(7)} failed")
    with (pathlib.Path(os.environ["HUIFENG_DATA"]) / "logs/postgres.log").open("a") as log:
        log.write("DETAIL: (phone)=({make_phone(8)})")
"""


def run(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """pytest in `folder`, with nothing of ours but the ear."""
    (folder / "data/logs").mkdir(parents=True)
    (folder / "data/logs/postgres.log").write_text(f"written before: {make_phone(9)}\n")
    env = os.environ | {"HUIFENG_DATA": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.whole_log",
        *WITHOUT_US,
        "--basetemp",
        str(folder / "tmp"),
    ]
    return subprocess.run([*command, *more, "."], cwd=folder, env=env, capture_output=True, text=True)


def test_a_number_that_is_planted_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(LOGS_LATE)
    ended = run(tmp_path, "-n", "1")
    told = [line.rpartition(": ")[2] for line in ended.stdout.splitlines() if "stands in the log" in line]
    for file in tmp_path.rglob("*.log"):
        file.unlink()  # this run judges what it leaves behind, too

    assert ended.returncode == 1, ended.stdout
    assert "1 passed" in ended.stdout
    assert [Path(where).name.split(":")[0] for where in told] == ["test_it.py", "postgres.log", "worker.log"]


def test_a_run_without_numbers_passes(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_nothing(): pass\n")
    ended = run(tmp_path)
    (tmp_path / "data/logs/postgres.log").unlink()

    assert ended.returncode == 0, ended.stdout


def test_digits_that_are_no_number_are_let_pass(tmp_path: Path) -> None:
    right, log = make_id_number(1), tmp_path / "some.log"
    wrong = right[:17] + ("0" if right[17] != "0" else "1")
    log.write_text(f"{wrong} id=2026112512345678901 a{make_phone(1)} 1764000000.139123\n")

    assert not holds_number(log)
