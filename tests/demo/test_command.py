"""The whole command in a process of its own: killed, run again, served, refused."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300


def start(data: Path, *more: str) -> subprocess.Popen[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("HUIFENG_", "DJANGO_"))
    }
    command = [sys.executable, "manage.py", "demo", "--data", str(data), "--members", "300", "--json", *more]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    output, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors
    return json.loads(output.splitlines()[-1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_killed_while_filling_then_filled_then_served(tmp_path):
    killed = start(tmp_path, "--no-serve")
    for line in killed.stderr:
        if "steps planned" in line:
            break
    killed.send_signal(signal.SIGKILL)
    killed.communicate()

    first = finish(start(tmp_path, "--no-serve"))
    second = finish(start(tmp_path, "--no-serve"))
    assert first["counts"]["retirees"] == 300
    assert (first["counts"], first["accounts"]) == (second["counts"], second["accounts"])

    port = free_port()
    serving = start(tmp_path, "--port", str(port))
    try:
        facts = json.loads(serving.stdout.readline())
        assert facts["url"] == f"http://127.0.0.1:{port}"
        with urllib.request.urlopen(f"{facts['url']}/login/") as page:  # noqa: S310 -- our own address
            assert facts["accounts"][0]["login"] in page.read().decode()
        with urllib.request.urlopen(f"{facts['url']}/demo/outbox/") as page:  # noqa: S310 -- our own address
            assert page.status == 200
        for words in facts["tokens"].values():
            ask = urllib.request.Request(  # noqa: S310
                f"{facts['url']}/api/v1/changes?limit=1", headers={"Authorization": f"Bearer {words}"}
            )
            with urllib.request.urlopen(ask) as answer:  # noqa: S310
                assert json.load(answer)["items"]
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.communicate(timeout=60)
    assert serving.returncode == 0


def test_a_taken_port_is_refused_before_anything_is_filled(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(tmp_path, "--port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert "filling" not in errors
    assert "端口" in errors


def test_help_is_given_before_anything_is_set_up(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HUIFENG_DATA": str(tmp_path / "data")}

    answer = subprocess.run(
        [ROOT / "bin/demo", "--help"], env=environment, capture_output=True, text=True, check=True
    )

    assert "--members 40000" in answer.stdout
    assert not (tmp_path / "data").exists()
