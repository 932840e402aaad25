"""/healthz answers for the process, /readyz for everything it needs."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from huifeng import health
from huifeng.embedded import roles


def test_healthz_asks_nobody(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"ok": True})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_readyz_names_the_missing_worker(client, monkeypatch):
    monkeypatch.setattr(health, "WORKER_SECONDS", 0.2)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "ok": False,
        "database": True,
        "redis": True,
        "worker": False,
        "migrations": True,
    }


@pytest.mark.django_db(transaction=True)
def test_readyz_notices_a_migration_that_was_not_applied(client, monkeypatch):
    monkeypatch.setattr(health, "WORKER_SECONDS", 0.1)
    with roles.as_owner():
        MigrationRecorder(connection).record_unapplied("auth", "0001_initial")

    assert client.get("/readyz").json()["migrations"] is False


@pytest.mark.django_db
def test_readyz_does_not_say_why(client, monkeypatch):
    def broken():
        raise OSError("no route to db.internal")

    monkeypatch.setattr(health, "_database", broken)
    monkeypatch.setattr(health, "WORKER_SECONDS", 0.1)

    answer = client.get("/readyz")

    assert answer.json()["database"] is False
    assert b"db.internal" not in answer.content


def test_health_is_read_only(client):
    assert client.post("/healthz").status_code == 405
