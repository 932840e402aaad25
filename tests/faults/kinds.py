"""A kind of long work for real workers: they import this module (`--include tests.faults.kinds`)."""

import time
from typing import Any

from django.db import transaction

from huifeng.audit import actions as audit
from huifeng.audit.models import AuditEntry
from huifeng.jobs import registry
from huifeng.jobs.models import Job
from huifeng.jobs.registry import Kind
from huifeng.jobs.work import Work

NAME = "test-slow"


def effects_of(job: Job) -> int:
    return AuditEntry.objects.filter(action="test.effect", target_id=str(job.pk)).count()


def run(work: Work) -> dict[str, Any]:
    """`args`: `rows` to write in one transaction, each after `pause` seconds, and a file of them."""
    rows = work.job.args["rows"]
    if effects_of(work.job):
        return {"rows": rows}
    with transaction.atomic():
        for row in range(rows):
            time.sleep(work.job.args["pause"])
            audit.record("test.effect", work.job, by=work.by)
            work.progress(row + 1, rows, f"已写 {row + 1} / {rows} 行")
        work.keep_file("名册.txt", b"row\n" * rows, "text/plain")
    return {"rows": rows}


registry.add(Kind(NAME, run))
