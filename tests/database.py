"""Real engines for tests.

The owner migrates once into a template database, kept until a migration changes; each test process gets a
clone of it and works on it as `huifeng_app`, as in production. A transactional test is followed by a fresh
clone, so every test, of either kind, starts with what the migrations put there. Each process has Redis
databases of its own.
"""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase

from huifeng.embedded import roles
from huifeng.rowscope import policies, scope

scope.run_as_program("a test's own code")  # a request of a test is its user's, as in the running web
TEMPLATES_KEPT = 3
_LOCKS = Path(tempfile.gettempdir()) / f"huifeng-tests-{os.getuid()}"
_held: list[Any] = []  # the lock on our Redis databases, kept until the process ends


@pytest.fixture(scope="session")
def django_db_setup(request, django_test_environment, django_db_blocker) -> Iterator[None]:
    """Takes the place of pytest-django's: a clone of the template instead of a migration for each process."""
    with django_db_blocker.unblock():
        with _locked("template"):
            template = _ready_template(anew=request.config.getoption("create_db"))
            _drop_abandoned()
        name = f"test_{os.getpid()}"
        _clone(template, name)
        _point_at(name)
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda self: _clone(template, name)  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = flush  # type: ignore[method-assign]
    with django_db_blocker.unblock():
        _drop(name)


@pytest.fixture(scope="session", autouse=True)
def own_redis() -> None:
    """Two Redis databases nobody else has, empty: one for the queue, one for the cache."""
    number = _claim_redis_number()
    queue = settings.CELERY_BROKER_URL.rsplit("/", 1)[0] + f"/{2 * number}"
    cache = queue.rsplit("/", 1)[0] + f"/{2 * number + 1}"
    from huifeng.celery import app

    settings.CELERY_BROKER_URL = settings.CELERY_RESULT_BACKEND = queue
    app.conf.broker_url = app.conf.result_backend = queue
    settings.CACHES["default"]["LOCATION"] = cache
    caches.settings["default"]["LOCATION"] = cache
    with contextlib.suppress(AttributeError):
        del caches["default"]  # made by an import, it would still be the one that all processes share
    caches["default"].clear()
    with app.connection_for_write() as connection:
        connection.default_channel.client.flushdb()


@pytest.fixture(autouse=True)
def empty_cache(own_redis: None) -> Iterator[None]:
    """No test sees what another one cached."""
    yield
    caches["default"].clear()


def _ready_template(*, anew: bool) -> str:
    """Name of a migrated database that belongs to the migrations of this moment."""
    name = f"template_{_fingerprint()}"
    with _owner() as run:
        known = [
            row[0]
            for row in run("SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%%' ORDER BY oid")
        ]
        for old in known[:-TEMPLATES_KEPT]:
            run(f"DROP DATABASE IF EXISTS {old}")
        if name in known and not anew:
            return name
        run(f"DROP DATABASE IF EXISTS {name}")
        run("DROP DATABASE IF EXISTS unfinished WITH (FORCE)")
        run("CREATE DATABASE unfinished")
        _point_at("unfinished")
        call_command("migrate", verbosity=0, interactive=False)
        connections.close_all()
        run(f"ALTER DATABASE unfinished RENAME TO {name}")
    return name


def _fingerprint() -> str:
    """Changes when a migration, the grants, a policy or the set of append-only tables change."""
    digest = hashlib.sha256(version("django-allauth").encode())
    files = [file for app in apps.get_app_configs() for file in Path(app.path).glob("migrations/*.py")]
    for file in [*sorted(files), Path(roles.__file__), Path(policies.__file__)]:
        digest.update(str(file).encode() + file.read_bytes())
    digest.update(" ".join([*roles.append_only_tables(), *roles.erasures()]).encode())
    digest.update(policies.declarations().encode())
    return digest.hexdigest()[:16]


def _clone(template: str, name: str) -> None:
    """Make `name` a fresh copy of the template, ending whoever is still connected to the old one."""
    connections.close_all()
    with _owner() as run:
        run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        run(f"CREATE DATABASE {name} TEMPLATE {template}")


def _drop(name: str) -> None:
    connections.close_all()
    with _owner() as run:
        run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _drop_abandoned() -> None:
    """Drop the databases of test processes that were killed."""
    with _owner() as run:
        for (name,) in run("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_%%'"):
            if not psutil.pid_exists(int(name.removeprefix("test_"))):
                run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _point_at(name: str) -> None:
    """Let both roles of this process work on database `name`."""
    for alias in connections:
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
        connections.settings[alias]["NAME"] = name


@contextlib.contextmanager
def _owner() -> Iterator[Any]:
    """Run statements as the owner outside any test database: run(sql) gives its rows."""
    with connections["owner"]._nodb_cursor() as cursor:

        def run(statement: str) -> list[tuple[Any, ...]]:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

        yield run


@contextlib.contextmanager
def _locked(name: str) -> Iterator[None]:
    _LOCKS.mkdir(exist_ok=True)
    with (_LOCKS / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _claim_redis_number() -> int:
    """A number from 1 that no other living test process holds."""
    _LOCKS.mkdir(exist_ok=True)
    for number in range(1, 100):
        file = (_LOCKS / f"redis-{number}.lock").open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        _held.append(file)
        return number
    raise RuntimeError("a hundred test processes at once")
