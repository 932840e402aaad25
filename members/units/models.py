from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from communities.organisations.models import Organisation
from communities.organisations.permissions import in_areas
from communities.organisations.seats import seat_among
from huifeng.errors import RuleBroken
from huifeng.jobs.models import Job
from huifeng.rowscope.policies import but_of_restricted, is_ours, is_person, of_person
from members.people.models import Retiree


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class UnitMembershipQuerySet(models.QuerySet["UnitMembership"]):
    def open(self) -> "UnitMembershipQuerySet":
        """The memberships that hold now (现管单位)."""
        return self.filter(valid_until=None)

    def planned(self, reorganisation: "UnitReorganisation") -> models.QuerySet[Any, Any]:
        """Open memberships of its old units; `goes_to`: the unit the plan gives each person to."""
        chosen = ReorganisationPerson.objects.filter(
            reorganisation=reorganisation, retiree=OuterRef("retiree_id")
        ).values("target")
        return (
            self.open()
            .filter(unit__in=reorganisation.sources.values("pk"))
            .annotate(
                goes_to=Coalesce(
                    Subquery(chosen), Value(reorganisation.rest_to_id), output_field=models.BigIntegerField()
                )
            )
        )

    def leaving(self, reorganisation: "UnitReorganisation") -> models.QuerySet[Any, Any]:
        """Those of `planned` who go to another unit."""
        return self.planned(reorganisation).exclude(goes_to=F("unit_id"))


class UnitMembership(models.Model):
    """Which unit manages a retiree (现管单位), from a day up to, not including, another. Never two at once.

    The original unit's name and post stay as text on the person: a reorganisation changes who manages,
    not where somebody worked.
    """

    SEEN_BY = (
        is_person("retiree_id"),
        but_of_restricted("retiree_id", is_ours("unit_id"), seat_among("unit_id")),
        of_person("retiree_id"),
    )

    class Cause(models.TextChoices):
        ROSTER = "roster", "名册"
        VERIFIED = "verified", "单位核实"
        REORGANISED = "reorganised", "单位撤并"
        TRANSFERRED = "transferred", "转入"

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="memberships", verbose_name="老同志")
    unit = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memberships", verbose_name="现管单位"
    )
    valid_from = models.DateField("自")
    valid_until = models.DateField("至（不含）", null=True, blank=True)
    cause = models.CharField("来由", max_length=12, choices=Cause, default=Cause.ROSTER)
    document = models.CharField("文号", max_length=100, blank=True)

    objects = UnitMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "现管单位"
        verbose_name_plural = "现管单位"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree"],
                condition=Q(valid_until__isnull=True),
                name="membership_one_open_per_person",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=models.F("valid_from")),
                name="membership_dates_in_order",
            ),
            ExclusionConstraint(
                name="membership_no_overlap",
                expressions=[
                    ("retiree", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_until", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "retiree"], name="membership_open_by_unit", condition=Q(valid_until=None)
            )
        ]

    def __str__(self) -> str:
        return f"{self.retiree} @ {self.unit}"


class UnitReorganisationQuerySet(models.QuerySet["UnitReorganisation"]):
    def within(self, area: str) -> "UnitReorganisationQuerySet":
        """Those that a bureau of the area with code prefix `area` has to do with, by old or new units."""
        ours = Organisation.objects.filter(in_areas("division__code", (area,)) | Q(division=None)).values(
            "pk"
        )
        return self.filter(Q(sources__in=ours) | Q(targets__in=ours)).distinct()


class UnitReorganisation(models.Model):
    """Units merged, split, closed, or people handed over (单位撤并): planned, looked at, carried out as one.

    `effective_on` is the last day of the old; from the next day people are members of their target. Everyone
    goes where their row in `people` says, and who has none to `rest_to`; where that is the unit they are in,
    they stay. `fingerprint` is what was looked at: when it fits no more, nothing is done. `kept` holds the keys
    that undoing needs. Source: docs/rules.md, P20.
    """

    class Kind(models.TextChoices):
        MERGE = "merge", "合并"
        SPLIT = "split", "分设"
        MOVE = "move", "划转"
        CLOSE = "close", "撤销"

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        READY = "ready", "待办理"
        RUNNING = "running", "正在办理"
        DONE = "done", "已办理"
        FAILED = "failed", "没有办成"
        UNDONE = "undone", "已撤回"

    MOVES = {
        State.DRAFT: {State.READY},
        State.READY: {State.DRAFT, State.RUNNING},
        State.RUNNING: {State.DONE, State.FAILED},
        State.FAILED: {State.DRAFT, State.READY, State.RUNNING, State.DONE},
        State.DONE: {State.UNDONE},
    }
    PLANNED = (State.DRAFT, State.READY, State.FAILED)
    UNDO_WITHIN = timedelta(hours=24)

    kind = models.CharField("类别", max_length=10, choices=Kind)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    sources = models.ManyToManyField(Organisation, related_name="reorganised_away", verbose_name="原单位")
    targets = models.ManyToManyField(Organisation, related_name="reorganised_into", verbose_name="接收单位")
    closes = models.BooleanField("原单位撤销", default=False)
    rest_to = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name="其他人转到", help_text="who has no row"
    )
    effective_on = models.DateField("原单位最后一天")
    document = models.CharField("文号", max_length=100, blank=True)
    words = models.CharField("说明", max_length=300, blank=True)
    counts = models.JSONField("人数", default=dict, help_text="what the preview found, then what was done")
    fingerprint = models.CharField(max_length=64, blank=True)
    kept = models.JSONField(default=dict)
    error = models.CharField("原因", max_length=300, blank=True)
    job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField("办理时间", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField("撤回时间", null=True)

    objects = UnitReorganisationQuerySet.as_manager()

    class Meta:
        verbose_name = "单位撤并"
        verbose_name_plural = "单位撤并"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["done", "undone"], done_at__isnull=False)
                | ~Q(state__in=["done", "undone"]) & Q(done_at__isnull=True),
                name="reorganisation_done_has_time",
            ),
            models.CheckConstraint(
                condition=Q(state="undone", undone_at__isnull=False, undone_by__isnull=False)
                | ~Q(state="undone") & Q(undone_at__isnull=True, undone_by__isnull=True),
                name="reorganisation_undone_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.effective_on}"

    @property
    def first_day(self) -> date:
        """The first day under the new unit."""
        return self.effective_on + timedelta(days=1)

    @property
    def may_be_changed(self) -> bool:
        """Nothing was done, and nobody is at it: a job that gave up or was cancelled is nobody."""
        lost = (
            self.state == self.State.RUNNING and self.job is not None and self.job.state == Job.State.FAILED
        )
        return lost or self.state in self.PLANNED

    def may_be_undone_at(self, at: datetime) -> bool:
        """Whether there is still time, and what is needed was kept."""
        return (
            self.state == self.State.DONE
            and bool(self.kept)
            and self.done_at is not None
            and at < self.done_at + self.UNDO_WITHIN
        )

    def move_to(self, state: State) -> None:
        """Set `state`, or raise RuleBroken when MOVES forbids it. Does not save."""
        if state not in self.MOVES.get(self.State(self.state), ()):
            raise RuleBroken(
                f"这次撤并现在是“{self.get_state_display()}”，不能这样办。请刷新后再看。", code="state"
            )
        self.state = state

    def moved(self) -> "models.QuerySet[ReorganisationPerson]":
        """The people it gave to another unit, once it is carried out."""
        return self.people.filter(before__isnull=False)


class ReorganisationPerson(models.Model):
    """Where one person goes; once carried out, also the unit and the membership it took the person from."""

    SEEN_BY = (is_person("retiree_id"), of_person("retiree_id"))

    reorganisation = models.ForeignKey(
        UnitReorganisation,
        models.PROTECT,
        related_name="people",
        db_index=False,  # the constraint has the index
    )
    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="+", verbose_name="老同志")
    target = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="转到")
    source = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", verbose_name="原单位"
    )
    before = models.ForeignKey(UnitMembership, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "撤并人员"
        verbose_name_plural = "撤并人员"
        constraints = [
            models.UniqueConstraint(fields=["reorganisation", "retiree"], name="reorganisation_person_once")
        ]

    def __str__(self) -> str:
        return f"{self.retiree} → {self.target}"
