"""What a running job is given."""

import time
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from huifeng.accounts.models import User

from . import files, progress
from .models import Job, JobQuerySet, StoredFile

LEAST_PAUSE = 0.3  # seconds between two words about progress


class NotOurs(Exception):
    """Another process has taken the job over; this one ends and writes nothing."""


def ours(job: Job) -> JobQuerySet:
    """The job's row while it is still the attempt this process began; empty when another took it over."""
    return Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, started_at=job.started_at)


@dataclass
class Work:
    """One job at work: who asked for it, with which arguments, and how to say how far it is."""

    job: Job
    _told_at: float = field(default=0.0, init=False)

    @property
    def by(self) -> User:
        return self.job.by

    def progress(self, done: int, total: int, words: str) -> None:
        """Say that `done` of `total` are done; cheap to call for every few rows."""
        now = time.monotonic()
        if now - self._told_at >= LEAST_PAUSE or done == total:
            self._told_at = now
            progress.tell(self.job.pk, progress.Progress(done, total, words))

    @transaction.atomic
    def keep_file(
        self, name: str, content: bytes, content_type: str, *, kept_for: timedelta = files.KEPT_FOR
    ) -> StoredFile:
        """Store what the job made and offer it for download. Called again, the newer file takes its place.

        Raises RuleBroken (too large), NotOurs.
        """
        row = ours(self.job).select_for_update().only("file_id").first()
        if row is None:
            raise NotOurs
        file = files.store(
            name,
            content,
            content_type,
            by=self.by,
            organisation_id=self.job.organisation_id,
            kept_for=kept_for,
        )
        self.job.file, self.job.file_name = file, file.name
        self.job.save(update_fields=["file", "file_name"])
        if row.file_id:
            files.delete(row.file_id)
        return file
