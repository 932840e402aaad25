from collections.abc import Collection

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.organisations.models import Organisation
from communities.organisations.seats import seat_in_area
from huifeng.rowscope.policies import AREAS, is_ours, is_person


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unsigned(self, receivers: Collection[int]) -> "NoticeQuerySet":
        """What these organisations were sent and have to sign for (签收)."""
        return self.filter(receiver__in=receivers, state=Notice.State.DELIVERED, receipt_due_on__isnull=False)


class Notice(models.Model):
    """One fact owed to one organisation: the outbox, written in the transaction that made the fact.

    `key` names the fact, so the same fact is never owed twice to the same receiver.
    `person` is the pk of the retiree it is about (no foreign key: this floor knows no people).
    `data` says the fact to a program: names of a kind's values in docs/api.md, no ID number, no phone.
    `number` counts the receiver's notices from 1 without holes. It is given when the notice is relayed, after
    COMMIT, so that whoever reads "everything after number n" misses nothing; facts of one person keep their order.
    """

    SEEN_BY = (is_ours("receiver_id", "sender_id"), is_person("person"), seat_in_area("receiver_id", AREAS))

    class State(models.TextChoices):
        PENDING = "pending", "待送"
        DELIVERED = "delivered", "已送达"
        ACKNOWLEDGED = "acknowledged", "已签收"
        DISPUTED = "disputed", "有异议"

    # no index of their own on foreign keys: every one is written twice a notice, and nobody asks by them
    receiver = models.ForeignKey(
        Organisation, models.PROTECT, related_name="notices", db_index=False, verbose_name="收件组织"
    )
    sender = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name="发件组织",
        help_text="Who made the fact; NULL for the program. A dispute goes back there.",
    )
    key = models.CharField(max_length=120)
    kind = models.CharField("类别", max_length=40)
    person = models.BigIntegerField(null=True)
    words = models.CharField("内容", max_length=300)
    link = models.CharField(max_length=200, blank=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    state = models.CharField("状态", max_length=12, choices=State, default=State.PENDING)
    number = models.BigIntegerField("序号", null=True)
    delivered_at = models.DateTimeField("送达时间", null=True)
    receipt_due_on = models.DateField("应签收日期", null=True, help_text="NULL: needs no receipt.")
    answered_at = models.DateTimeField("签收时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name="签收人",
    )
    answer = models.CharField("异议", max_length=300, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "通知"
        verbose_name_plural = "通知"
        constraints = [
            models.UniqueConstraint(fields=["receiver", "key"], name="notice_fact_once_per_receiver"),
            models.UniqueConstraint(fields=["receiver", "number"], name="notice_number_once_per_receiver"),
            models.CheckConstraint(
                condition=Q(state="pending", number__isnull=True, delivered_at__isnull=True)
                | ~Q(state="pending") & Q(number__isnull=False, delivered_at__isnull=False),
                name="notice_numbered_when_delivered",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["pending", "delivered"], answered_at__isnull=True, answered_by__isnull=True
                )
                | Q(
                    state__in=["acknowledged", "disputed"],
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                ),
                name="notice_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="disputed") | ~Q(answer=""), name="notice_dispute_has_words"
            ),
        ]
        indexes = [
            models.Index(fields=["receiver", "-created_at"], name="notice_newest"),
            models.Index(fields=["id"], name="notice_to_relay", condition=Q(state="pending")),
            models.Index(fields=["person", "-created_at"], name="notice_of_person"),
            models.Index(
                fields=["receiver", "receipt_due_on"],
                name="notice_without_receipt",
                condition=Q(state="delivered", receipt_due_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receiver_id} {self.kind}"


class Mailbox(models.Model):
    """The last number given to an organisation's notices. Locked while more are numbered."""

    organisation = models.OneToOneField(
        Organisation, models.PROTECT, primary_key=True, related_name="mailbox", verbose_name="组织"
    )
    last_number = models.BigIntegerField("最后序号", default=0)

    class Meta:
        verbose_name = "信箱"
        verbose_name_plural = "信箱"

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.last_number}"
