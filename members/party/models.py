from django.db import models
from django.db.models import Q

from communities.organisations.models import Organisation
from huifeng.rowscope.policies import is_person, of_person
from members.people.models import Retiree


class PartyOrganisation(models.Model):
    """A Party organisation (党组织): a branch or committee of a unit, a community, a 小区 or a building."""

    class Kind(models.TextChoices):
        COMMITTEE = "committee", "党委"
        GENERAL_BRANCH = "general_branch", "党总支"
        BRANCH = "branch", "党支部"
        JOINT_BRANCH = "joint_branch", "联合党支部"
        GROUP = "group", "党小组"

    name = models.CharField("名称", max_length=100)
    kind = models.CharField("类别", max_length=20, choices=Kind)
    host = models.ForeignKey(
        Organisation, models.PROTECT, related_name="party_organisations", verbose_name="所在单位或社区"
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级党组织"
    )
    assisted_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assisted",
        verbose_name="协管党组织",
        help_text="The bureau's own 总支 that helps to run it (三重管理).",
    )
    seats = models.PositiveSmallIntegerField("班子职数", null=True, blank=True)
    term_from = models.DateField("本届自", null=True, blank=True)
    term_ends_on = models.DateField("届满日期", null=True, blank=True)
    founded_on = models.DateField("成立日期", null=True, blank=True)
    closed_on = models.DateField("撤销日期", null=True, blank=True)

    class Meta:
        verbose_name = "党组织"
        verbose_name_plural = "党组织"
        constraints = [
            models.UniqueConstraint(fields=["host", "name"], name="party_name_once_per_host"),
            models.CheckConstraint(
                condition=Q(term_ends_on__isnull=True) | Q(term_from__lt=models.F("term_ends_on")),
                name="party_term_in_order",
            ),
        ]
        indexes = [models.Index(fields=["host", "term_ends_on"], name="party_terms_by_host")]

    def __str__(self) -> str:
        return self.name


class PartyAffiliation(models.Model):
    """A member belongs to a branch (formal, one: 一方隶属) or takes part in one (参加多重组织生活)."""

    SEEN_BY = (is_person("retiree_id"), of_person("retiree_id"))

    class Kind(models.TextChoices):
        FORMAL = "formal", "组织关系隶属"
        PARTICIPATION = "participation", "参加组织生活"

    class Post(models.TextChoices):
        NONE = "", "无"
        SECRETARY = "secretary", "书记"
        DEPUTY = "deputy", "副书记"
        MEMBER = "member", "委员"
        BUILDING_LEADER = "building_leader", "楼宇党小组长"

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="affiliations", verbose_name="老同志")
    organisation = models.ForeignKey(
        PartyOrganisation, models.PROTECT, related_name="affiliations", verbose_name="党组织"
    )
    kind = models.CharField("关系", max_length=15, choices=Kind)
    post = models.CharField("职务", max_length=20, choices=Post, blank=True)
    post_from = models.DateField("任职自", null=True, blank=True)
    valid_from = models.DateField("自")
    valid_until = models.DateField("至（不含）", null=True, blank=True)
    ended_by_death = models.BooleanField("因去世终止", default=False)

    class Meta:
        verbose_name = "党组织关系"
        verbose_name_plural = "党组织关系"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree"],
                condition=Q(kind="formal", valid_until__isnull=True),
                name="affiliation_one_formal_per_person",
            ),
            models.UniqueConstraint(
                fields=["retiree", "organisation"],
                condition=Q(valid_until__isnull=True),
                name="affiliation_once_per_organisation",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=models.F("valid_from")),
                name="affiliation_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(post="", post_from__isnull=True) | ~Q(post="") & Q(post_from__isnull=False),
                name="affiliation_post_has_its_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "post"],
                condition=Q(valid_until__isnull=True),
                name="affiliation_posts_held",
            )
        ]

    def __str__(self) -> str:
        return f"{self.retiree} · {self.organisation} · {self.get_kind_display()}"
