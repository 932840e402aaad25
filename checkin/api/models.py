import hmac
from datetime import date, datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.rowscope.policies import is_user
from huifeng.sealed import KeyedHashField, SealedField

SCHEME = "hf"  # what every token begins with, so that scanners of leaked secrets know it


class Purpose(models.TextChoices):
    """What a token may be used for. Each says what the other system gets, so that nobody ticks all four."""

    CHANGES = "changes", "接收变动（拉取通知，签收或提出异议）"
    READ = "read", "查询（人员、报到、更正建议，号码只显示一部分）"
    IDENTITY = "identity", "完整证件号和电话（逐人查询，每次都有记录）"
    WRITE = "write", "提交变动（改资料、办报到、对账）"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def in_use(self, at: datetime) -> "ApiTokenQuerySet":
        return self.filter(revoked_at=None, expires_at__gt=at)


class ApiToken(models.Model):
    """One outside system's way in, for one organisation: `hf_<prefix>_<secret>`, shown once.

    Only the SHA-256 of the secret is kept: it has 256 random bits, so nothing slower is needed. `account` acts:
    a user of its own with an assignment to the organisation, so every permission holds unchanged; it cannot log
    in. A rotated token keeps the account and lives on for a week beside `replaced_by`.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="api_tokens", verbose_name="组织"
    )
    name = models.CharField("对接系统名称", max_length=40)
    purposes = ArrayField(models.CharField(max_length=10, choices=Purpose), verbose_name="用途")
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_tokens")
    key = models.UUIDField(unique=True, help_text="Of the form it was asked with: sent twice, made once.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="建立人"
    )
    created_at = models.DateTimeField("建立时间")
    expires_at = models.DateTimeField("有效期至")
    last_used_at = models.DateTimeField("最近使用", null=True)
    replaced_by = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaces", verbose_name="新令牌"
    )
    revoked_at = models.DateTimeField("停用时间", null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="停用人"
    )
    revoked_why = models.CharField("停用原因", max_length=100, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "接口令牌"
        verbose_name_plural = "接口令牌"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_token_dates_in_order"
            ),
            models.CheckConstraint(condition=~Q(purposes=[]), name="api_token_has_a_purpose"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True, revoked_why="")
                | Q(revoked_at__isnull=False, revoked_by__isnull=False) & ~Q(revoked_why=""),
                name="api_token_revoked_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "-id"], name="api_token_of_organisation")]

    def __str__(self) -> str:
        return f"{self.name} {SCHEME}_{self.prefix}"

    def is_secret(self, secret: str) -> bool:
        return hmac.compare_digest(bytes(self.secret_hash), sha256(secret.encode()).digest())

    def is_for(self, purpose: Purpose) -> bool:
        return purpose in self.purposes

    def has_expired(self, at: datetime) -> bool:
        return at >= self.expires_at

    @property
    def purpose_titles(self) -> list[str]:
        """In a word each; the form says the rest."""
        return [Purpose(purpose).label.partition("（")[0] for purpose in self.purposes]

    @property
    def last_day(self) -> date:
        """The last day on which it lets in, at least in part."""
        return timezone.localdate(self.expires_at - timedelta(seconds=1))


class IdempotentRequest(models.Model):
    """One write that was done, with its answer: the same key again gets the same answer and does nothing.

    Written in the transaction of the act, so there is never one without the other; a refusal did nothing and is
    not kept. It belongs to the account and not to the token, so that a retry with the rotated token finds it.
    `fingerprint`: keyed hash of method, path and body; the body of the answer is sealed, it names people.
    """

    SEEN_BY = (is_user("account_id"),)

    account = models.ForeignKey(User, models.PROTECT, related_name="+")
    token = models.ForeignKey(ApiToken, models.PROTECT, related_name="+")
    key = models.CharField(max_length=128)
    fingerprint = KeyedHashField(max_length=32, lives=timedelta(days=7))
    status = models.PositiveSmallIntegerField(default=0)
    body = SealedField(context="api.answer")
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "接口请求"
        verbose_name_plural = "接口请求"
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="api_request_once_per_key")]
        indexes = [models.Index(fields=["created_at"], name="api_request_by_age")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.key}"
