from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from communities.organisations.permissions import in_areas, is_system, standing_of
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.rowscope.policies import (
    AREAS,
    BUREAUS,
    ORGANISATIONS,
    USER,
    is_ours,
    is_person,
    is_user,
    of_person,
    with_row,
)
from huifeng.rowscope.views import RESTRICTED
from huifeng.sealed import SealedField
from members.people.models import Retiree
from services.presets.models import Preset

REQUEST = "services_requests_request"
_OPEN_TO_STAFF = (
    f"({{own}}.retiree_id IS NULL OR {{own}}.retiree_id NOT IN (SELECT hidden.id FROM {RESTRICTED} hidden))"  # noqa: S608 -- constants
)


class RequestPreset(Preset):
    """A way to ask for something under the name its users know (银龄热线, 来信来访, 送餐).

    `asked_as`: what a retiree reads on the first page, "" where only staff write it down. `catalogue`: the code list
    of what is asked for; `need_class` narrows the 28 needs to one of their six classes. `answer_days`: working days to
    an answer. `follow_up_days`: working days after the answer in which somebody calls or visits again (回访), 0 for
    none; until then it is not closed. `templates`: answers to start from, one a line.
    """

    class Desk(models.TextChoices):
        COMMUNITY = "community", "社区"
        UNIT = "unit", "原单位"
        BUREAU = "bureau", "老干部局"

    asked_as = models.CharField("本人页面上的说法", max_length=20, blank=True)
    catalogue = models.CharField("事项代码表", max_length=40, blank=True)
    need_class = models.CharField("需求大类", max_length=40, blank=True)
    first_desk = models.CharField("先由谁办", max_length=10, choices=Desk, default=Desk.COMMUNITY)
    answer_days = models.PositiveSmallIntegerField("几个工作日内答复", default=5)
    follow_up_days = models.PositiveSmallIntegerField("答复后几个工作日内回访", default=0)
    is_urgent = models.BooleanField("都算急难", default=False)
    is_private = models.BooleanField("内容只给办理的一方看", default=False)
    templates = models.TextField("答复常用语", blank=True, help_text="一行一条")

    class Meta(Preset.Meta):
        verbose_name = "需求与服务的种类"
        verbose_name_plural = "需求与服务的种类"
        constraints = [
            models.CheckConstraint(condition=Q(answer_days__gte=1), name="request_preset_some_days")
        ]

    @property
    def answers(self) -> list[str]:
        """The answers to start from."""
        return [line.strip() for line in self.templates.splitlines() if line.strip()]


class RequestQuerySet(models.QuerySet["Request"]):
    def open(self) -> "RequestQuerySet":
        """Those without an answer."""
        return self.filter(state__in=Request.OPEN)

    def late(self, today: date) -> "RequestQuerySet":
        return self.open().filter(due_on__lt=today)

    def visible_to(self, user: User) -> "RequestQuerySet":
        """Those of people `user` may see, those that lie or lay on one's desk or were taken there, and those of
        unknown callers of an overseen area. What was said in private is kept elsewhere (`RequestWords`).

        Of somebody restricted (限制查看) only a bureau reads, as of the person. Source: docs/rules.md, Q3.
        """
        if is_system(user):
            return self
        standing = standing_of(user)
        offices = Q(desk__in=standing.organisation_ids) | Q(taken_for__in=standing.organisation_ids)
        unknown = Q(retiree=None)
        ours = offices & (unknown | Q(retiree__is_restricted=False))
        return self.filter(
            ours
            | unknown & in_areas("area__code", standing.areas)
            | Q(retiree__in=Retiree.objects.visible_to(user).values("pk"))
        )


class Request(models.Model):
    """Something a person asks for and somebody answers: a need, a call, a letter or visit, a suggestion, a service.

    `desk` is the organisation that acts next, and after the end the last that did. `area` is where it counts, for
    good: the person's community when it was asked, else the place of who took it. `retiree` is NULL for a caller
    nobody knows (`caller_name`, `caller_phone`) and for what an organisation asks (专项工作群). `taken_for`: the
    organisation whose staff wrote it down, NULL when the person or a helper did. `due_on` is the last day for an
    answer; who is told after it: `escalation`. `form_key`: of the page it was sent from, so that the same page sent
    twice is one. What was said stands in `RequestWords`. Source: docs/rules.md, section Q.
    """

    SEEN_BY = (
        is_person("retiree_id"),
        f"({is_ours('desk_id', 'taken_for_id')}) AND {_OPEN_TO_STAFF}",
        f"{{own}}.retiree_id IS NULL AND {{own}}.area_id ^@ ANY ({AREAS})",
        f"{{own}}.area_id ^@ ANY ({BUREAUS})",
        of_person("retiree_id"),
    )

    class State(models.TextChoices):
        NEW = "new", "新"
        WORKING = "working", "办理中"
        ANSWERED = "answered", "已回复"
        RATED = "rated", "已评价"
        CLOSED = "closed", "已办结"

    class Channel(models.TextChoices):
        ONLINE = "online", "网上"
        HELPER = "helper", "家人帮办"
        PHONE = "phone", "电话"
        COUNTER = "counter", "来访"
        LETTER = "letter", "来信"
        HOME_VISIT = "home_visit", "上门走访"

    class Priority(models.IntegerChoices):
        """In the order of every list."""

        URGENT = 0, "急难"
        NORMAL = 1, "一般"

    class Outcome(models.TextChoices):
        SOLVED = "solved", "已解决"
        EXPLAINED = "explained", "已说明"
        NOT_NOW = "not_now", "暂时办不到"

    class Rating(models.TextChoices):
        GOOD = "good", "满意"
        FAIR = "fair", "一般"
        POOR = "poor", "不满意"

    class Escalation(models.IntegerChoices):
        NONE = 0, "未超期"
        STREET = 1, "已告诉街道"
        BUREAU = 2, "已告诉老干部局"

    class Why(models.TextChoices):
        """Why a request is closed. Only `done` says that it was answered."""

        DONE = "done", "办结"
        WITHDRAWN = "withdrawn", "本人不用办了"
        DIED = "died", "去世"

    OPEN = (State.NEW, State.WORKING)
    MOVES = {
        State.NEW: {State.WORKING, State.ANSWERED, State.CLOSED},
        State.WORKING: {State.ANSWERED, State.CLOSED},
        State.ANSWERED: {State.RATED, State.CLOSED, State.WORKING},
        State.RATED: {State.CLOSED, State.WORKING},
    }

    preset = models.ForeignKey(RequestPreset, models.PROTECT, related_name="requests", verbose_name="种类")
    retiree = models.ForeignKey(
        Retiree, models.PROTECT, null=True, blank=True, related_name="requests", verbose_name="老同志"
    )
    caller_name = models.CharField("来电人", max_length=40, blank=True)
    caller_phone = SealedField("来电号码", context="requests.caller_phone")
    item = models.CharField("事项", max_length=40, blank=True)
    channel = models.CharField("来源", max_length=10, choices=Channel)
    priority = models.PositiveSmallIntegerField("缓急", choices=Priority, default=Priority.NORMAL)
    is_private = models.BooleanField("心里话", default=False)
    wants_call = models.BooleanField("请打电话", default=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.NEW)
    desk = models.ForeignKey(
        Organisation, models.PROTECT, related_name="requests_to_answer", verbose_name="谁来办"
    )
    area = models.ForeignKey(Division, models.PROTECT, related_name="requests", verbose_name="所在区划")
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    taken_for = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="requests_taken",
        verbose_name="登记单位",
    )
    received_at = models.DateTimeField("收到时间")
    due_on = models.DateField("最晚答复")
    bureau_on = models.DateField("报老干部局日期")
    dates_provisional = models.BooleanField("日期待定", default=False)
    escalation = models.PositiveSmallIntegerField("超期", choices=Escalation, default=Escalation.NONE)
    provider = models.CharField("承办的人或服务商", max_length=60, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="答复人"
    )
    answered_for = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="答复单位"
    )
    outcome = models.CharField("结果", max_length=10, choices=Outcome, blank=True)
    by_call = models.BooleanField("电话答复", default=False)
    rating = models.CharField("评价", max_length=10, choices=Rating, blank=True)
    rated_at = models.DateTimeField("评价时间", null=True)
    follow_up_on = models.DateField("最晚回访", null=True)
    followed_up_at = models.DateTimeField("回访时间", null=True)
    was_reopened = models.BooleanField("再办过", default=False)
    closed_at = models.DateTimeField("办结时间", null=True)
    why_closed = models.CharField("办结原因", max_length=10, choices=Why, blank=True)
    form_key = models.UUIDField(null=True, unique=True, editable=False)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = "需求"
        verbose_name_plural = "需求"
        constraints = [
            models.CheckConstraint(
                condition=~(Q(state__in=["answered", "rated"]) | Q(why_closed="done"))
                | Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(outcome=""),
                name="request_no_end_without_answer",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["new", "working"])
                | Q(answered_at__isnull=True, outcome="", rating=""),
                name="request_open_has_no_answer",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) & ~Q(why_closed="")
                | ~Q(state="closed") & Q(closed_at__isnull=True, why_closed=""),
                name="request_closed_for_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state="rated") | ~Q(rating=""), name="request_rated_has_rating"
            ),
            models.CheckConstraint(
                condition=Q(retiree__isnull=False) | ~Q(caller_name=""), name="request_of_somebody"
            ),
            models.CheckConstraint(condition=Q(bureau_on__gte=F("due_on")), name="request_bureau_after_desk"),
        ]
        indexes = [
            models.Index(fields=["desk", "state", "priority", "due_on", "id"], name="request_queue"),
            models.Index(
                fields=["due_on"], name="request_open_by_day", condition=Q(state__in=["new", "working"])
            ),
            models.Index(fields=["retiree", "-id"], name="request_by_person"),
            models.Index(
                fields=["area", "received_at"],
                name="request_by_place",
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
            ),
            models.Index(fields=["received_at"], name="request_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.preset} {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_urgent(self) -> bool:
        return self.priority == self.Priority.URGENT

    @property
    def who(self) -> str:
        """The person, or the caller nobody knows."""
        return self.retiree.name if self.retiree is not None else self.caller_name

    def move_to(self, state: "Request.State") -> None:
        """Set `state`, or raise RuleBroken when MOVES forbids it. Does not save."""
        if state not in self.MOVES.get(self.State(self.state), ()):
            raise RuleBroken(
                f"这件事现在是“{self.get_state_display()}”，不能再这样办。请刷新后再看。", code="state"
            )
        self.state = state


class RequestEvent(models.Model):
    """What happened to a request: who, for whom, when. Rows are added and never changed (APPEND_ONLY)."""

    APPEND_ONLY = True
    ERASED = {"actor_name": "''"}
    SEEN_BY = (with_row(REQUEST, "request_id"),)

    class Move(models.TextChoices):
        RECEIVED = "received", "收到"
        BEGUN = "begun", "开始办理"
        PASSED_ON = "passed_on", "转办"
        ANSWERED = "answered", "答复"
        RATED = "rated", "评价"
        REOPENED = "reopened", "请再办一次"
        FOLLOWED_UP = "followed_up", "回访"
        CLOSED = "closed", "办结"
        WITHDRAWN = "withdrawn", "不用办了"
        URGED = "urged", "督办"
        ESCALATED = "escalated", "超期上报"
        LINKED = "linked", "认出来电人"
        REDIRECTED = "redirected", "经办方变更"
        RESCHEDULED = "rescheduled", "期限重算"
        RESTORED = "restored", "恢复"

    request = models.ForeignKey(Request, models.PROTECT, related_name="events", verbose_name="需求")
    move = models.CharField("动作", max_length=12, choices=Move)
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    actor_name = models.CharField("经办人", max_length=60)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    state = models.CharField("此后状态", max_length=10, choices=Request.State)
    desk = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="此后谁来办")

    class Meta:
        verbose_name = "办理经过"
        verbose_name_plural = "办理经过"
        indexes = [
            models.Index(fields=["request", "id"], name="request_event_in_order"),
            models.Index(fields=["move", "at"], name="request_event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_move_display()}"


class RequestWords(models.Model):
    """What was said at one step of a request: asked, answered, noted. Sealed, and apart from the request itself, so
    that the database shows private words (`is_private`, 心里话) to nobody but who said them, the person and the desk.

    Source: docs/rules.md, Q4.
    """

    SEEN_BY = (
        is_user("said_by_id"),
        f"NOT {{own}}.is_private AND {with_row(REQUEST, 'request_id')}",
        f"EXISTS (SELECT FROM {REQUEST} q WHERE q.id = {{own}}.request_id AND q.desk_id = ANY ({ORGANISATIONS}))",
        f"EXISTS (SELECT FROM {REQUEST} q JOIN members_people_retiree r ON r.id = q.retiree_id"
        f" WHERE q.id = {{own}}.request_id AND r.user_id = {USER})",
    )

    request = models.ForeignKey(Request, models.PROTECT, related_name="words", verbose_name="需求")
    event = models.OneToOneField(RequestEvent, models.PROTECT, related_name="words", verbose_name="经过")
    text = SealedField("内容", context="requests.words")
    is_private = models.BooleanField("心里话", default=False)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "说的话"
        verbose_name_plural = "说的话"
        indexes = [models.Index(fields=["request", "id"], name="request_words_in_order")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.event_id}"
