import json

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from communities.organisations.models import Organisation
from communities.organisations.permissions import in_areas, is_system, standing_of
from communities.organisations.seats import seat_in_area
from huifeng.accounts.models import User
from huifeng.jobs.models import Job
from huifeng.rowscope.policies import is_user, with_row
from huifeng.sealed import SealedField
from members.people.models import bureau_areas


class Purpose(models.TextChoices):
    """What a list of people is taken out for."""

    VISIT = "visit", "走访慰问"
    CONTACT = "contact", "通知和联系"
    CHECK = "check", "核对名册"
    REPORT = "report", "上报材料"
    ACTIVITY = "activity", "组织活动"
    OTHER = "other", "其他"


class ExportOrder(models.Model):
    """Somebody asks for a list of people as a file. Rows are added and never changed (APPEND_ONLY).

    `key` is of the form that was sent: sent twice, it is one order. `filters` (the address of the page) may hold a
    name or a number, so they are sealed; `conditions` are the same in words, without what was typed.
    `revealing`: why ID numbers and phones are wanted in full; "" when they are masked.
    """

    APPEND_ONLY = True
    SEEN_BY = (is_user("by_id"), seat_in_area("organisation_id"))

    key = models.UUIDField(unique=True)
    job = models.OneToOneField(Job, models.PROTECT, related_name="+")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="export_orders", verbose_name="导出人"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="export_orders", verbose_name="单位"
    )
    side = models.CharField("页面", max_length=10)
    filters = SealedField(context="exports.filters")
    conditions = models.CharField("条件", max_length=300, blank=True)
    columns = ArrayField(models.CharField(max_length=40), verbose_name="内容")
    file_format = models.CharField("格式", max_length=8)
    purpose = models.CharField("用途", max_length=10, choices=Purpose)
    words = models.CharField("说明", max_length=200)
    revealing = models.CharField("完整号码的理由", max_length=200, blank=True)
    ordered_at = models.DateTimeField("申请时间", auto_now_add=True)

    class Meta:
        verbose_name = "导出申请"
        verbose_name_plural = "导出申请"
        indexes = [models.Index(fields=["by", "side", "-id"], name="export_order_last")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.get_purpose_display()}"

    @property
    def wanted(self) -> dict[str, str]:
        """The conditions as they stood in the address."""
        found: dict[str, str] = json.loads(self.filters or "{}")
        return found


class ExportLogQuerySet(models.QuerySet["ExportLog"]):
    def visible_to(self, user: User) -> "ExportLogQuerySet":
        """One's own exports; for a bureau those of every organisation in its area."""
        if is_system(user):
            return self
        areas = bureau_areas(standing_of(user))
        of_area = in_areas("order__organisation__division__code", areas)
        return self.filter(models.Q(order__by=user) | of_area)


class ExportLog(models.Model):
    """A list of people that was made: for whom, for what and of what stands in its `order`; here what came of it.

    Rows are added and never changed (APPEND_ONLY). `sha256` tells whether a file found somewhere is this one.
    """

    APPEND_ONLY = True
    SEEN_BY = (with_row("members_exports_exportorder", "order_id"),)

    order = models.OneToOneField(ExportOrder, models.PROTECT, related_name="log")
    rows = models.PositiveIntegerField("人数")
    sha256 = models.CharField("校验码", max_length=64)
    made_at = models.DateTimeField("导出时间", auto_now_add=True)

    objects = ExportLogQuerySet.as_manager()

    class Meta:
        verbose_name = "导出记录"
        verbose_name_plural = "导出记录"

    def __str__(self) -> str:
        return f"{self.order} {self.rows} 人"

    @property
    def is_revealed(self) -> bool:
        """Whether ID numbers and phones are in it in full."""
        return bool(self.order.revealing)
