import secrets
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.errors import RuleBroken
from huifeng.rowscope.policies import but_of_restricted, in_area, is_ours, is_person, of_person, with_row
from members.people.models import Helper, Retiree


def new_token() -> str:
    return secrets.token_urlsafe(16)


class State(models.TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待单位核实"
    VERIFIED = "verified", "待社区确认"
    RETURNED = "returned", "需要补充"
    CONFIRMED = "confirmed", "已报到"
    WITHDRAWN = "withdrawn", "已撤回"
    ENDED = "ended", "已终止"


class Act(models.TextChoices):
    """What can be done to a check-in; the label completes 「不能…」."""

    SUBMIT = "submit", "提交"
    VERIFY = "verify", "核实"
    RETURN = "return", "请本人补充"
    SEND_ON = "send_on", "转社区"
    CONFIRM = "confirm", "确认"
    UNDO = "undo", "撤销确认"
    WITHDRAW = "withdraw", "撤回"
    END = "end", "终止"
    RESTORE = "restore", "恢复"


class EndReason(models.TextChoices):
    MOVED = "moved", "迁出"
    DEATH = "death", "去世"
    WITHDRAWN = "withdrawn", "本人撤销"
    OTHER = "other", "其他"


class Channel(models.TextChoices):
    ONLINE = "online", "本人网上"
    COUNTER = "counter", "社区窗口"
    FAMILY = "family", "家人帮办"
    PHONE = "phone", "电话登记"
    HOME_VISIT = "home_visit", "上门登记"
    CEREMONY = "ceremony", "荣退仪式"
    IMPORT = "import", "导入"


class Ceremony(models.Model):
    """A retirement ceremony (荣退仪式) at which a unit hands over everyone retiring that day (荣退+报到)."""

    unit = models.ForeignKey(Organisation, models.PROTECT, related_name="ceremonies", verbose_name="单位")
    held_on = models.DateField("日期")
    place = models.CharField("地点", max_length=100, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "荣退仪式"
        verbose_name_plural = "荣退仪式"
        constraints = [models.UniqueConstraint(fields=["unit", "held_on"], name="ceremony_once_per_day")]

    def __str__(self) -> str:
        return f"{self.unit} {self.held_on}"


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    def open(self) -> "CheckInQuerySet":
        """Requests on which somebody still has to act."""
        return self.filter(state__in=CheckIn.OPEN)

    def at_desk(self, organisation: Organisation) -> "CheckInQuerySet":
        """The working queue of `organisation`: what it must act on, most urgent first."""
        return self.filter(desk=organisation, state__in=CheckIn.AT_DESK).order_by("due_on", "pk")


class CheckIn(models.Model):
    """One retiree's check-in (联系报到) with one community, from the first draft to the end.

    It is an additional link: the unit stays responsible, the Party relation does not move (docs/rules.md, C1).
    `desk` is the organisation that must act next; the database refuses an open request without one, so
    nothing can fall out of every queue. `unit` is the managing unit at the time; `address`, `remarks` and
    `declared` are what the person said and become the person's data only when the community confirms.
    `version` counts every change: a stale page is refused.
    """

    SEEN_BY = (
        is_person("retiree_id"),
        but_of_restricted("retiree_id", is_ours("community_id", "desk_id", "unit_id"), in_area("area_id")),
        of_person("retiree_id"),
    )

    State = State
    Channel = Channel
    EndReason = EndReason

    OPEN = (State.DRAFT, State.SUBMITTED, State.VERIFIED, State.RETURNED)
    AT_DESK = (State.SUBMITTED, State.VERIFIED, State.RETURNED)
    MOVES = {
        Act.SUBMIT: {State.DRAFT: State.SUBMITTED, State.RETURNED: State.SUBMITTED},
        Act.VERIFY: {State.SUBMITTED: State.VERIFIED},
        Act.RETURN: {State.SUBMITTED: State.RETURNED, State.VERIFIED: State.RETURNED},
        Act.SEND_ON: {State.VERIFIED: State.VERIFIED},
        Act.CONFIRM: {State.VERIFIED: State.CONFIRMED},
        Act.UNDO: {State.CONFIRMED: State.VERIFIED},
        Act.WITHDRAW: dict.fromkeys(OPEN, State.WITHDRAWN),
        Act.END: {State.CONFIRMED: State.ENDED},
        Act.RESTORE: {State.ENDED: State.CONFIRMED},
    }

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="checkins", verbose_name="老同志")
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    channel = models.CharField("渠道", max_length=10, choices=Channel)
    number = models.CharField("编号", max_length=14, blank=True)
    token = models.CharField(max_length=22, unique=True, default=new_token, editable=False)
    version = models.PositiveIntegerField(default=1)

    unit = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="checkins_of_unit",
        verbose_name="原单位",
    )
    community = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="checkins", verbose_name="社区"
    )
    area = models.ForeignKey(
        Division,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="居住区域",
        help_text="District or street, while the community is not known (请社区帮我找).",
    )
    desk = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="desk_items", verbose_name="经办方"
    )

    address = models.CharField("现居地址", max_length=200, blank=True)
    data_correct = models.BooleanField("信息无误", null=True)
    remarks = models.CharField("本人说明", max_length=500, blank=True)
    declared = models.JSONField("本人填报", default=dict, blank=True)
    consent_text = models.CharField("同意书版本", max_length=20, blank=True)
    consented_at = models.DateTimeField("同意时间", null=True, blank=True)

    helper = models.ForeignKey(
        Helper, models.PROTECT, null=True, blank=True, related_name="checkins", verbose_name="帮办人"
    )
    ceremony = models.ForeignKey(Ceremony, models.PROTECT, null=True, blank=True, related_name="checkins")
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="next", verbose_name="原报到"
    )

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField("建立时间")
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    verified_at = models.DateTimeField("核实时间", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    end_reason = models.CharField("终止原因", max_length=10, choices=EndReason, blank=True)

    return_reason = models.CharField(
        "补充事项", max_length=40, blank=True, help_text="code list return_reason"
    )
    return_words = models.CharField("补充说明", max_length=300, blank=True)

    clock_started_at = models.DateTimeField("计时开始", null=True, blank=True)
    due_on = models.DateField("最晚日期", null=True, blank=True)
    street_on = models.DateField("提级街道日期", null=True, blank=True)
    bureau_on = models.DateField("提级老干部局日期", null=True, blank=True)
    dates_provisional = models.BooleanField("日期待定", default=False)

    community_contact = models.CharField("社区联系人", max_length=60, blank=True)
    community_phone = models.CharField("社区联系电话", max_length=40, blank=True)

    objects = CheckInQuerySet.as_manager()

    class Meta:
        verbose_name = "报到"
        verbose_name_plural = "报到"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree"],
                condition=Q(state__in=["draft", "submitted", "verified", "returned"]),
                name="checkin_one_open_per_person",
            ),
            models.UniqueConstraint(
                fields=["retiree"], condition=Q(state="confirmed"), name="checkin_one_confirmed_per_person"
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="checkin_number_once"),
            models.CheckConstraint(
                condition=Q(
                    state__in=["submitted", "verified", "returned"], desk__isnull=False, due_on__isnull=False
                )
                | ~Q(state__in=["submitted", "verified", "returned"])
                & Q(desk__isnull=True, due_on__isnull=True),
                name="checkin_open_is_on_a_desk",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"]) | ~Q(number="") & Q(submitted_at__isnull=False),
                name="checkin_submitted_has_number",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "ended"])
                | Q(confirmed_at__isnull=False, community__isnull=False),
                name="checkin_confirmed_has_community",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) & ~Q(end_reason="")
                | ~Q(state="ended") & Q(ended_at__isnull=True, end_reason=""),
                name="checkin_ended_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="checkin_returned_has_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["desk", "due_on", "id"],
                name="checkin_queue",
                condition=Q(state__in=["submitted", "verified", "returned"]),
            ),
            models.Index(fields=["community", "state", "id"], name="checkin_by_community"),
            models.Index(fields=["unit", "state", "id"], name="checkin_by_unit"),
            models.Index(fields=["retiree", "-id"], name="checkin_by_person"),
            models.Index(
                fields=["street_on"],
                name="checkin_overdue",
                condition=Q(state__in=["submitted", "verified", "returned"]),
            ),
            models.Index(
                fields=["confirmed_at"],
                name="checkin_by_confirmed_at",
                condition=Q(confirmed_at__isnull=False),
            ),
            models.Index(
                fields=["ended_at"], name="checkin_by_ended_at", condition=Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number or '草稿'} {self.get_state_display()}"

    def move(self, act: Act) -> None:
        """Set the state that `act` leads to, or raise RuleBroken when MOVES has no such move. Does not save."""
        state = self.MOVES[act].get(State(self.state))
        if state is None:
            raise RuleBroken(f"这件报到现在是“{self.get_state_display()}”，不能{act.label}。请刷新后再看。")
        self.state = state

    @property
    def waits_for_place(self) -> bool:
        """Verified, but nobody knows yet which community it is."""
        return self.state == State.VERIFIED and self.community_id is None


class CheckInEvent(models.Model):
    """One move of a check-in: who, for whom, when, why. Rows are added and never changed (APPEND_ONLY).

    ERASED: what an erasure makes of columns, by a function of the owner's (huifeng/embedded/roles.py).
    """

    APPEND_ONLY = True
    ERASED = {
        "actor_name": "CASE WHEN organisation_id IS NULL THEN '' ELSE actor_name END",
        "words": "''",
        "after": "after - '{address,declared}'::text[]",
    }
    SEEN_BY = (with_row("checkin_record_checkin", "checkin_id"),)

    class Move(models.TextChoices):
        STARTED = "started", "开始填写"
        SUBMITTED = "submitted", "提交"
        RESUBMITTED = "resubmitted", "补充后再次提交"
        AUTO_VERIFIED = "auto_verified", "名册相符，自动核实"
        VERIFIED = "verified", "单位核实"
        RETURNED = "returned", "请补充"
        PLACED = "placed", "分到社区"
        FORWARDED = "forwarded", "转到社区"
        CONFIRMED = "confirmed", "社区确认"
        UNDONE = "undone", "撤销确认"
        WITHDRAWN = "withdrawn", "撤回"
        ENDED = "ended", "终止"
        RESTORED = "restored", "恢复"
        REDIRECTED = "redirected", "经办方变更"
        RESCHEDULED = "rescheduled", "期限重算"
        MERGED = "merged", "合并档案"
        UNMERGED = "unmerged", "撤销合并"

    checkin = models.ForeignKey(CheckIn, models.PROTECT, related_name="events", verbose_name="报到")
    move = models.CharField("动作", max_length=15, choices=Move)
    from_state = models.CharField(max_length=10, choices=State, blank=True)
    to_state = models.CharField(max_length=10, choices=State)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    actor_name = models.CharField("经办人", max_length=60)
    role = models.CharField("身份", max_length=40)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    reason = models.CharField("原因代码", max_length=40, blank=True)
    words = models.CharField("说明", max_length=300, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = "报到经过"
        verbose_name_plural = "报到经过"
        indexes = [
            models.Index(fields=["checkin", "id"], name="checkin_event_in_order"),
            models.Index(fields=["at", "checkin"], name="checkin_event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_move_display()}"


class ConsentPaper(models.Model):
    """A photograph of the signed consent paper (同意书照片), taken when somebody is registered at the counter.

    The picture is a file that no address serves (photos.py); `sha256` tells whether it is still the same.
    """

    SEEN_BY = (with_row("checkin_record_checkin", "checkin_id"),)

    checkin = models.ForeignKey(CheckIn, models.PROTECT, related_name="consent_papers", verbose_name="报到")
    file_name = models.CharField("文件名", max_length=40, unique=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField("字节数")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "同意书照片"
        verbose_name_plural = "同意书照片"

    def __str__(self) -> str:
        return f"{self.checkin} {self.uploaded_at:%Y-%m-%d}"


class NumberSeries(models.Model):
    """The last check-in number given in a year (FX-2026-000001). Locked while the next is taken."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "报到编号"
        verbose_name_plural = "报到编号"

    def __str__(self) -> str:
        return f"FX-{self.year}-{self.last:06d}"


class SeasonalStay(models.Model):
    """A second home (候鸟): the community where somebody spends some months a year. Statistics ignore it."""

    SEEN_BY = (
        is_person("retiree_id"),
        but_of_restricted("retiree_id", is_ours("community_id")),
        of_person("retiree_id"),
    )

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="seasonal_stays", verbose_name="老同志")
    community = models.ForeignKey(
        Organisation, models.PROTECT, related_name="seasonal_stays", verbose_name="季节性居住社区"
    )
    from_month = models.PositiveSmallIntegerField("自（月）")
    to_month = models.PositiveSmallIntegerField("至（月）")
    address = models.CharField("地址", max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("停止时间", null=True, blank=True)

    class Meta:
        verbose_name = "季节性居住"
        verbose_name_plural = "季节性居住"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree"],
                condition=Q(ended_at__isnull=True),
                name="seasonal_stay_one_open_per_person",
            ),
            models.CheckConstraint(
                condition=Q(from_month__range=(1, 12), to_month__range=(1, 12)), name="seasonal_stay_months"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retiree} {self.from_month}–{self.to_month}月"

    def covers(self, at: datetime) -> bool:
        """Whether the person is expected here in the month of `at`; a stay may run over New Year."""
        if self.from_month <= self.to_month:
            return self.from_month <= at.month <= self.to_month
        return at.month >= self.from_month or at.month <= self.to_month
