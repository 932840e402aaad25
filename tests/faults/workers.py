"""Real Celery workers and other processes on the clone and the Redis of this test, to be killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """For a process that shall see what this test sees."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.faults.worker_settings",
        "FAULTS_DATABASE": connection.settings_dict["NAME"],
        "FAULTS_QUEUE": settings.CELERY_BROKER_URL,
        "FAULTS_CACHE": settings.CACHES["default"]["LOCATION"],
        **more,
    }


class Worker:
    """A Celery worker with one child that works, in a process group of its own."""

    def __init__(self, folder: Path):
        command = [sys.executable, "-m", "celery", "-A", "huifeng", "worker", "--concurrency", "1"]
        command += ["--include", "tests.faults.kinds", "--without-gossip", "--without-mingle"]
        self.log = folder / "worker.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--without-heartbeat", "--loglevel", "INFO"],
                cwd=ROOT,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self) -> None:
        """SIGKILL to all of it at once, as when the machine loses power."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def kill_child(self) -> None:
        """SIGKILL to the child that works, as the kernel does when memory runs out."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            child.kill()


def until[T](ask: Callable[[], T], *, seconds: float = 30, told: Callable[[], str] = lambda: "") -> T:
    """What `ask` answers as soon as that is true."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"waited {seconds} s in vain\n{told()}"
        time.sleep(0.02)
    return answer
