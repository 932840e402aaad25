"""The engines of a data folder, the two roles, and what the tests themselves stand on."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from huifeng.embedded import engines, processes, roles

USE = """
import sys
from huifeng.embedded import engines
found = engines.use(sys.argv[1], durable=False)
print(found.postgres_port, found.redis_port, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path):
    """A data folder; whatever still runs in it is stopped afterwards."""
    yield tmp_path / "a folder"
    engines.stop(tmp_path / "a folder")


def user_of(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the engines until its standard input is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", USE, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def marks(folder: Path) -> tuple[processes.Mark, processes.Mark]:
    state = json.loads((folder / "run/engines.json").read_text())
    return state["postgres"], state["redis"]


def test_engines_take_chinese_characters_for_letters(folder):
    with (
        engines.running(folder, durable=False) as found,
        psycopg.connect(found.owner_database_url) as session,
    ):
        session.execute("CREATE EXTENSION pg_trgm")
        trigrams, alike = session.execute(
            "SELECT show_trgm('湛山社区'), similarity('湛山社区', '湛山街道')"
        ).fetchone()

    assert len(trigrams) == 5
    assert alike > 0.2


def test_last_user_stops_the_engines(folder):
    first, second = user_of(folder), user_of(folder)
    ports = first.stdout.readline()
    assert second.stdout.readline() == ports

    first.communicate()
    assert all(processes.alive(mark) for mark in marks(folder))

    second.communicate()
    assert not any(processes.alive(mark) for mark in marks(folder))


def test_engines_survive_a_killed_user_and_are_taken_over(folder):
    killed = user_of(folder)
    ports = killed.stdout.readline()
    killed.kill()
    killed.wait()
    before = marks(folder)

    with engines.running(folder, durable=False):
        assert marks(folder) == before
        assert f"{engines.use(folder).postgres_port} {engines.use(folder).redis_port}\n" == ports
    assert not any(processes.alive(mark) for mark in before)


def test_engines_start_again_after_everything_was_killed(folder):
    with engines.running(folder, durable=False):
        before = marks(folder)
        for mark in before:
            os.kill(mark["pid"], signal.SIGKILL)
            psutil.Process(mark["pid"]).wait(10)

    with engines.running(folder, durable=False) as found, psycopg.connect(found.database_url()) as session:
        assert session.execute("SELECT current_user").fetchone() == (engines.APP,)
    assert (folder / "postgres/PG_VERSION").exists()


def test_a_server_we_lost_track_of_is_found(folder):
    lost = user_of(folder)
    lost.stdout.readline()
    lost.kill()
    lost.wait()
    before = marks(folder)
    (folder / "run/engines.json").unlink()

    with engines.running(folder, durable=False) as found, psycopg.connect(found.database_url()):
        assert not any(processes.alive(mark) for mark in before)


def test_a_number_used_again_is_not_taken_for_ours():
    mark = processes.mark(os.getpid())

    assert processes.alive(mark)
    assert not processes.alive({"pid": mark["pid"], "started": mark["started"] - 60})


def test_secrets_are_private_and_stay(folder):
    with engines.running(folder, durable=False) as found:
        first = found.secrets
    with engines.running(folder, durable=False) as found:
        assert found.secrets == first
    assert (folder / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_lost_secrets_are_refused_not_replaced(folder):
    with engines.running(folder, durable=False):
        pass
    (folder / "secrets.json").unlink()

    with pytest.raises(engines.EngineError, match=r"secrets\.json"):
        engines.use(folder)


# The two roles ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_tests_run_as_the_application_role():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (engines.APP, False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "ALTER TABLE auth_group ADD COLUMN more int",
        "TRUNCATE auth_group CASCADE",
        "DROP TABLE auth_group CASCADE",
        "DELETE FROM django_migrations",
    ],
)
def test_application_role_cannot_change_the_schema(statement):
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_append_only_tables_cannot_be_rewritten(statement):
    tables = roles.append_only_tables()

    assert tables
    for table in tables:
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table))


@pytest.mark.django_db(transaction=True)
def test_as_owner_lasts_for_the_block_only():
    def who():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            return cursor.fetchone()[0]

    with roles.as_owner():
        assert who() == engines.OWNER
    assert who() == engines.APP


# Transactional tests: each leaves nothing to the next -----------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_transactional_tests_start_clean(turn):
    assert not Group.objects.filter(name="left over").exists()

    thread = threading.Thread(target=lambda: (Group.objects.create(name="left over"), connection.close()))
    thread.start()
    thread.join()

    assert Group.objects.filter(name="left over").exists()
