"""Doing one job. While it runs, its worker's database session holds an advisory lock with the job's number.

A worker that is killed loses its session and with it the lock: that is how `actions.take_up` knows a job
nobody works on any more.
"""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection, transaction
from django.utils import timezone

from huifeng.errors import RuleBroken
from huifeng.middleware import request_id

from .models import Job
from .registry import kinds
from .work import Work

logger = logging.getLogger(__name__)

LOCK_CLASS = 0x6A6F62  # "job": the first half of the advisory lock, the job's number is the second
MOST_ATTEMPTS = 3
State = Job.State


def run(job_id: int) -> Job | None:
    """Do a queued job here and now; None when another process is at it, or it is finished already."""
    with held(job_id) as ours:
        job = _begin(job_id) if ours else None
        if job is None:
            return None
        try:
            result = kinds[job.kind].run(Work(job))
        except RuleBroken as refused:
            return _finish(job, State.FAILED, error=refused.message)
        except SoftTimeLimitExceeded:
            return _finish(job, State.FAILED, error="用的时间太长，已停止。请把任务分小一些再办。")
        except Exception:
            logger.exception("job %s (%s) failed", job.pk, job.kind)
            number = f"（编号 {request_id.get()}）" if request_id.get() else f"（编号 J{job.pk}）"
            return _finish(
                job,
                State.FAILED,
                error=f"我们这边出了点问题，没有办成{number}。请再试一次，或告诉管理员这个编号。",
            )
        return _finish(job, State.DONE, result=result)


@contextlib.contextmanager
def held(job_id: int) -> Iterator[bool]:
    """Hold the job for this database session; yields False when another session has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, job_id])
        ours = bool(cursor.fetchone()[0])
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, job_id])


@transaction.atomic
def _begin(job_id: int) -> Job | None:
    job = Job.objects.select_for_update(of=("self",)).select_related("by", "file").get(pk=job_id)
    if job.state not in Job.OPEN or job.attempts >= MOST_ATTEMPTS:
        return None
    job.state, job.attempts, job.started_at = State.RUNNING, job.attempts + 1, timezone.now()
    job.save(update_fields=["state", "attempts", "started_at"])
    return job


@transaction.atomic
def give_up(job_id: int) -> None:
    job = Job.objects.select_for_update(of=("self",)).get(pk=job_id)
    if job.state in Job.OPEN:
        _finish(
            job, State.FAILED, error=f"办理时中断了 {job.attempts} 次，已停止，什么也没有改。请再试一次。"
        )


def _finish(job: Job, state: str, *, result: dict[str, Any] | None = None, error: str = "") -> Job:
    job.state, job.result, job.error, job.finished_at = state, result, error[:300], timezone.now()
    job.save(update_fields=["state", "result", "error", "finished_at"])
    return job
