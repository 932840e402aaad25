from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class DivisionQuerySet(models.QuerySet["Division"]):
    def within(self, area: str) -> "DivisionQuerySet":
        """Those in the area with code prefix `area`: "3702" city, "370202" district, "370202001" street."""
        return self.filter(code__startswith=area)

    def open(self) -> "DivisionQuerySet":
        return self.filter(closed_on=None)


class Division(models.Model):
    """A place of the state's register: province, city, district, street or community (村 and 社区 alike).

    The pk is the 12-digit code of the statistics bureau (NBS). A prefix of it is the area, so scope and
    roll-up are prefix tests. Communities a district adds by hand get a serial from 900 up, which NBS never
    uses.
    """

    class Level(models.TextChoices):
        PROVINCE = "province", "省"
        CITY = "city", "市"
        DISTRICT = "district", "区市"
        STREET = "street", "街道（镇）"
        COMMUNITY = "community", "社区（村）"

    PREFIX = {Level.PROVINCE: 2, Level.CITY: 4, Level.DISTRICT: 6, Level.STREET: 9, Level.COMMUNITY: 12}

    code = models.CharField("代码", max_length=12, primary_key=True)
    level = models.CharField("级别", max_length=10, choices=Level)
    name = models.CharField("全称", max_length=60)
    short_name = models.CharField(
        "简称", max_length=60, help_text="湛山社区, without 居民委员会 and the like"
    )
    stem = models.CharField(max_length=60, db_index=True, help_text="湛山: what an address holds of the name")
    sound = models.CharField(max_length=60, help_text="names.sound_of(stem)")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name="上级"
    )
    is_virtual = models.BooleanField(
        "虚拟社区", default=False, help_text="Made for statistics (code …498, …598); nobody lives in it."
    )
    added_by_hand = models.BooleanField("手工新增", default=False)
    renamed_by_hand = models.BooleanField(
        "手工改名", default=False, help_text="The register's name is not taken over again."
    )
    closed_on = models.DateField("撤销日期", null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="predecessors", verbose_name="并入"
    )

    objects = DivisionQuerySet.as_manager()

    class Meta:
        # fastupdate off: a list of pending entries would be searched by every look-up until the next vacuum
        verbose_name = "区划"
        verbose_name_plural = "区划"
        ordering = ["code"]
        indexes = [
            models.Index(fields=["code"], name="division_code_prefix", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["level", "code"], name="division_level_code"),
            GinIndex(
                fields=["sound"], name="division_sound_trigrams", opclasses=["gin_trgm_ops"], fastupdate=False
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^\d{12}$"), name="division_code_is_12_digits"),
            models.CheckConstraint(
                condition=Q(level="province") | Q(parent__isnull=False), name="division_has_parent"
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | Q(closed_on__isnull=False),
                name="division_successor_only_when_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name

    @property
    def area(self) -> str:
        """The prefix that every code inside this division starts with."""
        return self.code[: self.PREFIX[self.Level(self.level)]]


class DivisionAlias(models.Model):
    """A name in use that is not the legal one (西海岸新区 for 黄岛区), or was (胶南市)."""

    class Kind(models.TextChoices):
        FUNCTIONAL = "functional", "日常用名"
        FORMER = "former", "旧名"

    alias = models.CharField("别名", max_length=60)
    division = models.ForeignKey(Division, models.CASCADE, related_name="aliases", verbose_name="区划")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    is_certain = models.BooleanField(
        "整体归入",
        default=True,
        help_text="False: only part of the old area lies here, so the name decides nothing.",
    )
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "区划别名"
        verbose_name_plural = "区划别名"
        constraints = [models.UniqueConstraint(fields=["alias", "division"], name="division_alias_once")]

    def __str__(self) -> str:
        return f"{self.alias} → {self.division.name}"


class NamedPlace(models.Model):
    """A 小区, road stretch or hamlet that belongs to a community: what people know of their address.

    For a road, `number_from`…`number_to` and `parity` tell which house numbers are the community's.
    """

    class Kind(models.TextChoices):
        ESTATE = "estate", "小区"
        ROAD = "road", "道路"
        OTHER = "other", "其他地名"

    class Parity(models.TextChoices):
        ALL = "all", "单双号"
        ODD = "odd", "单号"
        EVEN = "even", "双号"

    community = models.ForeignKey(Division, models.CASCADE, related_name="places", verbose_name="社区")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    name = models.CharField("名称", max_length=60)
    sound = models.CharField(max_length=60, editable=False, help_text="names.sound_of(name)")
    number_from = models.PositiveIntegerField("门牌起", null=True, blank=True)
    number_to = models.PositiveIntegerField("门牌止", null=True, blank=True)
    parity = models.CharField("单双号", max_length=4, choices=Parity, default=Parity.ALL)

    class Meta:
        verbose_name = "小区与道路"
        verbose_name_plural = "小区与道路"
        ordering = ["kind", "name", "number_from"]
        indexes = [
            models.Index(fields=["name"], name="place_name"),
            GinIndex(
                fields=["sound"], name="place_sound_trigrams", opclasses=["gin_trgm_ops"], fastupdate=False
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["community", "kind", "name", "number_from", "number_to", "parity"],
                name="place_once_per_community",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(number_from__isnull=True, number_to__isnull=True)
                | Q(number_from__lte=models.F("number_to")),
                name="place_numbers_in_order",
            ),
        ]

    def __str__(self) -> str:
        if self.number_from is None:
            return self.name
        return f"{self.name} {self.number_from}-{self.number_to} 号（{self.get_parity_display()}）"
