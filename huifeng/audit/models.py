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
    note = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "留痕"
        verbose_name_plural = "留痕"
        indexes = [
            models.Index(fields=["target_type", "target_id", "at"], name="audit_by_target"),
            models.Index(fields=["actor_id", "at"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.target_type} {self.target_id}"
