from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.rowscope.policies import is_person, of_person
from huifeng.sealed import SealedField
from members.party.models import PartyOrganisation
from members.people.models import Retiree
from services.ledger.models import Account, Entry
from services.presets.models import Preset


class FundPreset(Preset):
    """What money is given for: a household in need (困难帮扶 一户一策), or a subsidy by rule (支部书记补贴)."""

    class Kind(models.TextChoices):
        AID = "aid", "一户一策"
        SUBSIDY = "subsidy", "按月补贴"

    kind = models.CharField("类别", max_length=10, choices=Kind)
    monthly = models.PositiveIntegerField("每月（元）", default=0)
    years = models.PositiveSmallIntegerField("任职满几年", default=0)

    class Meta(Preset.Meta):
        verbose_name = "资金机制"
        verbose_name_plural = "资金机制"


class ApplicationQuerySet(models.QuerySet["Application"]):
    def open(self) -> "ApplicationQuerySet":
        return self.filter(desk__isnull=False)

    def visible_to(self, user: User) -> "ApplicationQuerySet":
        """Of the people `user` may see: that help was asked and given is a result both sides see (design §5)."""
        if is_system(user):
            return self
        return self.filter(retiree__in=Retiree.objects.visible_to(user))


class Application(models.Model):
    """A household in need asks for help (困难帮扶 一户一策): reason, check, plan, second person, payment, result.

    `desk`: whose turn it is, NULL when nobody's. `organisation` filed it and writes down what came of it; the office
    that keeps the `fund` decides. The words are sealed; who reads them: docs/rules.md, M10. Amounts in 分.
    """

    SEEN_BY = (is_person("retiree_id"), of_person("retiree_id"))

    class State(models.TextChoices):
        APPLIED = "applied", "待核实"
        CHECKED = "checked", "待定方案"
        PLANNED = "planned", "待审批"
        APPROVED = "approved", "待支付"
        PAID = "paid", "已支付，待回访"
        CLOSED = "closed", "已办结"
        REFUSED = "refused", "未批准"
        WITHDRAWN = "withdrawn", "已撤回"
        ENDED = "ended", "已终止"

    MOVES = {
        State.APPLIED: {State.CHECKED, State.REFUSED, State.WITHDRAWN, State.ENDED},
        State.CHECKED: {State.PLANNED, State.REFUSED, State.WITHDRAWN, State.ENDED},
        State.PLANNED: {State.PLANNED, State.APPROVED, State.REFUSED, State.WITHDRAWN, State.ENDED},
        State.APPROVED: {State.PAID, State.WITHDRAWN, State.ENDED},
        State.PAID: {State.APPROVED, State.CLOSED},
    }
    AT_OFFICE = (State.APPLIED, State.CHECKED, State.PLANNED, State.APPROVED)
    OPEN = (*AT_OFFICE, State.PAID)

    preset = models.ForeignKey(FundPreset, models.PROTECT, related_name="applications", verbose_name="机制")
    retiree = models.ForeignKey(
        Retiree, models.PROTECT, related_name="aid_applications", verbose_name="老同志"
    )
    fund = models.ForeignKey(Account, models.PROTECT, related_name="applications", verbose_name="资金")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="aid_applications", verbose_name="申报单位"
    )
    desk = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="aid_to_handle", verbose_name="轮到谁办"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.APPLIED)
    household = models.PositiveSmallIntegerField("家庭人口", default=1, validators=[MinValueValidator(1)])
    asked = models.BigIntegerField("申请金额（分）")
    amount = models.BigIntegerField("批准金额（分）", null=True)
    reason = SealedField("困难情况", context="funds.reason")
    checked = SealedField("核实情况", context="funds.checked")
    plan = SealedField("帮扶方案", context="funds.plan")
    result = SealedField("回访结果", context="funds.result")
    ending = models.CharField("不再办理的原因", max_length=200, blank=True)
    ended_from = models.CharField("终止前", max_length=10, blank=True)
    place = models.CharField("支付时所在社区", max_length=12, blank=True)
    payment = models.OneToOneField(
        Entry, models.PROTECT, null=True, related_name="application", verbose_name="支付分录"
    )
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    applied_at = models.DateTimeField("申请时间")
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField("最近变动")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "困难帮扶申请"
        verbose_name_plural = "困难帮扶申请"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree", "preset"],
                condition=Q(desk__isnull=False),
                name="application_one_open_per_person_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["applied", "checked", "planned", "approved", "paid"], desk__isnull=False
                )
                | Q(state__in=["closed", "refused", "withdrawn", "ended"], desk__isnull=True),
                name="application_open_has_a_desk",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("planned_by")),
                name="application_approved_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["paid", "closed"], payment__isnull=False, amount__gt=0)
                | ~Q(state__in=["paid", "closed"]) & Q(payment__isnull=True),
                name="application_paid_has_its_entry",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "withdrawn", "ended"]) | ~Q(ending=""),
                name="application_ended_has_reason",
            ),
            models.CheckConstraint(condition=Q(asked__gt=0), name="application_asks_for_something"),
        ]
        indexes = [
            models.Index(fields=["desk", "-id"], name="application_queue", condition=Q(desk__isnull=False)),
            models.Index(fields=["fund", "-id"], name="application_by_fund"),
            models.Index(fields=["organisation", "-id"], name="application_by_filer"),
        ]

    def __str__(self) -> str:
        return f"{self.preset} {self.get_state_display()}"

    @property
    def office(self) -> Organisation:
        """Who keeps the fund and decides."""
        office = self.fund.organisation
        assert office is not None  # a constraint of accounts says so
        return office

    def require_move(self, state: "Application.State") -> None:
        """Raise RuleBroken when MOVES forbids `state`."""
        if state not in self.MOVES.get(self.State(self.state), ()):
            raise RuleBroken(
                f"这件申请现在是“{self.get_state_display()}”，不能这样办。请刷新后再看。", code="state"
            )

    def move_to(self, state: "Application.State") -> None:
        """Set `state`, or raise RuleBroken when MOVES forbids it. Does not save."""
        self.require_move(state)
        self.state = state


class SubsidyList(models.Model):
    """Who gets a subsidy for a month (支部书记补贴月表): made by rule, approved by a second person, booked as a whole.

    Amounts in 分. A dropped list gives its month free.
    """

    class State(models.TextChoices):
        MADE = "made", "待审批"
        APPROVED = "approved", "待记账"
        BOOKED = "booked", "已记账"
        DROPPED = "dropped", "已作废"

    MOVES = {
        State.MADE: {State.APPROVED, State.DROPPED},
        State.APPROVED: {State.BOOKED, State.DROPPED},
    }

    preset = models.ForeignKey(FundPreset, models.PROTECT, related_name="lists", verbose_name="机制")
    fund = models.ForeignKey(Account, models.PROTECT, related_name="subsidy_lists", verbose_name="资金")
    month = models.DateField("月份（首日）")
    state = models.CharField("状态", max_length=10, choices=State, default=State.MADE)
    people = models.PositiveIntegerField("人数", default=0)
    total = models.BigIntegerField("合计（分）", default=0)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("生成时间")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField("审批时间", null=True)
    booked_at = models.DateTimeField("记账时间", null=True)

    class Meta:
        verbose_name = "补贴月表"
        verbose_name_plural = "补贴月表"
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "preset", "month"],
                condition=~Q(state="dropped"),
                name="subsidy_list_once_a_month",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("made_by")),
                name="subsidy_list_approved_by_a_second_person",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="subsidy_list_of_a_whole_month"),
        ]

    def __str__(self) -> str:
        return f"{self.preset} {self.month:%Y-%m}"

    def move_to(self, state: "SubsidyList.State") -> None:
        """Set `state`, or raise RuleBroken when MOVES forbids it. Does not save."""
        if state not in self.MOVES.get(self.State(self.state), ()):
            raise RuleBroken(
                f"这张月表现在是“{self.get_state_display()}”，不能这样办。请刷新后再看。", code="state"
            )
        self.state = state


class SubsidyLine(models.Model):
    """One person of a month's list, as the rule found them. `counts`: the list is not dropped."""

    SEEN_BY = (is_person("retiree_id"), of_person("retiree_id"))

    list = models.ForeignKey(SubsidyList, models.PROTECT, related_name="lines", verbose_name="月表")
    preset = models.ForeignKey(FundPreset, models.PROTECT, related_name="+", verbose_name="机制")
    month = models.DateField("月份（首日）")
    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="subsidy_lines", verbose_name="老同志")
    branch = models.ForeignKey(PartyOrganisation, models.PROTECT, related_name="+", verbose_name="支部")
    since = models.DateField("任职自")
    amount = models.BigIntegerField("金额（分）")
    counts = models.BooleanField(default=True)

    class Meta:
        verbose_name = "补贴名单"
        verbose_name_plural = "补贴名单"
        constraints = [
            models.UniqueConstraint(
                fields=["preset", "month", "retiree"],
                condition=Q(counts=True),
                name="subsidy_once_a_month_per_person",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="subsidy_of_something"),
        ]

    def __str__(self) -> str:
        return f"{self.retiree} {self.month:%Y-%m}"
