from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.divisions.models import Division


class OrganisationQuerySet(models.QuerySet["Organisation"]):
    def open(self) -> "OrganisationQuerySet":
        return self.filter(closed_on=None)

    def within(self, area: str) -> "OrganisationQuerySet":
        """Organisations seated in the area with code prefix `area`."""
        return self.filter(division__code__startswith=area)


class Organisation(models.Model):
    """Whoever is addressed and acts: a bureau, a street, a community, a work unit, or one outside the system.

    A bureau's, street's or community's reach is its division; a unit's reach is its people.
    External organisations have no accounts: they are reached by signed link or on paper.
    """

    class Kind(models.TextChoices):
        BUREAU = "bureau", "老干部局"
        STREET = "street", "街道（镇）"
        COMMUNITY = "community", "社区（村）"
        UNIT = "unit", "单位"
        EXTERNAL_UNIT = "external_unit", "市外单位"
        EXTERNAL_COMMUNITY = "external_community", "市外社区"

    PLACE_KINDS = (Kind.BUREAU, Kind.STREET, Kind.COMMUNITY)

    code = models.CharField(
        "编码", max_length=20, unique=True, help_text="Division code for places, credit code for units."
    )
    kind = models.CharField("类别", max_length=20, choices=Kind)
    name = models.CharField("名称", max_length=100)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name="所在区划"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级（主管）"
    )
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    nature = models.CharField("单位性质", max_length=40, blank=True, help_text="code list unit_nature")
    tier = models.CharField("层级", max_length=40, blank=True, help_text="code list unit_tier")
    region = models.CharField("所在地（市外）", max_length=60, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    phone = models.CharField("电话", max_length=40, blank=True)
    contact = models.CharField("联系人", max_length=60, blank=True)
    hours = models.CharField("办公时间", max_length=100, blank=True)
    opened_on = models.DateField("设立日期", null=True, blank=True)
    closed_on = models.DateField("撤销日期", null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="承接单位"
    )

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "组织机构"
        verbose_name_plural = "组织机构"
        ordering = ["code"]
        indexes = [
            models.Index(
                fields=["division"], name="organisation_area_prefix", opclasses=["varchar_pattern_ops"]
            ),
            models.Index(fields=["kind", "name"], name="organisation_kind_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["division", "kind"],
                condition=Q(kind__in=["bureau", "street", "community"]),
                name="organisation_one_per_place",
            ),
            models.UniqueConstraint(
                fields=["credit_code"], condition=~Q(credit_code=""), name="organisation_credit_code_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["external_unit", "external_community"]) | Q(division__isnull=False),
                name="organisation_has_place_unless_external",
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | Q(closed_on__isnull=False),
                name="organisation_successor_only_when_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def area(self) -> str:
        """Code prefix of the places this bureau, street or community answers for."""
        return self.division.area  # type: ignore[union-attr]  # a constraint says it is there

    def oversees(self, other: "Organisation") -> bool:
        """Whether `other` is seated in the area of this bureau or street."""
        return other.division_id is not None and other.division_id.startswith(self.area)

    @property
    def is_external(self) -> bool:
        return self.kind in (self.Kind.EXTERNAL_UNIT, self.Kind.EXTERNAL_COMMUNITY)


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def active(self, on: date) -> "AssignmentQuerySet":
        """Assignments that hold on day `on`; the last day counts, unless it was ended in the course of that day."""
        whole = Q(valid_until=on, ended_at=None)
        return self.filter(Q(valid_until=None) | Q(valid_until__gt=on) | whole, valid_from__lte=on)


class Assignment(models.Model):
    """A user works for an organisation, from one day to another. One user may have several, and be a retiree
    too.
    """

    class Role(models.TextChoices):
        CLERK = "clerk", "经办人"
        LEAD = "lead", "负责人"

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="assignments", verbose_name="账号"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="assignments", verbose_name="组织"
    )
    role = models.CharField("岗位", max_length=10, choices=Role, default=Role.CLERK)
    valid_from = models.DateField("自")
    valid_until = models.DateField("至", null=True, blank=True)
    ended_at = models.DateTimeField("当场结束于", null=True, blank=True)  # at once, within the last day

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        verbose_name_plural = "任职"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(valid_until__isnull=True),
                name="assignment_one_open_per_user",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
                name="assignment_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation} · {self.get_role_display()}"
