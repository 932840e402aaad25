from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from checkin.statistics.months import Month
from communities.organisations.models import Organisation
from communities.organisations.permissions import in_areas, standing_of
from communities.organisations.seats import seat_in_area
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.jobs.models import StoredFile
from huifeng.rowscope.policies import AREAS, FOR_A_BUREAU, but_of_restricted, in_area, is_ours, with_row
from members.people.models import Retiree, bureau_areas
from members.people.naming import may_be_named

LONGEST = 500  # characters of an answer


class Side(models.TextChoices):
    """Whose people a report tells about: a unit reads where its people are, a community whose people it has."""

    UNIT = "unit", "单位"
    COMMUNITY = "community", "社区"


class State(models.TextChoices):
    GENERATED = "generated", "待发送"
    SENT = "sent", "未读"
    RECEIVED = "received", "待答复"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已办结"
    CORRECTED = "corrected", "已更正"


class Reply(models.TextChoices):
    AGREED = "agreed", "无意见"
    DISPUTED = "disputed", "有意见"


class FeedbackReportQuerySet(models.QuerySet["FeedbackReport"]):
    def of_month(self, month: Month) -> "FeedbackReportQuerySet":
        return self.filter(month=month.first)

    def current(self) -> "FeedbackReportQuerySet":
        """The version that holds of each report."""
        return self.exclude(state=State.CORRECTED)

    def sent(self) -> "FeedbackReportQuerySet":
        return self.filter(sent_at__isnull=False)

    def answered(self) -> "FeedbackReportQuerySet":
        return self.filter(answered_at__isnull=False)

    def unanswered(self) -> "FeedbackReportQuerySet":
        return self.filter(state__in=FeedbackReport.WAITING)

    def overdue(self) -> "FeedbackReportQuerySet":
        return self.unanswered().filter(due_on__lt=timezone.localdate())

    def within(self, area: str) -> "FeedbackReportQuerySet":
        """Those of receivers seated in the area with code prefix `area`; of the city also those outside it."""
        return self.filter(place__startswith=area)

    def on_time(self) -> "FeedbackReportQuerySet":
        """Answered by the day they were due."""
        return self.alias(answered_on=TruncDate("answered_at")).filter(answered_on__lte=F("due_on"))

    def visible_to(self, user: User) -> "FeedbackReportQuerySet":
        """What `user` may read: one's own organisation's, and those sent to receivers of an overseen area.

        Reports to organisations outside the system are read by bureaus, and by the only organisation they tell
        of. Nobody reads a report that is not sent yet but bureaus. Source: docs/rules.md, F8.
        """
        standing = standing_of(user)
        mine = Q(receiver__in=standing.organisation_ids) | Q(
            counterpart__in=standing.organisation_ids, receiver__kind__in=EXTERNAL
        )
        seen = (mine | in_areas("receiver__division__code", standing.areas)) & Q(sent_at__isnull=False)
        areas = bureau_areas(standing)
        if areas:
            seen |= in_areas("receiver__division__code", areas) | Q(receiver__division=None)
        return self.filter(seen)


EXTERNAL = (Organisation.Kind.EXTERNAL_UNIT, Organisation.Kind.EXTERNAL_COMMUNITY)


class FeedbackReport(models.Model):
    """双向反馈单: what one organisation is told about its people of one month, and what it answers.

    `content` and the lines are frozen when it is made; `sha256` is of both (making/sql.py). A correction is a new
    version; the old one stays readable and says so. `organisation` is whom it is about, as counted then;
    `receiver` who answers now: the same, or who took its place. `place`: where it counts in statistics.
    `counterpart`: the only other side it tells of, if there is just one. Source: docs/rules.md, F1–F4.
    """

    SEEN_BY = (is_ours("receiver_id", "counterpart_id"), seat_in_area("receiver_id", AREAS), in_area("place"))

    Side = Side
    State = State
    Reply = Reply

    WAITING = (State.SENT, State.RECEIVED)
    MOVES = {
        State.GENERATED: {State.SENT, State.CORRECTED},
        State.SENT: {State.RECEIVED, State.ANSWERED, State.CORRECTED},
        State.RECEIVED: {State.ANSWERED, State.CORRECTED},
        State.ANSWERED: {State.CLOSED, State.CORRECTED},
        State.CLOSED: {State.CORRECTED},
    }

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="feedback_about", verbose_name="单位或社区"
    )
    receiver = models.ForeignKey(
        Organisation, models.PROTECT, related_name="feedback_received", verbose_name="收件方"
    )
    counterpart = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="唯一的对方"
    )
    place = models.CharField("统计地点", max_length=12)
    side = models.CharField("一方", max_length=10, choices=Side)
    month = models.DateField("月份", help_text="its first day")
    version = models.PositiveSmallIntegerField("版本", default=1)
    corrects = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="corrected_by", verbose_name="更正的旧版"
    )
    reason = models.CharField("更正原因", max_length=300, blank=True)
    number = models.CharField("编号", max_length=24, unique=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.GENERATED)
    content = models.JSONField("内容", default=dict)
    sha256 = models.CharField("校验码", max_length=64, blank=True)

    generated_at = models.DateTimeField("生成时间")
    sent_at = models.DateTimeField("发送时间", null=True)
    due_on = models.DateField("答复期限", null=True)
    received_at = models.DateTimeField("签收时间", null=True)
    received_by = models.CharField("签收人", max_length=60, blank=True)
    reply = models.CharField("答复", max_length=10, choices=Reply, blank=True)
    reply_words = models.CharField("答复内容", max_length=LONGEST, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.CharField("答复人", max_length=60, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="办结人"
    )

    link_version = models.PositiveSmallIntegerField(default=0, help_text="0: no link was ever given")
    link_until = models.DateField("链接有效期", null=True)
    link_hour = models.DateTimeField(null=True, help_text="since when posts by link are counted")
    link_posts = models.PositiveSmallIntegerField(default=0)

    xlsx = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    pdf = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    xlsx_sha256 = models.CharField(max_length=64, blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)

    objects = FeedbackReportQuerySet.as_manager()

    class Meta:
        verbose_name = "双向反馈单"
        verbose_name_plural = "双向反馈单"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "side", "month", "version"], name="feedback_once_per_version"
            ),
            models.CheckConstraint(
                condition=Q(version=1, corrects__isnull=True, reason="")
                | Q(version__gt=1, corrects__isnull=False) & ~Q(reason=""),
                name="feedback_correction_names_the_old",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["generated", "corrected"])
                | Q(sent_at__isnull=False, due_on__isnull=False),
                name="feedback_sent_has_due_date",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "closed"])
                | Q(answered_at__isnull=False) & ~Q(reply="") & ~Q(answered_by=""),
                name="feedback_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(reply="disputed") | ~Q(reply_words=""), name="feedback_dispute_has_words"
            ),
        ]
        indexes = [
            models.Index(fields=["receiver", "-month", "-id"], name="feedback_inbox"),
            models.Index(fields=["month", "place"], name="feedback_by_place"),
            models.Index(
                fields=["due_on"], name="feedback_unanswered", condition=Q(state__in=["sent", "received"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_state_display()}"

    def move(self, state: str) -> None:
        """Set `state`, or raise RuleBroken when MOVES has no such move. Does not save."""
        if state not in self.MOVES.get(State(self.state), ()):
            raise RuleBroken(
                f"反馈单{self.number}现在是“{self.get_state_display()}”，不能再这样办。请刷新后再看。",
                code="wrong_state",
            )
        self.state = state

    @property
    def period(self) -> Month:
        return Month.of(self.month)

    @property
    def is_waiting(self) -> bool:
        """Whether the receiver still has to answer."""
        return self.state in self.WAITING

    @property
    def is_overdue(self) -> bool:
        return self.is_waiting and self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def was_on_time(self) -> bool | None:
        """Whether the answer came by its day; None while there is none."""
        if self.answered_at is None or self.due_on is None:
            return None
        return timezone.localdate(self.answered_at) <= self.due_on


class FeedbackLineQuerySet(models.QuerySet["FeedbackLine"]):
    def named(self) -> "FeedbackLineQuerySet":
        """Those whose person may be named today."""
        return self.filter(may_be_named("retiree"))


class FeedbackLine(models.Model):
    """One person in a report, in the order in which they are printed; `cells` are frozen with it.

    Somebody restricted since is a bureau's business (docs/rules.md, P2).
    """

    SEEN_BY = (
        but_of_restricted("retiree_id", with_row("checkin_feedback_feedbackreport", "report_id")),
        f"{FOR_A_BUREAU} AND {with_row('checkin_feedback_feedbackreport', 'report_id')}",
    )

    report = models.ForeignKey(FeedbackReport, models.PROTECT, related_name="lines", verbose_name="反馈单")
    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="+", verbose_name="老同志")
    counterpart = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="对方"
    )
    position = models.PositiveIntegerField("序号")
    cells = models.JSONField("内容")

    objects = FeedbackLineQuerySet.as_manager()

    class Meta:
        verbose_name = "反馈单人员"
        verbose_name_plural = "反馈单人员"
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="feedback_line_in_order"),
            models.UniqueConstraint(fields=["report", "retiree"], name="feedback_line_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.position}"


class FeedbackMatterQuerySet(models.QuerySet["FeedbackMatter"]):
    def named(self) -> "FeedbackMatterQuerySet":
        """Those whose person may be named today; the others nobody can see, so nobody has to answer them."""
        return self.filter(may_be_named("line__retiree"))


class FeedbackMatter(models.Model):
    """Something in a report that needs an answer of its own (需答复事项). Owner and date are the report's."""

    SEEN_BY = (with_row("checkin_feedback_feedbackline", "line_id"),)

    class State(models.TextChoices):
        OPEN = "open", "待答复"
        ANSWERED = "answered", "已答复"
        DISPUTED = "disputed", "有异议"
        CLOSED = "closed", "已由新版代替"

    report = models.ForeignKey(FeedbackReport, models.PROTECT, related_name="matters", verbose_name="反馈单")
    line = models.ForeignKey(FeedbackLine, models.PROTECT, related_name="matters", verbose_name="人员")
    kind = models.CharField("事项", max_length=40)
    title = models.CharField("事项名称", max_length=40)
    words = models.CharField("说明", max_length=300)
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    answer = models.CharField("答复", max_length=LONGEST, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.CharField("答复人", max_length=60, blank=True)

    objects = FeedbackMatterQuerySet.as_manager()

    class Meta:
        verbose_name = "需答复事项"
        verbose_name_plural = "需答复事项"
        constraints = [
            models.UniqueConstraint(fields=["line", "kind"], name="feedback_matter_once_per_person"),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "disputed"])
                | Q(answered_at__isnull=False) & ~Q(answer="") & ~Q(answered_by=""),
                name="feedback_matter_answered_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["report"], name="feedback_open_matters", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.get_state_display()}"
