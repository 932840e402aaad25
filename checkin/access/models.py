from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.organisations.models import Organisation
from communities.organisations.seats import seat_in_area


class AccessAlert(models.Model):
    """Somebody looked at people's data in an unusual way: raised once for a reader, kind and day, then looked into.

    `number`: how much, as the kind counts it, when it was raised. `day`: in Shanghai; a night belongs to the day it
    began on. Names nobody who was looked at: the audit does. Source: docs/rules.md, W3 and W4.
    """

    SEEN_BY = (seat_in_area("bureau_id"),)

    class Kind(models.TextChoices):
        MANY = "many", "一小时内查看的人多"
        LISTS = "lists", "一小时内翻看的名单多"
        NIGHT = "night", "夜间查看"
        OUTSIDE = "outside", "查看本辖区以外的人"

    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="查看人"
    )
    office = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="查看人所在组织")
    bureau = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="核实的老干部局")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    day = models.DateField("日期")
    number = models.PositiveIntegerField("数量")
    first_at = models.DateTimeField("从")
    last_at = models.DateTimeField("到")
    raised_at = models.DateTimeField("提醒时间")
    checked_at = models.DateTimeField("核实时间", null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="核实人"
    )
    words = models.CharField("核实情况", max_length=300, blank=True)

    class Meta:
        verbose_name = "异常查看提醒"
        verbose_name_plural = "异常查看提醒"
        constraints = [
            models.UniqueConstraint(fields=["reader", "kind", "day"], name="access_alert_once_a_day"),
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True, checked_by__isnull=True, words="")
                | Q(checked_at__isnull=False, checked_by__isnull=False) & ~Q(words=""),
                name="access_alert_checked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.reader_id} {self.kind}"
