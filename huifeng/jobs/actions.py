"""Starting long work, and taking it up again when a worker was killed."""

import functools
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from huifeng.accounts.models import User

from . import running, tasks
from .models import Job, StoredFile
from .registry import kinds

PATIENCE = timedelta(minutes=2)  # a job that has waited so long was lost by the queue
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

    `args`: ids and choices, no personal data. `page`: where to go when it is done. Permission is the
    caller's affair. Raises KeyError for a kind nobody registered.
    """
    job = Job.objects.create(
        kind=kinds[kind].name, title=title, by=by, args=args, organisation_id=organisation_id, page=page
    )
    # robust: with Redis away the job is queued all the same, and take_up starts it
    transaction.on_commit(functools.partial(tasks.run.delay, job.pk), robust=True)
    return job


@transaction.atomic
def retry(job_id: int, *, by: User) -> Job:
    """Do a failed job again. Repeating it while it waits or runs changes nothing. Raises Job.DoesNotExist."""
    job = Job.objects.visible_to(by).select_for_update(of=("self",)).get(pk=job_id)
    if job.state != State.FAILED:
        return job
    job.state, job.error, job.attempts, job.finished_at = State.QUEUED, "", 0, None
    job.save(update_fields=["state", "error", "attempts", "finished_at"])
    transaction.on_commit(functools.partial(tasks.run.delay, job.pk), robust=True)
    return job


def take_up(*, most: int = 100) -> int:
    """Start again what nobody works on: its worker was killed, or the queue lost it. Returns how many.

    Safe to run at the same time as anything: `run` takes the lock before it looks.
    """
    waiting = 0
    for job in Job.objects.filter(state__in=Job.OPEN).order_by("created_at")[:most]:
        with running.held(job.pk) as ours:
            if not ours:
                continue
        if job.attempts >= running.MOST_ATTEMPTS:
            running.give_up(job.pk)
        elif job.state == State.RUNNING or timezone.now() - job.created_at > PATIENCE:
            tasks.run.delay(job.pk)
            waiting += 1
    return waiting


def forget_old() -> int:
    """Delete files whose time is over. The job stays and says so. Returns how many."""
    deleted, _ = StoredFile.objects.filter(expires_at__lt=timezone.now()).delete()
    return deleted
