from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from communities.organisations.models import Organisation
from communities.organisations.seats import seat_among
from huifeng.rowscope.policies import but_of_restricted, is_ours, is_person, is_user, of_person, with_row
from huifeng.sealed import SealedField
from members.people.models import Retiree
from services.presets.models import Preset

FOLLOW_UP, DROP_IN, HOSPITAL = "follow_up", "drop_in", "hospital"  # presets that the program itself names


class Attention(models.TextChoices):
    """How closely somebody is looked after (三类分级)."""

    FOCUS = "focus", "重点关注"
    REGULAR = "regular", "定期关注"
    DAILY = "daily", "日常跟踪"


class CarePreset(Preset):
    """What makes a visit due, or names the seats around a person. `mode` says which of the settings count:

    rhythm: `every` for `whom` (of `team`: who has that team); care_class: `days` after the last visit for people of
    `attention`; occasion: `working_days` after it is recorded; team: `seats`, parted by 、; campaign: `standard` in
    yuan a head. `responsible`: who goes first, the other side when there is none.
    """

    class Mode(models.TextChoices):
        RHYTHM = "rhythm", "定期"
        CARE_CLASS = "care_class", "分级"
        OCCASION = "occasion", "遇事"
        TEAM = "team", "专班"
        CAMPAIGN = "campaign", "集中走访"

    class Whom(models.TextChoices):
        NOBODY = "", "不适用"
        EVERYBODY = "everybody", "全体"
        LIXIU = "lixiu", "离休干部"
        RESETTLED = "resettled", "易地安置"
        TEAM = "team", "有专班的"

    class Every(models.TextChoices):
        NEVER = "", "不适用"
        WEEK = "week", "每周"
        MONTH = "month", "每月"
        QUARTER = "quarter", "每季度"
        YEAR = "year", "每年"

    class Responsible(models.TextChoices):
        COMMUNITY = "community", "社区，没有报到的由单位"
        UNIT = "unit", "单位，没有单位的由社区"

    mode = models.CharField("方式", max_length=10, choices=Mode)
    whom = models.CharField("对象", max_length=10, choices=Whom, blank=True, default="")
    team = models.CharField("专班标识", max_length=40, blank=True)
    every = models.CharField("周期", max_length=10, choices=Every, blank=True, default="")
    attention = models.CharField("分级", max_length=10, choices=Attention, blank=True)
    days = models.PositiveSmallIntegerField("间隔天数", default=0)
    working_days = models.PositiveSmallIntegerField("几个工作日内", default=0)
    seats = models.CharField("席位", max_length=100, blank=True, help_text="用顿号隔开")
    standard = models.DecimalField("标准（元/人）", max_digits=8, decimal_places=2, default=Decimal(0))
    responsible = models.CharField(
        "由谁走访", max_length=10, choices=Responsible, default=Responsible.COMMUNITY
    )

    class Meta(Preset.Meta):
        verbose_name = "关心照顾机制"
        verbose_name_plural = "关心照顾机制"

    def clean(self) -> None:
        """A mechanism has the settings its mode reads."""
        wanted = {
            self.Mode.RHYTHM: ("whom", "every"),
            self.Mode.CARE_CLASS: ("attention", "days"),
            self.Mode.TEAM: ("seats",),
        }.get(self.Mode(self.mode), ())
        missing = [name for name in wanted if not getattr(self, name)]
        if missing:
            raise ValidationError(dict.fromkeys(missing, "这种方式要填这一项。"))

    @property
    def seat_names(self) -> list[str]:
        return [name for name in self.seats.split("、") if name]


class CareClass(models.Model):
    """How closely somebody is looked after since a day, and who said so. Why: in a CareNote."""

    SEEN_BY = (is_person("retiree_id"), of_person("retiree_id"))

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="care_classes", verbose_name="老同志")
    attention = models.CharField("分级", max_length=10, choices=Attention)
    since = models.DateField("自")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="定级人"
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="定级单位")
    ended_on = models.DateField("至", null=True)
    ended_reason = models.CharField(max_length=10, blank=True)

    class Meta:
        verbose_name = "关心分级"
        verbose_name_plural = "关心分级"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree"], condition=Q(ended_on=None), name="care_class_one_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retiree_id} {self.get_attention_display()}"


class CareTeam(models.Model):
    """The people around one person (一对一专班, 一人一卡), of one preset, until it ends."""

    SEEN_BY = (is_person("retiree_id"), of_person("retiree_id"))

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="care_teams", verbose_name="老同志")
    preset = models.ForeignKey(CarePreset, models.PROTECT, related_name="teams", verbose_name="机制")
    formed_on = models.DateField("组成日期")
    ended_on = models.DateField("结束日期", null=True)
    ended_reason = models.CharField(max_length=10, blank=True)

    class Meta:
        verbose_name = "关心专班"
        verbose_name_plural = "关心专班"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree", "preset"], condition=Q(ended_on=None), name="care_team_once_per_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retiree_id} {self.preset}"


class CareSeat(models.Model):
    """One seat of a team; without a `name` it is empty and stands on the list of empty seats.

    The phone is an office's, which the person may call: it is no secret to who sees the person.
    """

    SEEN_BY = (with_row("services_care_careteam", "team_id"),)

    team = models.ForeignKey(CareTeam, models.PROTECT, related_name="seats", verbose_name="专班")
    place = models.PositiveSmallIntegerField("次序")
    title = models.CharField("席位", max_length=40)
    name = models.CharField("姓名", max_length=30, blank=True)
    post = models.CharField("职务", max_length=60, blank=True)
    phone = models.CharField("联系电话", max_length=20, blank=True)

    class Meta:
        verbose_name = "专班席位"
        verbose_name_plural = "专班席位"
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["team", "place"], name="care_seat_once_per_team"),
        ]
        indexes = [models.Index(fields=["team"], name="care_seat_empty", condition=Q(name=""))]

    def __str__(self) -> str:
        return f"{self.title} {self.name}"


class Campaign(models.Model):
    """Everybody of an area or a unit is visited around one day (春节慰问): as many lines as people.

    `people` is how many were listed; the budget is that times `standard`.
    """

    preset = models.ForeignKey(CarePreset, models.PROTECT, related_name="campaigns", verbose_name="机制")
    title = models.CharField("名称", max_length=60)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="care_campaigns", verbose_name="发起单位"
    )
    due_on = models.DateField("送达期限")
    standard = models.DecimalField("标准（元/人）", max_digits=8, decimal_places=2, default=Decimal(0))
    people = models.PositiveIntegerField("人数", default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = "集中走访"
        verbose_name_plural = "集中走访"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "preset", "due_on"], name="care_campaign_once_per_day"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def budget(self) -> Decimal:
        return self.people * self.standard


class Visit(models.Model):
    """Somebody went to see the person: day and figures, which both sides may know. The words are a CareNote.

    It answers every line of the same mechanism that was due (`obligations`). `opinions` and how many of them were
    `solved` are counts; `worth` is what was brought, in yuan.
    """

    SEEN_BY = (
        is_person("retiree_id"),
        but_of_restricted("retiree_id", is_ours("organisation_id"), seat_among("organisation_id")),
        of_person("retiree_id"),
    )

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="visits", verbose_name="老同志")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="care_visits", verbose_name="走访单位"
    )
    visited_on = models.DateField("走访日期")
    opinions = models.PositiveSmallIntegerField("意见建议", default=0)
    solved = models.PositiveSmallIntegerField("已解决", default=0)
    worth = models.DecimalField("慰问金和物品（元）", max_digits=8, decimal_places=2, default=Decimal(0))
    next_on = models.DateField("下次走访", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="记录人")
    recorded_at = models.DateTimeField("记录时间")
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "走访"
        verbose_name_plural = "走访"
        constraints = [
            models.CheckConstraint(
                condition=Q(solved__lte=F("opinions")), name="care_visit_solved_of_opinions"
            ),
            models.CheckConstraint(
                condition=Q(next_on=None) | Q(next_on__gt=F("visited_on")), name="care_visit_next_is_later"
            ),
        ]
        indexes = [
            models.Index(fields=["retiree", "-visited_on"], name="care_visit_of_person"),
            models.Index(fields=["visited_on", "organisation"], name="care_visit_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.visited_on}"


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def open(self) -> "ObligationQuerySet":
        return self.filter(state=Obligation.State.DUE)

    def late(self, today: date) -> "ObligationQuerySet":
        return self.open().filter(due_on__lt=today)


class Obligation(models.Model):
    """A visit that is due by a day, owed by an organisation. Once for a person, mechanism and `period`.

    `period`: the first day of the week, month, quarter or year; the class and the day from which its interval
    counts; the day of the occasion; the campaign. A line that gives way to another keeps its place in history
    with "~" behind its period.
    """

    SEEN_BY = (
        is_person("retiree_id"),
        but_of_restricted("retiree_id", is_ours("organisation_id"), seat_among("organisation_id")),
        of_person("retiree_id"),
    )

    class State(models.TextChoices):
        DUE = "due", "待走访"
        DONE = "done", "已走访"
        ENDED = "ended", "不再需要"

    class Ended(models.TextChoices):
        NO = "", ""
        DEATH = "death", "去世"
        CLASS = "class", "分级变更"
        TEAM = "team", "专班结束"
        MERGED = "merged", "档案合并"
        UNDONE = "undone", "走访撤销"

    retiree = models.ForeignKey(
        Retiree, models.PROTECT, related_name="care_obligations", verbose_name="老同志"
    )
    preset = models.ForeignKey(CarePreset, models.PROTECT, related_name="obligations", verbose_name="机制")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="care_obligations", verbose_name="走访单位"
    )
    period = models.CharField(max_length=40)
    opened_on = models.DateField("开始日期")
    due_on = models.DateField("最晚走访")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DUE)
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, related_name="obligations", verbose_name="走访"
    )
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, related_name="obligations", verbose_name="集中走访"
    )
    ended_reason = models.CharField(max_length=10, choices=Ended, blank=True, default="")

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = "应走访"
        verbose_name_plural = "应走访"
        constraints = [
            models.UniqueConstraint(fields=["retiree", "preset", "period"], name="care_obligation_once"),
            models.CheckConstraint(
                condition=Q(state="done", visit__isnull=False) | ~Q(state="done") & Q(visit__isnull=True),
                name="care_obligation_done_by_a_visit",
            ),
            models.CheckConstraint(
                condition=Q(state="ended") & ~Q(ended_reason="") | ~Q(state="ended") & Q(ended_reason=""),
                name="care_obligation_ended_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("opened_on")), name="care_obligation_dates_in_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organisation", "due_on", "id"], name="care_obligation_plan", condition=Q(state="due")
            ),
            models.Index(fields=["due_on", "organisation"], name="care_obligation_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.preset} {self.period}"


class CareNote(models.Model):
    """Words about somebody's health and life: sealed, and with the organisation that wrote them.

    They belong to one of a visit (with the `condition` that was found), an occasion, or a class. No other side
    reads them, the bureau neither: the database keeps the row back. Source: docs/rules.md, V7.
    """

    SEEN_BY = (is_ours("organisation_id"),)

    class Condition(models.TextChoices):
        GOOD = "good", "身体和精神都好"
        STEADY = "steady", "平稳，和上次差不多"
        WEAK = "weak", "身体不大好，要多留意"
        TROUBLE = "trouble", "有困难，要尽快帮"
        NOT_MET = "not_met", "没见到本人"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="记录单位")
    visit = models.OneToOneField(Visit, models.PROTECT, null=True, related_name="note")
    obligation = models.OneToOneField(Obligation, models.PROTECT, null=True, related_name="note")
    care_class = models.OneToOneField(CareClass, models.PROTECT, null=True, related_name="note")
    condition = models.CharField("情况", max_length=10, choices=Condition, blank=True)
    words = SealedField("说明", context="care.note")
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = "关心照顾记录"
        verbose_name_plural = "关心照顾记录"
        constraints = [
            models.CheckConstraint(
                condition=Q(visit__isnull=False, obligation__isnull=True, care_class__isnull=True)
                | Q(visit__isnull=True, obligation__isnull=False, care_class__isnull=True)
                | Q(visit__isnull=True, obligation__isnull=True, care_class__isnull=False),
                name="care_note_belongs_to_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.written_at:%Y-%m-%d}"


class VisitDraft(models.Model):
    """What somebody has typed of a visit so far, kept field by field; gone when the visit is recorded."""

    SEEN_BY = (is_user("user_id"),)

    obligation = models.ForeignKey(Obligation, models.PROTECT, related_name="drafts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    values = SealedField("内容", context="care.draft")
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = "走访草稿"
        verbose_name_plural = "走访草稿"
        constraints = [
            models.UniqueConstraint(fields=["obligation", "user"], name="care_draft_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.obligation_id} {self.saved_at:%H:%M}"
