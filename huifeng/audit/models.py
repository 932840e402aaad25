from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from huifeng.rowscope.policies import is_about_person, is_user


class AuditEntry(models.Model):
    """One thing somebody did or saw. No foreign keys: it outlives what it speaks of.

    The running database role may add rows and read them, nothing else (APPEND_ONLY).
    """

    APPEND_ONLY = True
    SEEN_BY = (is_user("actor_id"), is_about_person("members_people.retiree"))

    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField()
    actor = models.CharField(max_length=100)
    organisation_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    note = models.CharField(max_length=1200, blank=True, help_text="200 characters, perhaps sealed")
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "留痕"
        verbose_name_plural = "留痕"
        indexes = [
            models.Index(fields=["target_type", "target_id", "at"], name="audit_by_target"),
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
            models.Index(fields=["organisation_id", "at"], name="audit_by_organisation"),
            BrinIndex(fields=["at"], name="audit_by_time", pages_per_range=32, autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.target_type} {self.target_id}"


class AuditSeal(models.Model):
    """A link of the chain over the audit: up to 1,000 entries nobody can change, remove or reorder unseen.

    `hash`: SHA-256 over `previous` (the hash of the seal before, 32 zero bytes for the first) and the canonical
    content of each entry in the order of `entries` (canonical.py). `highest`: the highest id in this or any
    earlier seal. `marks`: the first 8 bytes of the SHA-256 of each entry, to name the entry when a hash differs.
    Source: docs/security.md, Audit.
    """

    APPEND_ONLY = True
    NOTHING_BEFORE = bytes(32)

    number = models.BigIntegerField("编号", primary_key=True)
    at = models.DateTimeField("封存时间", db_index=True)
    entries = ArrayField(models.BigIntegerField())
    highest = models.BigIntegerField()
    marks = models.BinaryField()
    previous = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = "留痕封存"
        verbose_name_plural = "留痕封存"

    def __str__(self) -> str:
        return f"{self.number}"


class AuditAnchor(models.Model):
    """What went out of the database's reach on a day: the newest seal's number and hash."""

    APPEND_ONLY = True

    day = models.DateField("日期", unique=True)
    number = models.BigIntegerField("封存编号")
    hash = models.BinaryField(max_length=32)
    at = models.DateTimeField("送出时间")

    class Meta:
        verbose_name = "留痕锚点"
        verbose_name_plural = "留痕锚点"

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """NUMBER:HASH, as `verify_audit --anchor` takes it. In groups of four, which no log blots out as a phone."""
        digits = bytes(self.hash).hex()
        return f"{self.number}:{'-'.join(digits[at : at + 4] for at in range(0, 64, 4))}"


class AuditCheck(models.Model):
    """One verification of the whole chain, as it came out.

    `broken`: at most the first 1,000 findings, each {"seal", "entry", "what"}; empty when everything holds.
    """

    APPEND_ONLY = True

    at = models.DateTimeField("核对时间", db_index=True)
    entries = models.BigIntegerField("留痕条数")
    sealed = models.BigIntegerField("已封存")
    unsealed = models.BigIntegerField("待封存")
    seals = models.BigIntegerField("封存数")
    broken = models.JSONField("不符", default=list)
    seconds = models.FloatField("用时（秒）")

    class Meta:
        verbose_name = "留痕核对"
        verbose_name_plural = "留痕核对"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {len(self.broken)}"
