"""Turning from old keys to new ones in tests."""

import pytest

from huifeng.accounts.models import User
from huifeng.jobs import running
from huifeng.jobs.models import Job
from huifeng.keys import actions, columns, rotation
from members.people.models import Retiree
from tests.huifeng.keys import only_old


@pytest.fixture(autouse=True)
def old_keys(settings) -> None:
    only_old(settings)


def people_table() -> columns.Table:
    return next(table for table in columns.tables() if table.model is Retiree)


def rotate() -> Job:
    job = running.run(actions.start(by=User.objects.system()).pk)
    assert job is not None
    assert job.state == Job.State.DONE, job.error
    return job


@pytest.fixture
def small_batches(monkeypatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
