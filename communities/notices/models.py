from django.db import models

from communities.organisations.models import Organisation


class Notice(models.Model):
    """One fact owed to one organisation: the outbox, written in the transaction that made the fact.

    `key` names the fact, so the same fact is never owed twice to the same receiver.
    `person` is the pk of the retiree it is about (no foreign key: this floor knows no people).
    """

    receiver = models.ForeignKey(
        Organisation, models.PROTECT, related_name="notices", verbose_name="收件组织"
    )
    key = models.CharField(max_length=120)
    kind = models.CharField("类别", max_length=40)
    person = models.BigIntegerField(null=True)
    words = models.CharField("内容", max_length=300)
    link = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        constraints = [
            models.UniqueConstraint(fields=["receiver", "key"], name="notice_fact_once_per_receiver"),
        ]
        indexes = [models.Index(fields=["receiver", "-created_at"], name="notice_newest")]

    def __str__(self) -> str:
        return f"{self.receiver_id} {self.kind}"
