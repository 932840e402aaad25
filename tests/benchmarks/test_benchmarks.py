"""Both benchmarks on a tiny city, as processes of their own: do they run, and say what they promise."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checkin.statistics import catalogue

ROOT = Path(__file__).resolve().parents[2]
LONG = pytest.mark.skipif(os.environ.get("TEST_ALL") != "1", reason="a city of its own each: TEST_ALL=1")
KEYS = ("seconds", "peer_seconds", "ratio_to_peer", "limit_seconds", "share_of_limit")


def benchmark(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HUIFENG_", "DJANGO_")) and not name.endswith("_URL")
    }
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def found(name: str, data: Path) -> dict[str, Any]:
    done = benchmark(
        name, "--size", "300", "--data", str(data), "--requests", "10", "--count", "10", "--json"
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["name"], result["size"]) == (name, 300)
    assert all(math.isfinite(result[key]) and result[key] > 0 for key in KEYS)
    return result


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a city that some benchmarks share: making it costs most."""
    return tmp_path_factory.mktemp("city")


@pytest.mark.faults
@pytest.mark.timeout(800)
def test_pages_export_and_confirm_on_a_tiny_city(city):
    pages = found("pages", city)
    assert len(pages["pages"]) >= 7
    assert pages["seconds"] == max(page["p95"] for page in pages["pages"].values())
    for page in [*pages["pages"].values(), *pages["peer_pages"].values()]:
        assert 0 < page["p50"] <= page["p95"]
        assert page["queries"] > 0

    export = found("export", city)
    assert 0 < export["rows"] <= 300
    assert export["columns"] == 20
    assert export["writing_ratio_to_peer"] > 1
    assert export["reading_seconds"] < export["peer_seconds"]

    confirm = found("confirm", city)
    for figure in confirm["confirm"].values():
        assert 0 < figure["p50"] <= figure["p95"]
        assert figure["queries"] > 0


@LONG
@pytest.mark.faults
@pytest.mark.timeout(300)
def test_import_on_a_tiny_register(tmp_path):
    done = benchmark("import", "--size", "300", "--register", "1000", "--data", str(tmp_path), "--json")

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["name"], result["size"], result["register"]) == ("import", 300, 1000)
    assert result["ratio_to_peer"] > 1


@LONG
@pytest.mark.faults
@pytest.mark.timeout(300)
def test_statistics_of_a_tiny_city(tmp_path):
    month = found("statistics", tmp_path)

    assert month["people"] > 300
    assert month["columns"] == len(catalogue.COUNTED)
    assert set(month["closing"]) > {"closing", "limit: copying its rows"}
    assert month["closing_times_plain_insert"] > 1
    assert len(month["screens"]) == 8


@LONG
@pytest.mark.faults
@pytest.mark.timeout(400)
def test_sync_of_a_few_notices(tmp_path):
    done = benchmark("sync", "--size", "500", "--data", str(tmp_path), "--backlog", "1000", "--json")

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["name"], result["size"]) == ("sync", 500)
    assert result["ratio_to_peer"] > 1
    assert all(rate > 0 for rate in result["backlogs_notices_a_second"].values())


@LONG
@pytest.mark.faults
@pytest.mark.timeout(300)
def test_feedback_on_a_tiny_city(city):
    feedback = found("feedback", city)

    assert 0 < feedback["reports"] <= feedback["lines"]
    assert feedback["xlsx_ratio_to_peer"] > 1


def test_what_is_not_there_is_refused_with_what_is():
    done = benchmark("nonsense")

    assert done.returncode == 2
    assert "pages" in done.stderr
    assert "confirm" in done.stderr
    assert "Traceback" not in done.stderr


def test_servers_of_somebody_else_are_refused():
    done = benchmark("pages", DATABASE_URL="postgresql://somebody@db.example/huifeng")

    assert done.returncode == 2
    assert "DATABASE_URL" in done.stderr
