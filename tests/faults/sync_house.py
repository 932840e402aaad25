"""PostgreSQL, Redis, two workers and two beats of their own, to be killed and restarted as a test likes.

PostgreSQL writes every COMMIT down, unlike in the other tests: an act that was answered must outlive an immediate
stop. It does not wait for the disk (`fsync`), which only matters when the machine itself loses power.
Their folder is kept beside the suite's engines, one for each process of xdist, so that migrating is paid for once.
"""

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings
from django.db import connections
from django.test import override_settings

from huifeng.celery import app
from huifeng.embedded import account, engines, processes
from huifeng.embedded.programs import find_programs
from tests import database
from tests.faults.workers import ROOT

WORKERS, BEATS = ("worker-1", "worker-2"), ("beat-1", "beat-2")
STOPS = {"postgres": [signal.SIGQUIT], "redis": [signal.SIGTERM, signal.SIGKILL]}  # SIGQUIT: immediate


class House:
    """`programs`: pids by name. All of it works on the database `name`, as the test process does."""

    def __init__(self, data: Path, folder: Path):
        self.data, self.folder, self.name = data, folder, f"test_{os.getpid()}"
        self.clock = folder / "clock"
        self.move_clock(0)
        self.engines = engines.use(data, durable=True)
        with engines._superuser(self.engines) as run:
            run("ALTER SYSTEM SET fsync = off")
            run("SELECT pg_reload_conf()")
        self.programs: dict[str, int] = {}

    def open(self) -> None:
        """Start workers and beats."""
        self.nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(self.folder / "nursery.log").open("ab"),
            text=True,
        )
        self.heal()

    def heal(self) -> None:
        """Start again whatever of workers and beats is not alive."""
        for name in (*WORKERS, *BEATS):
            if not self.is_alive(name):
                self.programs[name] = self._fork(name)

    def is_alive(self, name: str) -> bool:
        pid = self.programs.get(name)
        with contextlib.suppress(psutil.NoSuchProcess):
            return pid is not None and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        return False

    def kill(self, name: str) -> None:
        """SIGKILL to a program and its children at once, as when the machine loses power."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.programs[name], signal.SIGKILL)

    def kill_child(self, name: str, place: int) -> None:
        """SIGKILL to one child that works, as the kernel does when memory runs out."""
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self.programs[name]).children()
            if children:
                children[place % len(children)].kill()

    def restart(self, engine: str, stop: signal.Signals) -> None:
        """Stop an engine as `stop` does and start it again where it was. The answer may be late, not elsewhere."""
        file, user = self.data / "run/engines.json", account.engine_account()
        program = find_programs(self.data, user)[engine]
        keys, here = self.engines.secrets, self.engines
        with processes.locked(self.data / "run/start.lock"):
            state = processes.read_json(file)
            processes.end(state[engine], stop)
            if engine == "postgres":
                server = engines._start_postgres(
                    self.data, program, user, here.postgres_port, keys, durable=True
                )
            else:
                server = engines._start_redis(self.data, program, user, here.redis_port, keys)
            processes.write_json(file, state | {engine: processes.mark(server.pid)})
            ready = (
                engines._prepare_cluster
                if engine == "postgres"
                else lambda found: engines._redis(found).ping()
            )
            engines._wait(engine, server, ready, here)

    def flush_redis(self) -> None:
        engines._redis(self.engines).flushall()

    def move_clock(self, seconds: float) -> None:
        """Let the clock of workers and beats go wrong by this much."""
        partial = self.clock.with_suffix(".partial")
        partial.write_text(str(seconds))
        partial.replace(self.clock)

    def logs(self, most: int = 4000) -> str:
        """The ends of all logs, for a failing test to print."""
        files = sorted(self.folder.glob("*.log"))
        return "\n".join(f"--- {file.name}\n{file.read_text(errors='replace')[-most:]}" for file in files)

    def close(self) -> None:
        assert self.nursery.stdin is not None
        self.nursery.stdin.close()
        self.nursery.wait(30)

    def _fork(self, name: str) -> int:
        command = {
            "worker": [
                "worker",
                "-n",
                f"{name}@%h",
                "--without-gossip",
                "--without-mingle",
                "--without-heartbeat",
            ],
            "beat": ["beat", "--schedule", str(self.folder / name), "--pidfile="],
        }[name.split("-")[0]]
        command += ["-l", "INFO" if name in WORKERS else "ERROR"]
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        order: list[object] = [str(self.folder / f"{name}.log"), command]
        self.nursery.stdin.write(json.dumps(order) + "\n")
        self.nursery.stdin.flush()
        answer = self.nursery.stdout.readline()
        assert answer, self.logs()
        return int(answer)

    def _environment(self) -> dict[str, str]:
        keys = {
            "HUIFENG_FIELD_KEY": base64.b64encode(settings.FIELD_KEYS[0].secret).decode(),
            "HUIFENG_INDEX_KEY": base64.b64encode(settings.INDEX_KEYS[0].secret).decode(),
            "HUIFENG_SECRET_KEY": settings.SECRET_KEY,
        }
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.sync_settings",
            "DATABASE_URL": self.engines.database_url(name=self.name),
            "REDIS_URL": self.engines.redis_url,
            "HUIFENG_WEBHOOK_NETWORKS": "127.0.0.0/8",
            "HUIFENG_FILES": str(settings.FILES),
            "FAULTS_CLOCK": str(self.clock),
            **keys,
        }


@contextlib.contextmanager
def living_in(house: House) -> Iterator[None]:
    """Let this process work on the house's engines, on a fresh database."""
    before = [(known, dict(known)) for alias in connections for known in _settings_of(alias)]
    connections.close_all()
    for alias, role in (("default", engines.APP), ("owner", engines.OWNER)):
        for known in _settings_of(alias):
            known |= {
                "HOST": "127.0.0.1",
                "PORT": house.engines.postgres_port,
                "USER": role,
                "PASSWORD": house.engines.secrets[role],
            }
    broker = app.conf.broker_url
    try:
        database._clone(database._ready_template(anew=False), house.name)
        database._point_at(house.name)
        _use_queue(house.engines.redis_url)
        with override_settings(CELERY_BROKER_URL=house.engines.redis_url):
            yield
    finally:
        database._drop(house.name)
        _use_queue(broker)
        for known, values in before:
            known.clear()
            known.update(values)


def _settings_of(alias: str) -> list[dict[str, Any]]:
    return [connections[alias].settings_dict, connections.settings[alias]]


def _use_queue(url: str) -> None:
    app.conf.broker_url = app.conf.result_backend = url
    app._after_fork()  # forgets the connections to the queue before
