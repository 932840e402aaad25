from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from communities.organisations.permissions import in_areas, is_system, standing_of
from huifeng.accounts.models import User
from huifeng.rowscope.policies import AREAS, ORGANISATIONS, is_person, of_person
from members.party.models import PartyOrganisation
from members.people.models import Retiree
from services.presets.models import Preset

SIGN_IN_BEFORE, SIGN_IN_AFTER = timedelta(hours=1), timedelta(hours=1)  # of the start, of the end (rules T6)


class ActivityPreset(Preset):
    """A kind of activity. `is_party`: 组织生活, of a branch, whose members are expected without signing up.

    `counts_hours`: attendance is work for others and counts as hours. `places`, `minutes`: what a new one begins with.
    """

    is_party = models.BooleanField("组织生活", default=False)
    counts_hours = models.BooleanField("记时长", default=False)
    places = models.PositiveIntegerField("名额", null=True, blank=True)
    minutes = models.PositiveIntegerField("时长（分钟）", default=120)

    class Meta(Preset.Meta):
        verbose_name = "活动类别"
        verbose_name_plural = "活动类别"


class Venue(models.Model):
    """A place kept for activities (银领之家, 红齐驿站, 老年大学分校): who keeps it, how many it holds."""

    class Kind(models.TextChoices):
        HOME = "home", "银领之家"
        STATION = "station", "红齐驿站"
        SCHOOL = "school", "老年大学分校"
        CENTRE = "centre", "活动中心"
        READING_ROOM = "reading_room", "阅览室"
        OTHER = "other", "其他场所"

    keeper = models.ForeignKey(Organisation, models.PROTECT, related_name="venues", verbose_name="管理单位")
    kind = models.CharField("类别", max_length=15, choices=Kind)
    name = models.CharField("名称", max_length=60)
    address = models.CharField("地址", max_length=200)
    capacity = models.PositiveIntegerField("容纳人数", null=True, blank=True)
    closed_on = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        verbose_name = "活动场所"
        verbose_name_plural = "活动场所"
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["keeper", "name"], name="venue_name_once_per_keeper")]

    def __str__(self) -> str:
        return self.name


class Series(models.Model):
    """Activities that belong together (a course of eight lessons, a duty every Monday); each date is one of its own."""

    class Rhythm(models.TextChoices):
        WEEKLY = "weekly", "每周一次"
        FORTNIGHTLY = "fortnightly", "每两周一次"
        MONTHLY = "monthly", "每月一次"

    MOST = 60  # dates

    preset = models.ForeignKey(ActivityPreset, models.PROTECT, related_name="series", verbose_name="类别")
    organiser = models.ForeignKey(
        Organisation, models.PROTECT, related_name="activity_series", verbose_name="举办单位"
    )
    title = models.CharField("名称", max_length=60)
    rhythm = models.CharField("间隔", max_length=12, choices=Rhythm)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "系列活动"
        verbose_name_plural = "系列活动"

    def __str__(self) -> str:
        return self.title


class ActivityQuerySet(models.QuerySet["Activity"]):
    def planned(self) -> "ActivityQuerySet":
        return self.filter(cancelled_at=None)

    def coming(self, now: datetime) -> "ActivityQuerySet":
        """Not over and not cancelled, the nearest first."""
        return self.planned().filter(ends_at__gt=now).order_by("starts_at", "pk")

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> "ActivityQuerySet":
        return self.planned().filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def visible_to(self, user: User) -> "ActivityQuerySet":
        """What staff may open: the activities of their own organisations, and of those seated in areas they oversee."""
        if is_system(user):
            return self
        standing = standing_of(user)
        return self.filter(
            Q(organiser__in=standing.organisation_ids) | in_areas("division__code", standing.areas)
        )


class Activity(models.Model):
    """Something with a time and a place that people take part in. Times aware; `code` and `token` let people sign in.

    `division`: where it is held, by which it is counted. `audience` says whom it is for: an `area` (a place and all
    below), the members of the organising unit, or those of `branch`. `taken`, `queued`, `arrived`: how many hold a
    place (here or expected), wait, and are here; kept under the lock of this row, so that lists need nobody's names.
    """

    class Audience(models.TextChoices):
        AREA = "area", "辖区内的老同志"
        UNIT = "unit", "本单位的老同志"
        BRANCH = "branch", "支部党员"

    preset = models.ForeignKey(ActivityPreset, models.PROTECT, related_name="activities", verbose_name="类别")
    title = models.CharField("名称", max_length=60)
    organiser = models.ForeignKey(
        Organisation, models.PROTECT, related_name="activities", verbose_name="举办单位"
    )
    branch = models.ForeignKey(
        PartyOrganisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
        verbose_name="党组织",
    )
    series = models.ForeignKey(
        Series, models.PROTECT, null=True, blank=True, related_name="activities", verbose_name="系列"
    )
    number = models.PositiveSmallIntegerField("第几次", default=1)
    venue = models.ForeignKey(
        Venue, models.PROTECT, null=True, blank=True, related_name="activities", verbose_name="场所"
    )
    place = models.CharField("地点", max_length=200)
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name="举办地")
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    places = models.PositiveIntegerField("名额", null=True, blank=True, help_text="NULL: as many as come.")
    audience = models.CharField("对象", max_length=10, choices=Audience)
    area = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="对象所在区域"
    )
    age_from = models.PositiveSmallIntegerField("年龄从", null=True, blank=True)
    age_to = models.PositiveSmallIntegerField("年龄到", null=True, blank=True)
    contact = models.CharField("联系电话", max_length=60, blank=True)
    words = models.CharField("说明", max_length=300, blank=True)
    link = models.URLField("网上听课地址", blank=True)
    code = models.CharField("签到数字", max_length=6)
    token = models.CharField(max_length=32, unique=True)
    taken = models.PositiveIntegerField("报名", default=0)
    queued = models.PositiveIntegerField("排队", default=0)
    arrived = models.PositiveIntegerField("已到", default=0)
    served = models.PositiveIntegerField("服务（听众）人次", null=True, blank=True)
    report = models.CharField("活动小结", max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发布人"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    cancel_reason = models.CharField("取消原因", max_length=100, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "活动"
        verbose_name_plural = "活动"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="activity_times_in_order"),
            models.CheckConstraint(
                condition=Q(places__isnull=True) | Q(taken__lte=F("places")), name="activity_not_overfull"
            ),
            models.CheckConstraint(condition=Q(arrived__lte=F("taken")), name="activity_arrived_hold_places"),
            models.CheckConstraint(
                condition=~Q(audience="area") | Q(area__isnull=False), name="activity_area_of_audience"
            ),
            models.CheckConstraint(
                condition=~Q(audience="branch") | Q(branch__isnull=False), name="activity_branch_of_audience"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True) | ~Q(cancel_reason=""),
                name="activity_cancelled_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(code__regex=r"^\d{6}$"), name="activity_code_is_6_digits"),
            models.UniqueConstraint(fields=["series", "number"], name="activity_number_once_in_series"),
            models.UniqueConstraint(
                fields=["organiser", "title", "starts_at"],
                condition=Q(cancelled_at__isnull=True),
                name="activity_once_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["organiser", "starts_at"], name="activity_of_organiser"),
            models.Index(fields=["area", "starts_at"], name="activity_for_area"),
            models.Index(fields=["starts_at", "division"], name="activity_by_time"),
            models.Index(fields=["code", "starts_at"], name="activity_by_code"),
            models.Index(fields=["venue", "starts_at"], name="activity_at_venue"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def left(self) -> int | None:
        """Places left; None where there is no limit."""
        return None if self.places is None else self.places - self.taken

    @property
    def is_full(self) -> bool:
        return self.places is not None and self.taken >= self.places

    @property
    def day(self) -> date:
        return timezone.localdate(self.starts_at)

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def is_open_for_sign_in(self, now: datetime) -> bool:
        return self.starts_at - SIGN_IN_BEFORE <= now <= self.ends_at + SIGN_IN_AFTER

    def fits_age(self, age: int | None) -> bool:
        """Whether somebody of this age may come; whose age nobody knows may."""
        if age is None:
            return True
        return (self.age_from is None or age >= self.age_from) and (self.age_to is None or age <= self.age_to)


class Participation(models.Model):
    """One person in one activity: with a place, waiting for one, here, or off again. One row a person and activity.

    Guarded by the lock of the activity, never by one of its own. `since`: the order of the queue; who comes back goes
    to its end. `minutes`: of work for others, where the kind counts hours.
    """

    class State(models.TextChoices):
        SIGNED = "signed", "已报名"
        QUEUED = "queued", "排队"
        ARRIVED = "arrived", "已到"
        CANCELLED = "cancelled", "已取消"

    HOLDS_PLACE = (State.SIGNED, State.ARRIVED)

    class Way(models.TextChoices):
        ONLINE = "online", "本人网上"
        HELPER = "helper", "家人代办"
        STAFF = "staff", "工作人员登记"
        BRANCH = "branch", "支部应到"
        ON_SITE = "on_site", "现场"

    class Arrival(models.TextChoices):
        POSTER = "poster", "扫码"
        CODE = "code", "口令"
        TICK = "tick", "工作人员勾选"

    class Why(models.TextChoices):
        PERSON = "person", "本人取消"
        STAFF = "staff", "工作人员取消"
        ACTIVITY = "activity", "活动取消"
        DEATH = "death", "去世"
        MERGED = "merged", "档案合并"

    class Rating(models.TextChoices):
        GOOD = "good", "满意"
        FAIR = "fair", "一般"
        POOR = "poor", "不满意"

    SEEN_BY = (
        is_person("retiree_id"),
        "EXISTS (SELECT FROM services_activities_activity held WHERE held.id = {own}.activity_id"
        f" AND (held.organiser_id = ANY ({ORGANISATIONS}) OR held.division_id ^@ ANY ({AREAS})))",
        of_person("retiree_id"),
    )

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="participations", verbose_name="活动")
    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="participations", verbose_name="老同志")
    state = models.CharField("状态", max_length=10, choices=State)
    way = models.CharField("报名方式", max_length=10, choices=Way)
    since = models.DateTimeField("报名时间")
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="报名人"
    )
    arrived_at = models.DateTimeField("签到时间", null=True, blank=True)
    arrival = models.CharField("签到方式", max_length=10, choices=Arrival, blank=True)
    minutes = models.PositiveIntegerField("时长（分钟）", null=True, blank=True)
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)
    why = models.CharField("取消原因", max_length=10, choices=Why, blank=True)
    rating = models.CharField("评价", max_length=5, choices=Rating, blank=True)
    rating_words = models.CharField("评价的话", max_length=200, blank=True)
    rated_at = models.DateTimeField("评价时间", null=True, blank=True)

    class Meta:
        verbose_name = "参加活动"
        verbose_name_plural = "参加活动"
        constraints = [
            models.UniqueConstraint(fields=["activity", "retiree"], name="participation_once_per_person"),
            models.CheckConstraint(
                condition=Q(state="arrived", arrived_at__isnull=False) & ~Q(arrival="")
                | ~Q(state="arrived")
                & Q(arrived_at__isnull=True, arrival="", minutes__isnull=True, rating=""),
                name="participation_arrived_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="cancelled", cancelled_at__isnull=False) & ~Q(why="")
                | ~Q(state="cancelled") & Q(cancelled_at__isnull=True, why=""),
                name="participation_cancelled_has_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["retiree", "-activity"], name="participation_of_person"),
            models.Index(
                fields=["activity", "since", "id"],
                name="participation_queue",
                condition=Q(state="queued"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.retiree_id} {self.get_state_display()}"
