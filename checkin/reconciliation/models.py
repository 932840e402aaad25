from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.organisations.models import Organisation
from communities.organisations.permissions import in_areas
from huifeng.accounts.models import User
from huifeng.rowscope.policies import FOR_A_BUREAU, is_ours
from members.people.models import Retiree


class ReconciliationRun(models.Model):
    """One reconciliation (对账): both sides' knowledge compared once, written down when it was over.

    `counts`: found by the key of the check; a check that found nothing has 0. Source: docs/rules.md, section R.
    """

    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("完成")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    repairs = models.BooleanField("补发通知", default=False)
    counts = models.JSONField("差异", default=dict)
    found = models.PositiveIntegerField("差异数", default=0)
    repaired = models.PositiveIntegerField("已补好", default=0)

    class Meta:
        verbose_name = "对账"
        verbose_name_plural = "对账"

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M} {self.found}"

    @property
    def left(self) -> int:
        """What is still to be settled."""
        return self.found - self.repaired


class DriftQuerySet(models.QuerySet["Drift"]):
    def within(self, area: str, user: User) -> "DriftQuerySet":
        """What a bureau of the area with code prefix `area` reads: the whole city's reads everything.

        A district's: organisations seated in its area, and people `user` may see. Source: docs/rules.md, R6.
        """
        if len(area) <= 4:
            return self
        people = Retiree.objects.visible_to(user).filter(pk__in=self.order_by().values("person"))
        return self.filter(
            in_areas("organisation__division__code", (area,)) | Q(person__in=people.values("pk"))
        )


class Drift(models.Model):
    """One thing that is not as it should be, as one run found it. Names no value of a person's data.

    `person`: pk of the retiree, no foreign key: a row may speak of somebody who does not exist.
    `organisation`: who does not know it, or whose desk or numbering it is. `repaired_at`: the same run put it right.
    """

    SEEN_BY = (FOR_A_BUREAU,)

    run = models.ForeignKey(ReconciliationRun, models.PROTECT, related_name="drifts", verbose_name="对账")
    check_key = models.CharField("项目", max_length=40)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="组织"
    )
    person = models.BigIntegerField(null=True)
    field = models.CharField("哪一项", max_length=60)
    expected = models.CharField("应为", max_length=100, blank=True)
    found = models.CharField("实为", max_length=100, blank=True)
    repaired_at = models.DateTimeField("补好时间", null=True)

    objects = DriftQuerySet.as_manager()

    class Meta:
        verbose_name = "差异"
        verbose_name_plural = "差异"
        indexes = [models.Index(fields=["run", "check_key", "id"], name="drift_of_check")]

    def __str__(self) -> str:
        return f"{self.check_key} {self.field}"


class PostedDigest(models.Model):
    """What an organisation's own system says it holds of our people at one moment (对账摘要).

    `items`: by the person's key {"version": …, "checkin": state or "", "community": code or ""}. Several rows with
    the same `run` are the parts of one posting; the newest run of an organisation is compared.
    """

    SEEN_BY = (is_ours("organisation_id"),)

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="posted_digests", verbose_name="组织"
    )
    run = models.CharField("批次", max_length=40)
    items = models.JSONField(default=dict)
    count = models.PositiveIntegerField("人数")
    posted_at = models.DateTimeField("提交时间")
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提交人"
    )

    class Meta:
        verbose_name = "对账摘要"
        verbose_name_plural = "对账摘要"
        indexes = [models.Index(fields=["organisation", "-id"], name="digest_newest")]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.run} {self.count}"
