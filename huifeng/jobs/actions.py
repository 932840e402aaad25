"""Starting long work, taking it up again when a worker was killed, and fetching what it made."""

import functools
import logging
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken

from . import files, running, tasks
from .models import Job, StoredFile
from .registry import kinds

logger = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=2)  # a job handed over so long ago and not begun was lost by the queue
State = Job.State


@transaction.atomic
def start(
    kind: str,
    *,
    title: str,
    by: User,
    args: dict[str, Any],
    organisation_id: int | None = None,
    page: str = "",
) -> Job:
    """Ask for long work, in the caller's transaction; a worker begins after COMMIT.

    `args`: ids and choices, no personal data. `page`: where to go when it is done, a path of ours. Permission
    is the caller's affair. Raises KeyError for a kind nobody registered, ValueError for a page elsewhere.
    """
    if page and (not page.startswith("/") or page.startswith(("//", "/\\"))):
        raise ValueError(f"not a path of ours: {page}")
    job = Job.objects.create(
        kind=kinds[kind].name,
        title=title[: Job.LONGEST_TITLE],
        by=by,
        args=args,
        organisation_id=organisation_id,
        page=page,
        handed_over_at=timezone.now(),
    )
    _after_commit(job)
    return job


@transaction.atomic
def retry(job_id: int, *, by: User) -> Job:
    """Do a failed job again. Repeating it while it waits or runs changes nothing. Raises Job.DoesNotExist."""
    job = _locked_while(State.FAILED, job_id, by)
    if job is None:
        return Job.objects.visible_to(by).get(pk=job_id)
    job.state, job.error, job.attempts, job.finished_at = State.QUEUED, "", 0, None
    job.handed_over_at = timezone.now()
    job.save(update_fields=["state", "error", "attempts", "finished_at", "handed_over_at"])
    audit.record("job.retried", job, by=by, organisation_id=job.organisation_id)
    _after_commit(job)
    return job


@transaction.atomic
def cancel(job_id: int, *, by: User) -> Job:
    """Take back a job that no worker has begun. Repeating it changes nothing.

    Raises Job.DoesNotExist, RuleBroken (begun or over: what is half done cannot be taken back here).
    """
    job = _locked_while(State.QUEUED, job_id, by)
    if job is None:
        job = Job.objects.visible_to(by).get(pk=job_id)
        if job.state == State.CANCELLED:
            return job
        raise RuleBroken(f"这一项{job.get_state_display()}，不能取消。请刷新后再看。", code="job_not_queued")
    job.state, job.finished_at = State.CANCELLED, timezone.now()
    job.save(update_fields=["state", "finished_at"])
    audit.record("job.cancelled", job, by=by, organisation_id=job.organisation_id)
    return job


@transaction.atomic
def fetch_file(job_id: int, *, by: User) -> tuple[StoredFile, bytes]:
    """The file a finished job made, and its plain bytes, for whoever asked for it. Each time is audited.

    Raises Job.DoesNotExist, RuleBroken (no file, expired, damaged).
    """
    job = Job.objects.visible_to(by).get(pk=job_id)
    if job.state != State.DONE or not job.file_name:
        raise RuleBroken("这一项没有可下载的文件。请刷新后再看。", code="no_file")
    file = job.file if job.has_file else None
    if file is None:
        raise RuleBroken("文件已过期，请重新导出。", code="file_expired")
    try:
        content = files.content_of(file)
    except InvalidTag:
        logger.error("stored file %s does not open", file.pk)
        raise RuleBroken(
            f"文件损坏，不能下载。请重新导出，并告诉管理员（编号 F{file.pk}）。", code="file_damaged"
        ) from None
    audit.record(
        "file.downloaded",
        file,
        by=by,
        organisation_id=job.organisation_id,
        after={"job": job.pk, "size": file.size, "sha256": file.sha256},
    )
    return file, content


def take_up(*, most: int = 100) -> int:
    """Hand over again what nobody works on: its worker was killed, or the queue lost it. Returns how many.

    Safe to run at the same time as anything: `run` takes the lock before it looks. Two at once hand over once.
    """
    patient = timezone.now() - PATIENCE
    waits = Q(handed_over_at__isnull=False, handed_over_at__gt=patient)
    found = list(
        Job.objects.filter(state__in=Job.OPEN)
        .exclude(waits)
        .order_by("created_at")
        .only("state", "attempts", "handed_over_at")[:most]
    )
    in_work = running.held_among(job.pk for job in found)  # after the list: whoever began before is seen
    return sum(_take_up(job) for job in found if job.pk not in in_work)


def _take_up(job: Job) -> bool:
    if job.attempts >= running.MOST_ATTEMPTS:
        running.give_up(job.pk)
        return False
    unchanged = Job.objects.filter(
        pk=job.pk, state=job.state, attempts=job.attempts, handed_over_at=job.handed_over_at
    )
    return bool(unchanged.update(handed_over_at=timezone.now())) and _hand_over(job.pk)


def forget_old(*, most: int = 1000) -> int:
    """Delete files whose time is over, one by one. The job stays and says so. Returns how many."""
    over = list(StoredFile.objects.filter(expires_at__lt=timezone.now()).values_list("pk", flat=True)[:most])
    for file_id in over:
        files.delete(file_id)
    return len(over)


def _locked_while(state: str, job_id: int, by: User) -> Job | None:
    """The job under a lock, if it is in `state`. A job in work is not waited for: its row may be locked long."""
    return Job.objects.visible_to(by).filter(state=state, pk=job_id).select_for_update(of=("self",)).first()


def _after_commit(job: Job) -> None:
    # robust: whatever happens, the job is there, and take_up starts it
    transaction.on_commit(functools.partial(_hand_over, job.pk), robust=True)


def _hand_over(job_id: int) -> bool:
    """Give the job to the queue. With Redis away it stays queued all the same, and take_up starts it."""
    try:
        tasks.run.delay(job_id)
    except (OperationalError, OSError) as error:
        logger.warning("job %s not handed over, it waits: %s", job_id, type(error).__name__)
        return False
    return True
