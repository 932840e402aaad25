from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.organisations.models import Organisation
from communities.organisations.seats import seat_in_area
from huifeng.rowscope.policies import is_ours, is_person, of_person
from members.people.models import Retiree


class ConsentWithdrawal(models.Model):
    """The person no longer agrees (撤回同意). Rows are added; agreeing again is the next check-in's (rules G1).

    `on_paper`: said at a counter, on a paper that `by`, a member of staff, holds.
    """

    SEEN_BY = (is_person("retiree_id"), of_person("retiree_id"))

    retiree = models.ForeignKey(
        Retiree, models.PROTECT, related_name="consent_withdrawals", verbose_name="老同志"
    )
    at = models.DateTimeField("撤回时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    on_paper = models.BooleanField("书面", default=False)
    consent_text = models.CharField("撤回的同意书版本", max_length=20, blank=True)

    class Meta:
        verbose_name = "撤回同意"
        verbose_name_plural = "撤回同意"
        indexes = [models.Index(fields=["retiree", "-id"], name="consent_withdrawn_by_person")]

    def __str__(self) -> str:
        return f"{self.retiree_id} {self.at:%Y-%m-%d}"


class ErasureRequest(models.Model):
    """Somebody asks that a person's data be erased (申请删除), or its time is over; a bureau (`desk`) decides.

    `words`: why, as the person wrote it; emptied by the erasure. `reason` is the bureau's and stays: it names nobody.
    Source: docs/rules.md, G4–G7.
    """

    SEEN_BY = (is_person("retiree_id"), is_ours("desk_id"), seat_in_area("desk_id"))

    class State(models.TextChoices):
        OPEN = "open", "待决定"
        TAKEN_BACK = "taken_back", "已撤回"
        REFUSED = "refused", "未同意"
        DONE = "done", "已删除"

    class Source(models.TextChoices):
        PERSON = "person", "本人"
        HELPER = "helper", "家人帮办"
        STAFF = "staff", "工作人员代收"
        RETENTION = "retention", "保存期满"

    retiree = models.ForeignKey(
        Retiree, models.PROTECT, related_name="erasure_requests", verbose_name="老同志"
    )
    source = models.CharField("谁提出", max_length=10, choices=Source)
    words = models.CharField("原因", max_length=300, blank=True)
    desk = models.ForeignKey(
        Organisation, models.PROTECT, related_name="erasure_requests", verbose_name="决定单位"
    )
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("申请时间")
    due_on = models.DateField("最晚答复")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("决定时间", null=True)
    reason = models.CharField("决定的理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "删除信息的申请"
        verbose_name_plural = "删除信息的申请"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree"], condition=Q(state="open"), name="erasure_one_open_per_person"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True, decided_by__isnull=True)
                | ~Q(state="open") & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="erasure_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "done"]) | ~Q(reason=""),
                name="erasure_decided_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["desk", "due_on"], name="erasure_queue", condition=Q(state="open")),
            models.Index(fields=["desk", "-id"], name="erasure_by_desk"),
        ]

    def __str__(self) -> str:
        return f"{self.retiree_id} {self.get_state_display()}"

    def is_late(self, today: date) -> bool:
        return self.state == self.State.OPEN and self.due_on < today
