from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.rowscope.policies import is_user
from huifeng.sealed import SealedBytesField

from . import progress, registry


class StoredFiles(models.Manager["StoredFile"]):
    """Files without their content, which is large: `files.content_of` fetches it when it is asked for."""

    def get_queryset(self) -> models.QuerySet["StoredFile"]:
        return super().get_queryset().defer("content")


class StoredFile(models.Model):
    """A file somebody sent or we made, sealed, in the database: web and workers need no common disk, and a
    file is there exactly when the row that speaks of it is. Who points here uses SET_NULL: the file ends first.
    """

    SEEN_BY = (is_user("made_by_id"),)

    CONTEXT = "jobs.file"

    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField(max_length=64)
    content = SealedBytesField(context=CONTEXT, is_file=True, help_text="sealed by huifeng.sealed.seal_bytes")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    organisation_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField("保留到")

    objects = StoredFiles()

    class Meta:
        base_manager_name = "objects"
        verbose_name = "文件"
        verbose_name_plural = "文件"
        indexes = [models.Index(fields=["expires_at"], name="jobs_file_by_end")]

    def __str__(self) -> str:
        return self.name


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> "JobQuerySet":
        """One's own: what was asked for may hold more than a colleague may see.

        Who has left an organisation since leaves its files behind.
        """
        mine = self.filter(by=user)
        for condition in registry.still_acts_for:
            mine = mine.filter(Q(organisation_id=None) | Q(file=None) | condition(user))
        return mine

    def with_file(self) -> "JobQuerySet":
        """With what is known of the file, without its content."""
        return self.select_related("file").defer("file__content")


class Job(models.Model):
    """Long work somebody asked for: queued, done by a worker, and told here; see docs/decisions/0005.

    `page` is where one goes when it is done, `file` what it made. `args` and `result` hold ids and counts,
    no personal data. Progress in between is in the cache (progress.py), so that it shows inside a transaction too.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "正在办"
        DONE = "done", "已办好"
        FAILED = "failed", "没有办成"
        CANCELLED = "cancelled", "已取消"

    OPEN = (State.QUEUED, State.RUNNING)
    LONGEST_TITLE = 120

    kind = models.CharField(max_length=40)
    title = models.CharField("事项", max_length=LONGEST_TITLE)
    args = models.JSONField(default=dict)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="jobs", verbose_name="经办人"
    )
    organisation_id = models.BigIntegerField(null=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.CharField("原因", max_length=300, blank=True)
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField("文件名", max_length=200, blank=True, help_text="outlives the file")
    page = models.CharField(max_length=200, blank=True)
    handed_over_at = models.DateTimeField(null=True, help_text="given to the queue and not begun since")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "后台办理"
        verbose_name_plural = "后台办理"
        indexes = [
            models.Index(fields=["by", "-created_at"], name="jobs_of_user"),
            models.Index(
                fields=["created_at"], name="jobs_open", condition=Q(state__in=["queued", "running"])
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False)
                | Q(state__in=["queued", "running"], finished_at__isnull=True),
                name="job_finished_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def has_file(self) -> bool:
        """Whether there is something to download now."""
        return (
            self.state == self.State.DONE and self.file is not None and self.file.expires_at > timezone.now()
        )

    @property
    def file_is_over(self) -> bool:
        """Whether there was something to download and its time is over."""
        return self.state == self.State.DONE and bool(self.file_name) and not self.has_file

    @property
    def how_far(self) -> progress.Progress:
        """How far it has come; asks the cache."""
        return progress.of(self.pk)
