"""What a running job is given."""

import time
from dataclasses import dataclass, field
from datetime import timedelta

from huifeng.accounts.models import User

from . import files, progress
from .models import Job, StoredFile

LEAST_PAUSE = 0.3  # seconds between two words about progress


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

    def keep_file(
        self, name: str, content: bytes, content_type: str, *, kept_for: timedelta = files.KEPT_FOR
    ) -> StoredFile:
        """Store what the job made and offer it for download. Called again, the newer file takes its place."""
        old = self.job.file
        self.job.file = files.store(
            name,
            content,
            content_type,
            by=self.by,
            organisation_id=self.job.organisation_id,
            kept_for=kept_for,
        )
        self.job.save(update_fields=["file"])
        if old is not None:
            old.delete()
        return self.job.file
