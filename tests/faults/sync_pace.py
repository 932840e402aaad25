"""What a worker or beat of test_sync_survives includes: waits fifty times as short, and a clock that a test moves.

The waits keep their proportions: a claim outlives a POST, and no wait is as long as NO_WAIT_IS_LONGER.
The clock: the file $FAULTS_CLOCK holds the seconds by which it goes wrong; a thread looks at it all the time, so
it steps in the middle of a task as a corrected clock does.
"""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from celery.signals import beat_init, worker_process_init

from checkin.sync import lines, network
from checkin.sync.models import Webhook
from huifeng.jobs import actions as jobs

network.CONNECT_SECONDS, network.READ_SECONDS, network.TOTAL_SECONDS = 0.2, 0.3, 0.5
lines.FIRST_WAIT, lines.LONGEST_WAIT = timedelta(seconds=0.8), timedelta(seconds=1.6)
Webhook.NO_WAIT_IS_LONGER = timedelta(seconds=3)
jobs.PATIENCE = timedelta(seconds=2)


def _follow(file: Path) -> None:
    travel: time_machine.travel | None = None
    known = 0.0
    while True:
        wrong_by = float(file.read_text() or 0)
        if wrong_by != known:
            if travel is not None:
                travel.stop()
            travel = time_machine.travel(datetime.now(UTC) + timedelta(seconds=wrong_by), tick=True)
            travel.start()
            known = wrong_by
        time.sleep(0.05)


@worker_process_init.connect
@beat_init.connect
def follow_the_clock(**_: Any) -> None:
    file = Path(os.environ["FAULTS_CLOCK"])
    threading.Thread(target=_follow, args=[file], daemon=True).start()
