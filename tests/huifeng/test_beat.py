"""Beat goes on when the clock is set back, also when it was restarted meanwhile."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from celery.beat import ScheduleEntry

from huifeng.beat import Scheduler
from huifeng.celery import app

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


class Recorded(Scheduler):
    """A scheduler that writes down what it would send."""

    def __init__(self, folder: Path):
        self.sent: list[str] = []
        super().__init__(app=app, schedule_filename=str(folder / "beat"))

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        self.sent.append(entry.name)

    def sent_within(self, seconds: int, start: datetime) -> set[str]:
        self.sent.clear()
        with time_machine.travel(start, tick=False) as clock:
            for _ in range(seconds):
                while self.tick() == 0:
                    pass
                clock.shift(timedelta(seconds=1))
        return set(self.sent)


@pytest.fixture
def beat(tmp_path: Path) -> Recorded:
    with time_machine.travel(NOON, tick=False):
        return Recorded(tmp_path)


def test_it_goes_on_after_the_clock_was_set_back(beat: Recorded) -> None:
    assert {"notices", "webhooks"} <= beat.sent_within(15, NOON + timedelta(hours=3))

    assert {"notices", "webhooks", "jobs", "texts"} <= beat.sent_within(35, NOON)


def test_it_goes_on_after_a_restart_with_the_clock_set_back(beat: Recorded, tmp_path: Path) -> None:
    beat.sent_within(15, NOON + timedelta(hours=3))
    beat.close()

    with time_machine.travel(NOON, tick=False):
        again = Recorded(tmp_path)

    assert {"notices", "webhooks", "jobs", "texts"} <= again.sent_within(35, NOON)


def test_a_steady_clock_sends_each_at_its_time(beat: Recorded) -> None:
    beat.sent_within(61, NOON)

    assert beat.sent.count("notices") == 6
    assert beat.sent.count("texts") == 2
    assert "unsigned" not in beat.sent
