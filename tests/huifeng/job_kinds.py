"""Kinds of long work that tests ask for. Their effect is rows of the audit, which nobody can take back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.audit.models import AuditEntry
from huifeng.jobs import actions, registry
from huifeng.jobs.models import Job
from huifeng.jobs.registry import Kind
from huifeng.jobs.work import Work

type Run = Callable[[Work], dict[str, Any]]


def effects_of(job: Job) -> int:
    """How often the work of `job` has happened."""
    return AuditEntry.objects.filter(action="test.effect", target_id=str(job.pk)).count()


def do_once(work: Work) -> dict[str, Any]:
    """Write the effect, unless it is there."""
    if not effects_of(work.job):
        audit.record("test.effect", work.job, by=work.by)
    return {"rows": 1}


@pytest.fixture
def kind() -> Iterator[Callable[[Run], str]]:
    """`kind(run)` registers a kind that does `run` for this test, and gives its name."""
    names: list[str] = []

    def added(run: Run) -> str:
        names.append(f"test-{len(names)}")
        registry.add(Kind(names[-1], run))
        return names[-1]

    yield added
    for name in names:
        registry.kinds.pop(name, None)


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create(username="clerk", display_name="李敏")


def asked(name: str, by: User, **more: Any) -> Job:
    return actions.start(name, title="导出名册", by=by, args={"unit": 7}, **more)


def waited(job: Job, minutes: int = 5) -> None:
    """As if it had been handed over so long ago."""
    Job.objects.filter(pk=job.pk).update(handed_over_at=timezone.now() - timedelta(minutes=minutes))


def failed(name: str, by: User) -> Job:
    job = asked(name, by)
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.FAILED, error="没有", finished_at=timezone.now(), attempts=3
    )
    job.refresh_from_db()
    return job
