from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from huifeng.sealed import SealedField


class TextQuerySet(models.QuerySet["Text"]):
    def due(self, at: datetime) -> "TextQuerySet":
        """Texts somebody should try to send at `at`."""
        return self.filter(state=Text.State.PENDING, next_try_at__lte=at)


class Text(models.Model):
    """One text message (短信) or call owed to a phone, or a mail: written with its cause, sent by a worker.

    `key` makes the same message for the same fact impossible twice. The words hold no more than a surname;
    they are sealed because some hold login digits.
    """

    SEEN_BY = ()  # the relay's

    class State(models.TextChoices):
        PENDING = "pending", "待发"
        SENT = "sent", "已发"
        FAILED = "failed", "未发出"

    key = models.CharField(max_length=120, unique=True)
    phone = SealedField(context="texts.phone")
    phone_tail = models.CharField(max_length=4)
    words = SealedField(context="texts.words")
    email = SealedField(context="texts.email")
    subject = models.CharField(max_length=100, blank=True, help_text="Of a mail. No name in it.")
    voice = models.BooleanField(default=False, help_text="Read out in a call.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    no_use_after = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    objects = TextQuerySet.as_manager()

    class Meta:
        verbose_name = "短信"
        verbose_name_plural = "短信"
        indexes = [
            models.Index(fields=["next_try_at"], name="texts_due", condition=Q(state="pending")),
            models.Index(fields=["-created_at"], name="texts_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent") & Q(sent_at__isnull=True),
                name="texts_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(email__isnull=True) | Q(phone__isnull=True), name="texts_one_way_out"
            ),
        ]

    def __str__(self) -> str:
        return f"{'邮件' if self.email else f'尾号{self.phone_tail}'} {self.get_state_display()}"
