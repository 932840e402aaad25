"""Doing one job. While it runs, its worker's database session holds an advisory lock with the job's number.

A worker that is killed loses its session and with it the lock: that is how `actions.take_up` knows a job
nobody works on any more. A worker that only lost its session does not know that yet, and may work on beside the
next one: so what it writes about the job is written only while `started_at` is still its own (`ours`).
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from huifeng.accounts.models import SYSTEM_USERNAME, User
from huifeng.errors import RuleBroken
from huifeng.middleware import request_id

from . import progress
from .models import Job
from .registry import kinds
from .work import NotOurs, Work, ours

logger = logging.getLogger(__name__)

LOCK_CLASS = 0x6A6F62  # "job": the upper 24 bits of the advisory lock
JOB_BITS = 40  # the lower ones hold the job's number, which outgrows the 32 bits of a lock in two halves
MOST_ATTEMPTS = 3
State = Job.State


def run(job_id: int) -> Job | None:
    """Do a queued job here and now; None when another process is at it, or it is finished already.

    Also None, and the job left for `take_up`, when this process lost its database session on the way.
    """
    with held(job_id) as we_hold_it:
        session = connection.connection
        job = _begin(job_id) if we_hold_it else None
        if job is None:
            return None
        try:
            result = _do(job)
        except Exception as error:
            lost = _lost(session)
            error_words = _words_for(error, job)
            if (lost and not error_words) or isinstance(error, NotOurs):
                logger.warning("job %s (%s): its worker lost it: %r", job.pk, job.kind, error)
                return None
            return _finish(job, State.FAILED, error=error_words or _number(job, error))
        return _finish(job, State.DONE, result=result)


@contextlib.contextmanager
def held(job_id: int) -> Iterator[bool]:
    """Hold the job for this database session; yields False when another session has it."""
    session = None
    try:
        with connection.cursor() as cursor:
            session = connection.connection
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_lock_of(job_id)])
            we_hold_it = bool(cursor.fetchone()[0])
        yield we_hold_it
        if we_hold_it and connection.connection is session:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_lock_of(job_id)])
    except BaseException:
        # the lock must not outlive us in a session that is kept: nobody could ever do the job
        if connection.connection is session and not connection.in_atomic_block:
            connection.close()
        raise


def held_among(job_ids: Iterable[int]) -> set[int]:
    """Those of the jobs that a living session holds. Looks without taking, so it is in nobody's way."""
    by_lock = {_lock_of(job_id): job_id for job_id in job_ids}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT classid::bigint << 32 | objid::bigint FROM pg_locks WHERE locktype = 'advisory'"
            " AND objsubid = 1 AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return {by_lock[lock] for (lock,) in cursor.fetchall() if lock in by_lock}


def give_up(job_id: int) -> bool:
    """End a job whose workers were killed too often. The caller knows that nobody holds it."""
    error = (
        f"办理时中断了 {MOST_ATTEMPTS} 次，已停止。请再试一次，已经办好的不会重复；"
        f"还不行请告诉管理员（编号 J{job_id}）。"
    )
    written = Job.objects.filter(pk=job_id, state__in=Job.OPEN, attempts__gte=MOST_ATTEMPTS).update(
        state=State.FAILED, error=error, finished_at=timezone.now()
    )
    return bool(written)


def _lock_of(job_id: int) -> int:
    return LOCK_CLASS << JOB_BITS | job_id % 2**JOB_BITS


@transaction.atomic
def _begin(job_id: int) -> Job | None:
    """Count the attempt and take the job; None when it is finished, gone, or was tried often enough."""
    job = Job.objects.select_for_update(of=("self",)).select_related("by").filter(pk=job_id).first()
    if job is None or job.state not in Job.OPEN or job.attempts >= MOST_ATTEMPTS:
        return None
    job.state, job.attempts, job.started_at = State.RUNNING, job.attempts + 1, timezone.now()
    job.handed_over_at = None
    job.save(update_fields=["state", "attempts", "started_at", "handed_over_at"])
    return job


def _do(job: Job) -> dict[str, Any]:
    progress.tell(job.pk, progress.Progress())  # what an earlier attempt told is no longer true
    kind = kinds.get(job.kind)
    if kind is None:
        raise RuleBroken("系统更新后，这类事项不再这样办理。请从原来的页面重新办。", code="kind_gone")
    if not _may_still_act(job.by):
        raise RuleBroken("经办账号已停用，没有办理。", code="account_closed")
    return kind.run(Work(job))


def _may_still_act(user: User) -> bool:
    return user.is_active or user.username == SYSTEM_USERNAME  # the system's own account never logs in


def _words_for(error: Exception, job: Job) -> str:
    """The sentence for what is expected to happen; "" for what is not."""
    if isinstance(error, RuleBroken):
        return error.message
    if isinstance(error, PermissionDenied):
        return "您现在没有办这件事的权限，没有办理。岗位有变动的，请联系本单位的管理员。"
    if isinstance(error, SoftTimeLimitExceeded):
        logger.warning("job %s (%s) took too long", job.pk, job.kind)
        return "用的时间太长，已停止。请把任务分小一些再办。"
    return ""


def _number(job: Job, error: Exception) -> str:
    logger.error("job %s (%s) failed", job.pk, job.kind, exc_info=error)
    number = request_id.get() or f"J{job.pk}"
    return f"我们这边出了点问题，没有办成（编号 {number}）。请再试一次，或告诉管理员这个编号。"


def _lost(session: Any) -> bool:
    """Whether the session that held the job is gone. Leaves a connection that can be used again.

    A time limit may strike in the middle of a statement; such a connection takes no further ones.
    """
    if connection.connection is session and connection.is_usable():
        return False
    if not connection.in_atomic_block:
        connection.close()
    return True


def _finish(job: Job, state: str, *, result: dict[str, Any] | None = None, error: str = "") -> Job | None:
    """Say how it ended; None when the job is no longer ours, because another process has taken it over."""
    job.state, job.result, job.error, job.finished_at = state, result, error[:300], timezone.now()
    written = ours(job).update(
        state=job.state, result=job.result, error=job.error, finished_at=job.finished_at
    )
    if not written:
        logger.warning("job %s (%s): another process has it, nothing written", job.pk, job.kind)
    return job if written else None
