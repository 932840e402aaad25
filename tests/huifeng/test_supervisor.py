"""Web, worker and beat as children of one command."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from huifeng.embedded import processes, supervisor

ROOT = Path(__file__).resolve().parents[2]
# two children that write their number and sleep, or the second of which dies
RUN = """
import sys
from pathlib import Path
from huifeng.embedded import supervisor
data, second = Path(sys.argv[1]), sys.argv[2]
sleep = "import time; time.sleep(600)"
with supervisor.only_one(data):
    code = supervisor.supervise(
        [supervisor.Process("one", [sys.executable, "-c", sleep]),
         supervisor.Process("two", [sys.executable, "-c", second])],
        data=data, on_ready=lambda: print("ready", flush=True))
sys.exit(code)
"""
SLEEP = "import time; time.sleep(600)"


def run(folder: Path, second: str = SLEEP) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder), second],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def children_of(folder: Path) -> list[processes.Mark]:
    return list(json.loads((folder / "run/children.json").read_text()).values())


def gone(children: list[processes.Mark], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while any(processes.alive(child) for child in children):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_stops_everything(tmp_path, number):
    boss = run(tmp_path)
    assert boss.stdout.readline() == "ready\n"
    children = children_of(tmp_path)

    boss.send_signal(number)

    assert boss.wait(30) == 0
    assert gone(children)
    assert not (tmp_path / "run/children.json").exists()


def test_a_dead_child_stops_everything_with_a_message(tmp_path):
    boss = run(tmp_path, "import sys, time; time.sleep(1); sys.exit('out of luck')")
    assert boss.stdout.readline() == "ready\n"
    children = children_of(tmp_path)

    _, words = boss.communicate(timeout=30)

    assert boss.returncode == 1
    assert "two 意外退出" in words
    assert "out of luck" in words
    assert gone(children)


def test_a_second_one_in_the_same_folder_is_refused(tmp_path):
    boss = run(tmp_path)
    boss.stdout.readline()

    _, words = (second := run(tmp_path)).communicate(timeout=30)

    assert second.returncode == 1
    assert "已有一个惠风家园在运行" in words
    boss.terminate()
    boss.wait(30)


def test_killed_it_takes_its_children_along(tmp_path):
    boss = run(tmp_path)
    boss.stdout.readline()
    children = children_of(tmp_path)

    boss.kill()

    assert gone(children)


def test_children_that_outlive_a_killed_supervisor_are_ended_by_the_next_start(tmp_path, monkeypatch):
    ready = tmp_path / "deaf"
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); open({str(ready)!r}, 'w'); {SLEEP}"
    boss = run(tmp_path, deaf)
    boss.stdout.readline()
    children = children_of(tmp_path)
    while not ready.exists():
        time.sleep(0.05)
    boss.kill()
    boss.wait()
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 1)

    with supervisor.only_one(tmp_path):
        assert gone(children, 1)


def test_a_taken_port_is_told_in_both_languages(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(SystemExit) as ended:
            supervisor.require_free_port(port)

    assert ended.value.code == 1
    words = capsys.readouterr().err
    assert f"端口 {port} 不能使用" in words
    assert f"Port {port} cannot be used" in words


def test_a_port_that_cannot_be_is_told_too(capsys):
    with pytest.raises(SystemExit):
        supervisor.require_free_port(70000)

    assert "70000" in capsys.readouterr().err
