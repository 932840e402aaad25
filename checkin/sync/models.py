from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.rowscope.policies import is_user, with_row
from huifeng.sealed import SealedField


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def due(self, at: datetime) -> "WebhookQuerySet":
        """Lines with something to send that somebody should try at `at`.

        A next try further away than any wait was written by a clock that stood wrong; it counts as due.
        """
        waiting = DeadLetter.objects.filter(webhook=models.OuterRef("pk"), state=DeadLetter.State.QUEUED)
        return self.filter(
            Q(next_try_at__lte=at) | Q(next_try_at__gt=at + Webhook.NO_WAIT_IS_LONGER),
            Q(organisation__mailbox__last_number__gt=F("cursor")) | Q(models.Exists(waiting)),
            state=Webhook.State.ACTIVE,
            organisation__closed_on=None,
        )


class Webhook(models.Model):
    """An address of an organisation's own system, to which its notices are POSTed one by one, in number order.

    `cursor` is the number of the last notice that needs nothing more: sent, or put aside as a dead letter.
    `attempts` counts failures since the last success, the one under way included; `refusals` those answers that
    refused the message it is at. `next_try_at` is also the
    claim: whoever sends moves it into the future first. The secret before stays valid for a while (rotation).
    """

    NO_WAIT_IS_LONGER = timedelta(hours=2)

    class State(models.TextChoices):
        ACTIVE = "active", "正常"
        PAUSED = "paused", "已暂停"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="组织")
    url = models.CharField("地址", max_length=500)
    secret = SealedField(context="sync.webhook_secret")
    secret_made_at = models.DateTimeField("密钥生成时间", default=timezone.now)
    old_secret = SealedField(context="sync.webhook_secret")
    old_secret_until = models.DateTimeField("旧密钥有效至", null=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ACTIVE)
    cursor = models.BigIntegerField("已处理到", default=0)
    attempts = models.PositiveIntegerField("连续失败", default=0)
    refusals = models.PositiveSmallIntegerField("被拒", default=0)
    next_try_at = models.DateTimeField("下次再试", default=timezone.now)
    failing_since = models.DateTimeField("从何时起失败", null=True)
    last_error = models.CharField("最近的错误", max_length=200, blank=True)
    last_sent_at = models.DateTimeField("最近送达", null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人"
    )
    created_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = "系统对接"
        verbose_name_plural = "系统对接"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "url"], name="webhook_address_once"),
            models.CheckConstraint(
                condition=Q(old_secret__isnull=True, old_secret_until__isnull=True)
                | Q(old_secret__isnull=False, old_secret_until__isnull=False),
                name="webhook_old_secret_ends",
            ),
        ]
        indexes = [models.Index(fields=["next_try_at"], name="webhook_due", condition=Q(state="active"))]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.get_state_display()}"

    def secrets(self, at: datetime) -> list[str]:
        """The secrets a message sent at `at` is signed with, the newest first."""
        old = self.old_secret_until is not None and at < self.old_secret_until
        return [self.secret, self.old_secret] if old else [self.secret]


class DeadLetter(models.Model):
    """A notice an address refused, or one about the same person behind it; somebody looks and decides.

    While one about a person waits, later ones about that person wait behind it: their order holds.
    """

    SEEN_BY = (with_row("communities_notices_notice", "notice_id"),)

    class State(models.TextChoices):
        WAITING = "waiting", "待处理"
        QUEUED = "queued", "正在重发"
        RESENT = "resent", "已重发"
        DROPPED = "dropped", "不再发送"

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="letters")
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="+")
    error = models.CharField("原因", max_length=200)
    attempts = models.PositiveIntegerField("试过", default=0)
    at = models.DateTimeField("时间")
    state = models.CharField("状态", max_length=10, choices=State, default=State.WAITING)
    words = models.CharField("处理说明", max_length=200, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("处理时间", null=True)

    class Meta:
        verbose_name = "未送达的通知"
        verbose_name_plural = "未送达的通知"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "notice"], name="dead_letter_once"),
            models.CheckConstraint(
                condition=~Q(state="dropped") | ~Q(words=""), name="dead_letter_dropped_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["webhook", "notice"],
                name="dead_letter_open",
                condition=Q(state__in=["waiting", "queued"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.webhook_id} {self.notice_id} {self.get_state_display()}"


class DigestWish(models.Model):
    """A member of staff wants one message a day with what waits for an organisation: figures, no names.

    `email` "" means no mail. The phone is that of the account.
    """

    SEEN_BY = (is_user("user_id"),)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="digest_wishes")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    by_text = models.BooleanField("短信", default=False)
    email = SealedField("邮箱", context="sync.digest_email")

    class Meta:
        verbose_name = "每日提醒"
        verbose_name_plural = "每日提醒"
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="digest_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.organisation_id}"
