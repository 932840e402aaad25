from datetime import timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.rowscope.policies import (
    BUREAUS,
    ORGANISATIONS,
    but_of_restricted,
    is_ours,
    is_person,
    of_person,
)
from huifeng.sealed import SealedField
from members.people.models import Retiree
from services.presets.models import Preset

MOST_POINTS = 10_000  # in one act, so that a slip of the hand is seen


class PointsReason(Preset):
    """What points are given for at the counter (积分), and how many as a rule."""

    points = models.PositiveIntegerField(
        "建议分值", default=10, validators=[MinValueValidator(1), MaxValueValidator(MOST_POINTS)]
    )

    class Meta(Preset.Meta):
        verbose_name = "积分事由"
        verbose_name_plural = "积分事由"


class Account(models.Model):
    """Where amounts stand: a fund's 分 (1/100 元), a person's points, and the outer sides they come from and go to.

    `balance` is kept for funds and points and is never below zero; the outer sides have none, so that no two
    desks wait for each other there. It changes by entries only (services/ledger/booking.py).
    """

    SEEN_BY = (
        is_person("retiree_id"),
        f"{{own}}.retiree_id IS NULL AND {ORGANISATIONS} IS NOT NULL",
        of_person("retiree_id"),
    )

    class Kind(models.TextChoices):
        FUND = "fund", "资金"
        POINTS = "points", "积分"
        GRANTED = "granted", "拨款来源"
        PAID = "paid", "已支付"
        GIVEN = "given", "积分发放"
        SPENT = "spent", "积分兑换"

    KEPT = (Kind.FUND, Kind.POINTS)

    kind = models.CharField("类别", max_length=10, choices=Kind)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="accounts", verbose_name="单位"
    )
    retiree = models.ForeignKey(
        Retiree, models.PROTECT, null=True, related_name="accounts", verbose_name="老同志"
    )
    name = models.CharField("名称", max_length=60, blank=True)
    balance = models.BigIntegerField("余额（分或积分）", null=True)

    class Meta:
        verbose_name = "账户"
        verbose_name_plural = "账户"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["fund", "points"], balance__isnull=False)
                | ~Q(kind__in=["fund", "points"]) & Q(balance__isnull=True),
                name="account_keeps_a_balance_or_none",
            ),
            models.CheckConstraint(
                condition=Q(balance__isnull=True) | Q(balance__gte=0), name="account_never_below_zero"
            ),
            models.CheckConstraint(
                condition=Q(kind="points", retiree__isnull=False, organisation__isnull=True)
                | ~Q(kind="points") & Q(retiree__isnull=True, organisation__isnull=False),
                name="account_of_a_person_or_an_organisation",
            ),
            models.UniqueConstraint(
                fields=["retiree"], condition=Q(kind="points"), name="account_points_once_per_person"
            ),
            models.UniqueConstraint(fields=["organisation", "kind", "name"], name="account_name_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.get_kind_display()


class Entry(models.Model):
    """`amount` goes from one account to another: what one side loses the other gains, by construction.

    Rows are added and never changed (APPEND_ONLY); an error is put right by a counter-entry that names it in
    `reverses`. `source` says what the entry is for and stands once, so that the same fact is not booked twice.
    `organisation`: in whose books it stands. `note`: words for people; sealed, so that they can be forgotten.
    """

    APPEND_ONLY = True
    SEEN_BY = (
        is_person("retiree_id"),
        f"{{own}}.retiree_id IS NULL AND ({is_ours('organisation_id')} OR {BUREAUS} IS NOT NULL)",
        but_of_restricted("retiree_id", is_ours("organisation_id")),
        of_person("retiree_id"),
    )

    class Kind(models.TextChoices):
        GRANT = "grant", "拨入"
        AID = "aid", "困难帮扶支付"
        SUBSIDY = "subsidy", "补贴发放"
        CREDIT = "credit", "得积分"
        REDEEM = "redeem", "兑换"
        CANCEL = "cancel", "取消兑换，退回积分"
        REVERSE = "reverse", "冲销"
        MERGE = "merge", "档案合并，积分转入"
        LAPSE = "lapse", "积分清零"

    kind = models.CharField("事项", max_length=10, choices=Kind)
    from_account = models.ForeignKey(Account, models.PROTECT, related_name="going", verbose_name="出")
    to_account = models.ForeignKey(Account, models.PROTECT, related_name="coming", verbose_name="入")
    amount = models.BigIntegerField("数额（分或积分）")
    retiree = models.ForeignKey(
        Retiree, models.PROTECT, null=True, related_name="ledger_entries", verbose_name="老同志"
    )
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="记账单位")
    source = models.CharField("来源", max_length=80, unique=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by", verbose_name="冲销哪一笔"
    )
    note = SealedField("说明", context="ledger.entry_note")
    booked_on = models.DateField("记账日期")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="记账人")
    at = models.DateTimeField("记账时间")

    class Meta:
        verbose_name = "台账分录"
        verbose_name_plural = "台账分录"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="entry_moves_something"),
            models.CheckConstraint(
                condition=~Q(from_account=F("to_account")), name="entry_between_two_accounts"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["reverse", "cancel"], reverses__isnull=False)
                | ~Q(kind__in=["reverse", "cancel"]) & Q(reverses__isnull=True),
                name="entry_counter_names_what_it_reverses",
            ),
        ]
        indexes = [
            models.Index(fields=["from_account", "-id"], name="entry_going"),
            models.Index(fields=["to_account", "-id"], name="entry_coming"),
            models.Index(fields=["kind", "booked_on"], name="entry_by_kind_and_day"),
        ]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.get_kind_display()} {self.amount}"


class Goods(models.Model):
    """Something a community gives for points (积分超市), with what is left of it."""

    community = models.ForeignKey(Organisation, models.PROTECT, related_name="goods", verbose_name="社区")
    name = models.CharField("品名", max_length=40)
    points = models.PositiveIntegerField(
        "所需积分", validators=[MinValueValidator(1), MaxValueValidator(MOST_POINTS)]
    )
    stock = models.IntegerField("库存", default=0, validators=[MinValueValidator(0), MaxValueValidator(9999)])
    is_active = models.BooleanField("可以兑换", default=True)

    class Meta:
        verbose_name = "积分商品"
        verbose_name_plural = "积分商品"
        constraints = [
            models.UniqueConstraint(fields=["community", "name"], name="goods_name_once_per_community"),
            models.CheckConstraint(condition=Q(stock__gte=0), name="goods_stock_never_below_zero"),
            models.CheckConstraint(condition=Q(points__gte=1), name="goods_cost_something"),
        ]

    def __str__(self) -> str:
        return self.name


class Redemption(models.Model):
    """A person took goods at the counter. `key` is the form's, so that a second click is not a second piece."""

    SEEN_BY = (
        is_person("retiree_id"),
        but_of_restricted("retiree_id", is_ours("community_id")),
        of_person("retiree_id"),
    )
    UNDO = timedelta(hours=24)

    key = models.UUIDField("表单", unique=True)
    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="redemptions", verbose_name="老同志")
    goods = models.ForeignKey(Goods, models.PROTECT, related_name="redemptions", verbose_name="商品")
    community = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="社区")
    count = models.PositiveIntegerField("件数")
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="redemption", verbose_name="分录")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("时间")
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="取消人"
    )
    cancelled_at = models.DateTimeField("取消时间", null=True)

    class Meta:
        verbose_name = "积分兑换"
        verbose_name_plural = "积分兑换"
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1), name="redemption_of_something"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancelled_by__isnull=True)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
                name="redemption_cancelled_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["community", "-id"], name="redemption_by_community")]

    def __str__(self) -> str:
        return f"{self.goods} × {self.count}"

    @property
    def may_cancel(self) -> bool:
        """Whether it is still within the day in which it can be taken back."""
        return self.cancelled_at is None and timezone.now() - self.at <= self.UNDO
