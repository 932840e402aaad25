"""The example of docs/api.md does what it says, against a server."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from communities.notices.models import Notice
from members.people.models import Retiree
from tests.checkin.api.systems import System, number_notices, system_of
from tests.checkin.world import World, make_world

CLIENT = Path(__file__).resolve().parents[3] / "docs" / "examples" / "client.py"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def run(world: World, live_server: Any, tmp_path: Path) -> Any:
    """`run(…)` starts the client anew, with the state it kept; its last line of output and its state."""
    system: System = system_of(world.unit)

    def started(*arguments: str) -> tuple[str, Any]:
        done = subprocess.run(
            [sys.executable, str(CLIENT), str(tmp_path / "state.json"), *arguments],
            env={"HUIFENG_URL": live_server.url, "HUIFENG_TOKEN": system.words, "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip(), json.loads((tmp_path / "state.json").read_text())

    return started


def test_it_takes_every_change_over_once_and_signs_for_it(world: World, run: Any) -> None:
    world.confirmed()
    told = number_notices(world.unit)
    _, first = run()
    world.confirmed()
    later = number_notices(world.unit)

    _, second = run()

    assert first["after"] == len(told)
    assert [change["number"] for change in second["changes"]] == [row.number for row in later]
    needing = Notice.objects.filter(receiver=world.unit, receipt_due_on__isnull=False)
    assert set(needing.values_list("state", flat=True)) == {"acknowledged"}
    others = Notice.objects.filter(receiver=world.unit, receipt_due_on=None)
    assert set(others.values_list("state", flat=True)) == {"delivered"}


def test_it_pushes_a_change(world: World, run: Any) -> None:
    person = world.member()

    output, state = run(str(person.pk), "original_post=处长", "干部任免表")

    assert json.loads(output)["outcomes"] == {"original_post": "changed"}
    assert Retiree.objects.get(pk=person.pk).original_post == "处长"
    assert state["pushing"] is None
