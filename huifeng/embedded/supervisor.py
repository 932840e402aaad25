"""Runs web, worker and beat as children of one command, with the engines of the data folder under them.

    with supervisor.only_one(data):                   a second start in the same folder is told so
        supervisor.require_free_port(port)            before any long set-up
        …set up…
        supervisor.supervise([web(port), worker(), jobs_worker(), beat(data)], data=data)

A child that dies stops everything with a message: nothing is restarted silently. Children get SIGTERM from
the kernel when we are killed; what survives even that is found by its process group, and ended by the
next start.
"""

import contextlib
import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from huifeng.embedded import processes

STOP_SECONDS = 20  # for a polite end; then SIGKILL
READY_SECONDS = 120
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Process:
    """One child: its name names the log file."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def web(port: int, *, host: str = "127.0.0.1", workers: int = 2, threads: int = 4) -> Process:
    """The web server. Each of its workers keeps one pool of database connections."""
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    command += ["--workers", str(workers), "--blocking-threads", str(threads), "--no-ws"]
    command += ["--workers-kill-timeout", "10", "huifeng.wsgi:application"]
    return Process("web", command, {"HUIFENG_DATABASE_POOL": str(threads)})


def worker() -> Process:
    """The Celery worker for what is short: texts, notices, what beat starts. Settings bound its concurrency."""
    return _worker("worker", "celery")


def jobs_worker() -> Process:
    """The Celery worker for long work (huifeng.jobs), one job at a time."""
    return _worker("jobs", "jobs", "--concurrency", "1")


def _worker(name: str, queue: str, *options: str) -> Process:
    command = [sys.executable, "-m", "celery", "-A", "huifeng", "worker", "--loglevel", "INFO", "-Q", queue]
    return Process(
        name, [*command, "--hostname", f"{name}@%h", "--without-gossip", "--without-mingle", *options]
    )


def beat(data: Path) -> Process:
    """The clock: starts what CELERY_BEAT_SCHEDULE says."""
    schedule = Path(data) / "run/beat"
    command = [sys.executable, "-m", "celery", "-A", "huifeng", "beat", "--loglevel", "INFO"]
    return Process("beat", [*command, "--schedule", str(schedule), "--pidfile", ""])


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder for one supervisor, and end what a killed one left. Exits with 1 when taken."""
    (Path(data) / "run").mkdir(parents=True, exist_ok=True)
    with (Path(data) / "run/supervisor.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _refuse(
                f"数据目录 {data} 已有一个惠风家园在运行。",
                f"The data folder {data} is already being served.",
            )
        _end_leftovers(Path(data))
        parent = psutil.Process().parent()
        if parent is not None and parent.name() == "uv":  # `uv run` is only a shell: its end is ours
            _die_with_parent()
        yield


def require_free_port(port: int, host: str = "127.0.0.1") -> None:
    """Exit with 1 and say what to do when somebody listens on `port` already."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            _refuse(
                f"端口 {port} 不能使用({reason})。请关闭占用它的程序,或换一个端口:--port {port % 60000 + 1}",
                f"Port {port} cannot be used ({reason}). Free it, or choose another with --port.",
            )


def supervise(
    children: Sequence[Process],
    *,
    data: Path,
    ready_url: str = "",
    on_ready: Callable[[], None] = lambda: None,
) -> int:
    """Run `children` until SIGINT, SIGTERM or the end of one of them; 0 when asked to stop, else 1.

    `on_ready` is called once, as soon as `ready_url` answers 200 (at once without an address). Call from the
    main thread, inside `only_one`.
    """
    data = Path(data)
    asked: list[int] = []
    kept = {number: signal.signal(number, lambda got, frame: asked.append(got)) for number in _STOPPING}
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for child in children:
            started[child.name] = _start(child, data)
            _note(data, started)
        is_ready = False
        until = time.monotonic() + READY_SECONDS
        while not asked:
            dead = [name for name, process in started.items() if process.poll() is not None]
            if dead:
                _tell_death(dead[0], started[dead[0]].returncode, data)
                return 1
            if not is_ready and (not ready_url or _answers(ready_url)):
                is_ready = True
                on_ready()
            elif not is_ready and time.monotonic() > until:
                _say(
                    f"{READY_SECONDS} 秒内未就绪,日志在 {data / 'logs'}。", f"Not ready; see {data / 'logs'}."
                )
                return 1
            time.sleep(0.2)
        return 0
    finally:
        _stop_all(list(started.values()))
        (data / "run/children.json").unlink(missing_ok=True)
        for number, handler in kept.items():
            signal.signal(number, handler)


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _start(child: Process, data: Path) -> subprocess.Popen[bytes]:
    """Start one child in a group of its own; Ctrl-C reaches it through us, in order."""
    (data / "logs").mkdir(parents=True, exist_ok=True)
    with (data / f"logs/{child.name}.log").open("ab") as log:
        return subprocess.Popen(
            child.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "huifeng.settings"} | child.environment,
            cwd=Path(__file__).resolve().parents[2],
            preexec_fn=_die_with_parent,  # we are single-threaded here
        )


def _die_with_parent() -> None:
    """Ask Linux to send us SIGTERM when our parent dies; elsewhere the next start cleans up."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own address
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _note(data: Path, started: dict[str, subprocess.Popen[bytes]]) -> None:
    """Write down who runs, for the start after a kill."""
    marks = {}
    for name, process in started.items():
        with contextlib.suppress(psutil.NoSuchProcess):
            marks[name] = processes.mark(process.pid)
    processes.write_json(data / "run/children.json", marks)


def _end_leftovers(data: Path) -> None:
    """End the process groups a killed supervisor left. A group's number stays taken while it has members."""
    path = data / "run/children.json"
    for mark in processes.read_json(path).values():
        members = _members(mark["pid"])
        if any(member["pid"] == mark["pid"] for member in members) and not processes.alive(mark):
            continue  # the number belongs to a stranger now
        for member in members:
            processes.end(member, seconds=STOP_SECONDS)
    path.unlink(missing_ok=True)


def _members(group: int) -> list[processes.Mark]:
    """The living processes of a group."""
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getpgid(pid) == group and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(processes.mark(pid))
    return found


def _stop_all(started: list[subprocess.Popen[bytes]]) -> None:
    """SIGTERM to all at once, then SIGKILL to the groups that do not listen."""
    for process in started:
        process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in started:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.1, until - time.monotonic()))
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _tell_death(name: str, code: int, data: Path) -> None:
    log = data / f"logs/{name}.log"
    _say(
        f"{name} 意外退出(代码 {code}),已全部停止。日志:{log}",
        f"{name} ended with {code}; all stopped. Log: {log}",
    )
    for line in log.read_text(errors="replace").splitlines()[-15:]:
        print("  " + line, file=sys.stderr)


def _refuse(chinese: str, english: str) -> None:
    _say(chinese, english)
    raise SystemExit(1)


def _say(chinese: str, english: str) -> None:
    print(f"{chinese}\n{english}", file=sys.stderr, flush=True)
