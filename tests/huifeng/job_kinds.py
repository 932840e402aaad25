"""Kinds of long work that tests ask for. Their effect is rows of the audit, which nobody can take back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.audit.models import AuditEntry
from huifeng.jobs import registry
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
