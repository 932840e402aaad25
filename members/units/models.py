from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Func, Q

from communities.organisations.models import Organisation
from members.people.models import Retiree


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class UnitMembershipQuerySet(models.QuerySet["UnitMembership"]):
    def open(self) -> "UnitMembershipQuerySet":
        """The memberships that hold now (现管单位)."""
        return self.filter(valid_until=None)


class UnitMembership(models.Model):
    """Which unit manages a retiree (现管单位), from a day up to, not including, another. Never two at once.

    The original unit's name and post stay as text on the person: a reorganisation changes who manages,
    not where somebody worked.
    """

    class Cause(models.TextChoices):
        ROSTER = "roster", "名册"
        VERIFIED = "verified", "单位核实"
        REORGANISED = "reorganised", "单位撤并"
        TRANSFERRED = "transferred", "转入"

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="memberships", verbose_name="老同志")
    unit = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name="现管单位"
    )
    valid_from = models.DateField("自")
    valid_until = models.DateField("至（不含）", null=True, blank=True)
    cause = models.CharField("来由", max_length=12, choices=Cause, default=Cause.ROSTER)
    document = models.CharField("文号", max_length=100, blank=True)

    objects = UnitMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "现管单位"
        verbose_name_plural = "现管单位"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree"],
                condition=Q(valid_until__isnull=True),
                name="membership_one_open_per_person",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=models.F("valid_from")),
                name="membership_dates_in_order",
            ),
            ExclusionConstraint(
                name="membership_no_overlap",
                expressions=[
                    ("retiree", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "retiree"], name="membership_open_by_unit", condition=Q(valid_until=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.retiree} @ {self.unit}"
