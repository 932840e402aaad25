"""Workers that are killed while they do a job: its effect is there once, or the job says that it failed."""

import os
import random
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.db import connections

from huifeng.accounts.models import User
from huifeng.celery import app
from huifeng.jobs import actions, running
from huifeng.jobs.models import Job, StoredFile
from tests.faults import kinds
from tests.faults.workers import ROOT, Worker, environment, until
from tests.huifeng.job_kinds import clerk

__all__ = ["clerk"]

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

State = Job.State


@pytest.fixture
def new_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[[], Worker]]:
    """Start workers; what still lives after the test is killed before its database goes."""
    with app.connection_for_write() as queue:
        queue.default_channel.client.flushdb()
    started: list[Worker] = []

    def start() -> Worker:
        started.append(Worker(tmp_path))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()


def asked(by: User, *, rows: int = 20, pause: float = 0.05) -> Job:
    return actions.start(kinds.NAME, title="导出名册", by=by, args={"rows": rows, "pause": pause})


def fresh(job: Job) -> Job:
    job.refresh_from_db()
    return job


def begun(job: Job, attempt: int) -> bool:
    job.refresh_from_db()
    return job.state == State.RUNNING and job.attempts >= attempt


def let_go(job: Job) -> bool:
    """The database has noticed that nobody holds the job."""
    return not running.held_among([job.pk])


def test_a_killed_worker_s_job_is_finished_by_another_exactly_once(
    new_worker: Callable[[], Worker], clerk: User
) -> None:
    job, moment = asked(clerk), random.uniform(0, 1.1)
    first = new_worker()
    until(lambda: begun(job, 1), told=first.log.read_text)
    time.sleep(moment)
    first.kill()
    until(lambda: let_go(job))
    second = new_worker()

    actions.take_up()
    until(lambda: fresh(job).state == State.DONE, told=second.log.read_text)

    assert kinds.effects_of(job) == 20, f"killed after {moment} s"
    assert StoredFile.objects.count() == 1
    assert actions.fetch_file(job.pk, by=clerk)[1] == b"row\n" * 20


def test_a_job_that_is_killed_three_times_fails_and_says_so(
    new_worker: Callable[[], Worker], clerk: User
) -> None:
    job = asked(clerk, rows=400)
    worker = new_worker()
    for attempt in (1, 2, 3):
        until(lambda n=attempt: begun(job, n), told=worker.log.read_text)
        time.sleep(random.uniform(0, 0.3))
        worker.kill_child()
        until(lambda: let_go(job) or fresh(job).attempts > attempt)  # noqa: B023 -- asked before the next turn
        actions.take_up()

    until(lambda: (actions.take_up(), fresh(job).state == State.FAILED)[1], told=worker.log.read_text)

    assert "中断了 3 次" in job.error
    assert (kinds.effects_of(job), StoredFile.objects.count()) == (0, 0)


def test_killed_before_any_line_it_is_done_exactly_once_in_the_end(clerk: User) -> None:
    """Each turn a process of its own does the job and is killed one line later than in the turn before."""
    line, survived = 0, False
    while not survived:
        line += 1
        job = asked(clerk, rows=2, pause=0)
        survived = in_a_process_killed_at(line, job)
        until(lambda: let_go(job))  # noqa: B023 -- asked before the next turn
        actions.take_up()
        running.run(job.pk)
        job.refresh_from_db()
        assert (job.state, kinds.effects_of(job)) == (State.DONE, 2), f"killed at line {line}"
        assert actions.fetch_file(job.pk, by=clerk)[1] == b"row\n" * 2

    assert line > 60
    assert StoredFile.objects.count() == line


def in_a_process_killed_at(line: int, job: Job) -> bool:
    """Do `job` in a fork that kills itself before the given line of ours; whether it came to the end instead."""
    connections.close_all()  # a session is not shared with a fork
    child = os.fork()
    if child == 0:
        try:
            sys.settrace(Executioner(line))
            running.run(job.pk)
            sys.settrace(None)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFEXITED(status)


class Executioner:
    """A tracer that counts lines of the room and of the work, and kills the process at one of them."""

    FILES = tuple(str(ROOT / name) for name in ("huifeng/jobs/", "tests/faults/kinds.py"))

    def __init__(self, line: int):
        self.left = line

    def __call__(self, frame: FrameType, event: str, _: Any) -> "Executioner | None":
        if not frame.f_code.co_filename.startswith(self.FILES):
            return None
        if event == "line":
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), 9)
        return self


WITHOUT_REDIS = """
import time, django
django.setup()
from huifeng.accounts.models import User
from huifeng.jobs import actions
from tests.faults import kinds
began = time.monotonic()
job = actions.start(kinds.NAME, title="导出", by=User.objects.get(username="clerk"), args={"rows": 1, "pause": 0})
assert actions.take_up() == 0
print(job.pk, time.monotonic() - began)
"""


def test_with_redis_away_a_job_is_asked_for_all_the_same_and_started_later(clerk: User) -> None:
    dead = "redis://127.0.0.1:1/0"

    asking = subprocess.run(
        [sys.executable, "-c", WITHOUT_REDIS],
        cwd=ROOT,
        env=environment(FAULTS_QUEUE=dead, FAULTS_CACHE=dead),
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert asking.returncode == 0, asking.stderr
    job, seconds = Job.objects.get(), float(asking.stdout.split()[1])
    assert (job.state, job.pk) == (State.QUEUED, int(asking.stdout.split()[0]))
    assert seconds < 10
    Job.objects.update(handed_over_at=job.handed_over_at - 2 * actions.PATIENCE)
    assert actions.take_up() == 1
    assert running.run(job.pk) is not None
