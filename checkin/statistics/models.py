from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from huifeng.rowscope.policies import in_area, is_ours, is_person, of_person


class MonthlyFact(models.Model):
    """One person in one closed month, as everything was then. What each column means: docs/statistics.md.

    Rows are written by the closing of the month and never changed. A month that was reopened and closed again
    has another `closing`; the rows of the earlier one stay. The columns after `closing` are those of facts.COLUMNS,
    in their order. The table is partitioned by month (partitions.py).
    """

    APPEND_ONLY = True
    SEEN_BY = (
        in_area("place"),
        is_ours("unit_id"),
        is_person("retiree_id"),
        of_person("retiree_id"),
    )

    pk = models.CompositePrimaryKey("month", "closing", "retiree_id")
    month = models.DateField("月份", help_text="its first day")
    closing = models.PositiveSmallIntegerField("第几次封存")
    retiree_id = models.BigIntegerField()
    place = models.CharField(max_length=12)
    from_place = models.CharField(max_length=12, null=True)  # noqa: DJ001 -- NULL: was nowhere
    asked_place = models.CharField(max_length=12, null=True)  # noqa: DJ001 -- NULL: asks for nothing
    unit_id = models.BigIntegerField(null=True)
    unit_nature = models.CharField(max_length=40)
    unit_tier = models.CharField(max_length=40)
    unit_level = models.CharField(max_length=10)
    kind = models.CharField(max_length=10)
    sex = models.CharField(max_length=1)
    age = models.SmallIntegerField(null=True)
    rank = models.CharField(max_length=40)
    rank_group = models.CharField(max_length=40)
    party = models.BooleanField()
    elsewhere = models.CharField(max_length=10)
    resettled = models.BooleanField()
    before_scheme = models.BooleanField()
    dependent = models.BooleanField()
    retired_on = models.CharField(max_length=10)
    joined_work_on = models.CharField(max_length=10)
    present = models.BooleanField()
    expected = models.BooleanField()
    was_in = models.BooleanField()
    checked_in = models.BooleanField()
    channel = models.CharField(max_length=10)
    came = models.CharField(max_length=10)
    gone = models.CharField(max_length=10)
    late = models.BooleanField()
    died = models.BooleanField()
    retired_now = models.BooleanField()
    confirm_days = models.SmallIntegerField(null=True)
    on_time = models.BooleanField(null=True)
    pending = models.CharField(max_length=10)
    overdue = models.BooleanField()
    in_branch = models.BooleanField()
    joined_branch = models.BooleanField()
    checkin_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "月度人员"
        verbose_name_plural = "月度人员"

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} #{self.retiree_id}"


class MonthlyTotal(models.Model):
    """What a place counts in a closed month: read in time that does not depend on the number of people.

    `values` are in the order of the closing's `MonthlyStatement.keys`; `place` is a code of 12 digits, a
    district's or street's for people whose community is not known. `extra`: what upper rooms count.
    """

    APPEND_ONLY = True

    pk = models.CompositePrimaryKey("month", "closing", "place")
    month = models.DateField("月份")
    closing = models.PositiveSmallIntegerField("第几次封存")
    place = models.CharField(max_length=12)
    values = ArrayField(models.IntegerField())
    extra = models.JSONField(default=dict)

    class Meta:
        verbose_name = "月度合计"
        verbose_name_plural = "月度合计"

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.place}"


class MonthlyStatement(models.Model):
    """The statement of an area for a month: a district submits its own, the city's is closed for everybody.

    `closing` counts how often the month was closed; what was counted is kept under that number. That a month
    was ever reopened stays on the row for good and is printed on every later paper.
    """

    class State(models.TextChoices):
        OPEN = "open", "未封存"
        SUBMITTED = "submitted", "已上报"
        CLOSED = "closed", "已封存"
        REOPENED = "reopened", "已重开"

    area = models.CharField("地区", max_length=6, help_text="code prefix: 3702 or 370202")
    month = models.DateField("月份", help_text="its first day")
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    submitted_at = models.DateTimeField("上报时间", null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="上报人"
    )
    submit_due_on = models.DateField("应上报日期", null=True)
    closed_at = models.DateTimeField("封存时间", null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="封存人"
    )
    explanation = models.CharField("封存说明", max_length=500, blank=True)
    closing = models.PositiveSmallIntegerField("第几次封存", default=0)
    keys = ArrayField(models.CharField(max_length=40), default=list)
    names = models.JSONField("当时的名称", default=dict)
    checks = models.JSONField("核对", default=list, help_text="the identities as they were at the closing")
    sha256 = models.CharField(max_length=64, blank=True)
    reopen_asked_at = models.DateTimeField("申请重开时间", null=True)
    reopen_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="申请人"
    )
    reopen_words = models.CharField("申请重开的原因", max_length=300, blank=True)
    reopened_at = models.DateTimeField("重开时间", null=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="重开人"
    )
    reason = models.CharField("重开原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "月度报表"
        verbose_name_plural = "月度报表"
        constraints = [
            models.UniqueConstraint(fields=["area", "month"], name="statement_once_per_area"),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="statement_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="statement_submitted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at__isnull=True) | Q(reopened_by__isnull=False) & ~Q(reason=""),
                name="statement_reopened_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area} {self.month:%Y-%m} {self.get_state_display()}"

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED

    @property
    def reopening_is_asked(self) -> bool:
        """Somebody asked to reopen the closed month and nobody else has decided yet."""
        asked, closed = self.reopen_asked_at, self.closed_at
        return self.is_closed and asked is not None and closed is not None and asked > closed

    @property
    def was_on_time(self) -> bool | None:
        """Whether the submission came by its day; None while there is none."""
        if self.submitted_at is None or self.submit_due_on is None:
            return None
        return timezone.localdate(self.submitted_at) <= self.submit_due_on

    @property
    def was_reopened(self) -> bool:
        return self.reopened_at is not None
