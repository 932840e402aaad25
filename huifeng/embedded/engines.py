"""Find, start, share and stop the PostgreSQL and Redis of one data folder.

    use(folder)         start what is not running, count as a user until the process ends, give addresses
    running(folder)     the same for the length of a `with` block

How long they live: every process that uses the engines holds a shared lock on `run/users.lock`. Who leaves
last stops them. The kernel frees the lock of a killed process, so the count is never wrong; after a `kill -9`
of the last user the engines stay up, and the next command takes them over. Starting and stopping happen under
`run/start.lock`, so two commands at once do not fight.

    DATA/secrets.json  keys and passwords, made once (0600)     DATA/run/    locks, what runs where
    DATA/postgres/     the cluster                               DATA/logs/   one file a process
    DATA/redis/        its snapshot
"""

import atexit
import base64
import contextlib
import fcntl
import functools
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import psutil

from huifeng.embedded import account, processes
from huifeng.embedded.programs import EngineError, find_programs

OWNER, APP, DATABASE = "huifeng_owner", "huifeng_app", "huifeng"
# LIKE tells nothing of a row but its answer. PostgreSQL does not know that, and would use no index for a name or a
# place on a table under row-level security (docs/decisions/0010)
LEAKPROOF_LIKE = "ALTER FUNCTION pg_catalog.textlike(text, text) LEAKPROOF"
SUPERUSER = "postgres"
START_SECONDS = 300  # recovery after a crash may have a lot of log to read
REDIS_DATABASES = 256  # two for each test process


@dataclass(frozen=True)
class Engines:
    """Where the running engines of a data folder are, and the secrets that belong to it."""

    data: Path
    postgres_port: int
    redis_port: int
    secrets: dict[str, str]

    def database_url(self, role: str = APP, name: str = DATABASE) -> str:
        return f"postgresql://{role}:{self.secrets[role]}@127.0.0.1:{self.postgres_port}/{name}"

    @property
    def owner_database_url(self) -> str:
        return self.database_url(OWNER)

    @property
    def redis_url(self) -> str:
        return f"redis://:{self.secrets['redis']}@127.0.0.1:{self.redis_port}/0"


_in_use: dict[Path, tuple[Engines, TextIO, dict]] = {}


def use(folder: str | Path, *, durable: bool = True) -> Engines:
    """Addresses of the engines of `folder`, started if need be; safe to repeat.

    This process counts as a user until it ends. `durable=False` is for tests: faster, but a crash of the
    machine may lose data. Raises EngineError.
    """
    data = Path(folder).expanduser().resolve()
    if data not in _in_use:
        for name in ("run", "logs"):
            (data / name).mkdir(parents=True, exist_ok=True)
        with processes.locked(data / "run/start.lock"):
            held = (data / "run/users.lock").open("a")
            fcntl.flock(held, fcntl.LOCK_SH)
            found = _start_missing(data, durable)
            _in_use[data] = (found, held, processes.read_json(data / "run/engines.json"))
        atexit.register(_leave_at_exit, data, os.getpid())
    return _in_use[data][0]


def leave(folder: str | Path) -> None:
    """Stop counting as a user of these engines; the last one to leave stops them."""
    data = Path(folder).expanduser().resolve()
    entry = _in_use.pop(data, None)
    if entry is None:
        return
    if not (data / "run").is_dir():  # somebody deleted the whole folder under the engines
        _end(entry[2])
        return
    with processes.locked(data / "run/start.lock"):
        entry[1].close()
        with (data / "run/users.lock").open("a") as others:
            try:
                fcntl.flock(others, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            stop(data)


@contextlib.contextmanager
def running(folder: str | Path, *, durable: bool = True) -> Iterator[Engines]:
    """The engines of `folder` for the length of a `with` block."""
    try:
        yield use(folder, durable=durable)
    finally:
        leave(folder)


def stop(data: Path) -> None:
    """Stop both engines now, whoever uses them. Hold the start lock, or know that nobody is there."""
    _end(processes.read_json(data / "run/engines.json"))


def _end(state: dict) -> None:
    for name, with_signal in (("redis", signal.SIGTERM), ("postgres", signal.SIGINT)):
        if known := state.get(name):
            processes.end(known, with_signal)


def recreate_database(folder: str | Path) -> None:
    """Throw away the database and everything in Redis; the keys of the folder stay. Ends open connections."""
    engines = use(folder)
    with _superuser(engines) as run:
        run(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        run(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    _redis(engines).flushall()


def _leave_at_exit(data: Path, pid: int) -> None:
    if os.getpid() == pid:  # not in a forked child, which shares the lock but not the duty
        leave(data)


# Starting ---------------------------------------------------------------------------------------------------


def _start_missing(data: Path, durable: bool) -> Engines:
    state_file = data / "run/engines.json"
    state = processes.read_json(state_file)
    keys = _secrets(data)
    if not (processes.alive(state.get("postgres")) and processes.alive(state.get("redis"))):
        user = account.engine_account()
        account.open_the_way(data / "run", user)
        programs = find_programs(data, user)
        waits: list[Callable[[Engines], None]] = []
        if not processes.alive(state.get("postgres")):
            state["postgres_port"] = _free_port(state.get("postgres_port"))
            server = _start_postgres(data, programs["postgres"], user, state["postgres_port"], keys, durable)
            state["postgres"] = processes.mark(server.pid)
            waits.append(functools.partial(_wait, "postgres", server, _prepare_cluster))
        if not processes.alive(state.get("redis")):
            state["redis_port"] = _free_port(state.get("redis_port"))
            server = _start_redis(data, programs["redis"], user, state["redis_port"], keys)
            state["redis"] = processes.mark(server.pid)
            waits.append(functools.partial(_wait, "redis", server, lambda engines: _redis(engines).ping()))
        processes.write_json(state_file, state)
        engines = Engines(data, state["postgres_port"], state["redis_port"], keys)
        try:
            for wait in waits:
                wait(engines)
        except BaseException:
            stop(data)
            raise
    return Engines(data, state["postgres_port"], state["redis_port"], keys)


def _start_postgres(
    data: Path, programs: Path, user: account.Account, port: int, keys: dict[str, str], durable: bool
) -> subprocess.Popen[bytes]:
    cluster = data / "postgres"
    if not cluster.exists():
        _initdb(cluster, programs, user, keys)
    account.hand_over(cluster, user)
    _clear_leftover(cluster / "postmaster.pid", signal.SIGINT)
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "max_connections": 200,
        "shared_buffers": "256MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "256MB",
        "max_wal_size": "4GB",
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "Asia/Shanghai",
        "log_min_duration_statement": "2s",
    }
    shared = Path("/dev/shm")  # noqa: S108  # 64 MB in a container: too small for a parallel join
    if not shared.exists() or shutil.disk_usage(shared).total < 2**30:
        settings["dynamic_shared_memory_type"] = "mmap"
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    command = [str(programs / "postgres"), "-D", str(cluster)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    return _popen(command, data / "logs/postgres.log", cluster, user)


def _initdb(cluster: Path, programs: Path, user: account.Account, keys: dict[str, str]) -> None:
    """A new cluster, put in place when complete: an initdb that was killed leaves nothing behind.

    C.UTF-8, so that pg_trgm takes Chinese characters for letters, on every machine alike.
    """
    partial = cluster.with_name("postgres.partial")
    shutil.rmtree(partial, ignore_errors=True)
    account.hand_over(partial, user)
    password = cluster.parent / "run/password"
    password.write_text(keys[SUPERUSER])
    password.chmod(0o600)
    if user is not None:
        os.chown(password, user.pw_uid, user.pw_gid)
    try:
        done = subprocess.run(
            [
                *(programs / "initdb", "-D", partial, "-U", SUPERUSER, f"--pwfile={password}"),
                *("--auth=scram-sha-256", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **account.as_account(user),
        )
    finally:
        password.unlink()
    if done.returncode:
        raise EngineError(f"initdb could not create the database cluster in {partial}:\n{done.stderr}")
    partial.rename(cluster)


def _start_redis(
    data: Path, program: Path, user: account.Account, port: int, keys: dict[str, str]
) -> subprocess.Popen[bytes]:
    folder = data / "redis"
    folder.mkdir(exist_ok=True)
    _clear_leftover(folder / "redis.pid", signal.SIGTERM)
    (folder / "redis.conf").write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {keys['redis']}\ndir {_quoted(folder)}\n"
        f"pidfile {_quoted(folder / 'redis.pid')}\ndatabases {REDIS_DATABASES}\n"
        "save 300 1\nappendonly no\ndaemonize no\nstop-writes-on-bgsave-error no\n"
    )
    account.hand_over(folder, user)
    return _popen([str(program), str(folder / "redis.conf")], data / "logs/redis.log", folder, user)


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _popen(command: list[str], log: Path, folder: Path, user: account.Account) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so that Ctrl-C in our terminal does not reach it."""
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
            umask=0o077,
            **account.as_account(user),
        )


def _wait(
    name: str, server: subprocess.Popen[bytes], ready: Callable[["Engines"], object], engines: Engines
) -> None:
    """Wait until `ready(engines)` does not raise a connection error any more."""
    import psycopg
    import redis

    until = time.monotonic() + START_SECONDS
    while True:
        try:
            ready(engines)
            return
        except (psycopg.OperationalError, redis.ConnectionError) as error:
            if server.poll() is not None or time.monotonic() > until:
                log = engines.data / f"logs/{name}.log"
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
                raise EngineError(f"{name} did not start ({error}). The end of {log}:\n{tail}") from None
            time.sleep(0.03)


def _prepare_cluster(engines: Engines) -> None:
    """Bring roles and database to what they should be; safe to repeat."""
    with _superuser(engines) as run:
        for role, rights in ((OWNER, "CREATEDB"), (APP, "NOCREATEDB")):
            if not run("SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                run("SET scram_iterations = 16")  # the password is random: stretching it only costs time
                run(f"CREATE ROLE {role} LOGIN PASSWORD '{engines.secrets[role]}'")
            run(f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION {rights}")
        run(f"GRANT pg_signal_backend TO {OWNER}")  # to drop a test database somebody is still connected to
    with _superuser(engines, "template1") as run:
        run(LEAKPROOF_LIKE)
    with _superuser(engines) as run:
        if not run("SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            run(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
    with _superuser(engines, DATABASE) as run:  # also one that was made before this
        run(LEAKPROOF_LIKE)


@contextlib.contextmanager
def _superuser(engines: Engines, database: str = "postgres") -> Iterator[Callable[..., list[tuple]]]:
    import psycopg

    url = engines.database_url(SUPERUSER, database)
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:

        def run(statement: str, *values: object) -> list[tuple]:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

        yield run


def _redis(engines: Engines):
    import redis

    return redis.Redis.from_url(engines.redis_url, socket_connect_timeout=5)


def _clear_leftover(pid_file: Path, with_signal: signal.Signals) -> None:
    """Get rid of a server of ours that we lost track of, and of a pid file that speaks of nobody.

    Both servers work in the folder their pid file lies in; a stranger who got the number does not.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
        if Path(psutil.Process(pid).cwd()) == pid_file.parent:
            processes.end(processes.mark(pid), with_signal)
    except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess, psutil.AccessDenied):
        pass
    pid_file.unlink(missing_ok=True)


def _free_port(wanted: int | None) -> int:
    """The port used last time if it is still free, else any free one."""
    for port in (wanted or 0, 0):
        with contextlib.closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise EngineError("no free port on 127.0.0.1")


# What the folder holds --------------------------------------------------------------------------------------


def _secrets(data: Path) -> dict[str, str]:
    """Keys and passwords of this folder, made once. Losing the file loses every encrypted field."""
    path = data / "secrets.json"
    known = processes.read_json(path)
    if not known:
        if (data / "postgres/PG_VERSION").exists():
            raise EngineError(f"{path} is missing or damaged, and without it the database cannot be opened.")
        known = {name: secrets.token_urlsafe(32) for name in (SUPERUSER, OWNER, APP, "redis", "secret_key")}
        known |= {
            name: base64.b64encode(secrets.token_bytes(32)).decode() for name in ("field_key", "index_key")
        }
        processes.write_json(path, known)
    return known
