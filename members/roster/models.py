from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from communities.organisations.models import Organisation, OrganisationQuerySet
from communities.organisations.permissions import in_areas, is_system, standing_of
from communities.organisations.seats import seat_in_area
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.jobs.models import Job, StoredFile
from huifeng.rowscope.policies import is_ours, is_user, of_person, with_row
from huifeng.sealed import BlindIndexField, SealedBytesField, SealedField
from members.people.models import Retiree, bureau_areas
from members.people.naming import may_be_named

UNITS = (Organisation.Kind.UNIT, Organisation.Kind.EXTERNAL_UNIT)


def organisations_of(user: User) -> OrganisationQuerySet:
    """Organisations whose imports `user` sees: one's own units and bureaus, and the units a bureau oversees."""
    if is_system(user):
        return Organisation.objects.all()
    standing = standing_of(user)
    own = Q(pk__in=standing.organisation_ids, kind__in=(*UNITS, Organisation.Kind.BUREAU))
    areas = bureau_areas(standing)
    if areas:
        # a unit outside the city has no account of its own: any bureau acts for it
        own |= in_areas("division__code", areas) & Q(kind__in=UNITS) | Q(kind=Organisation.Kind.EXTERNAL_UNIT)
    return Organisation.objects.filter(own)


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, user: User) -> "ImportBatchQuerySet":
        """Imports of the organisations whose roster `user` may bring."""
        return self.filter(organisation__in=organisations_of(user))


class ImportBatch(models.Model):
    """One roster file somebody sent: read, planned, looked at, then written as a whole, or not at all.

    `organisation` is the unit the roster belongs to, or a bureau whose file names a unit for each sheet or
    row. `report` holds what was found in the file (headings, remarks), `counts` the numbers of the plan.
    """

    SEEN_BY = (is_user("by_id"), is_ours("organisation_id"), seat_in_area("organisation_id"))

    class State(models.TextChoices):
        RECEIVED = "received", "正在检查"
        REFUSED = "refused", "没有读成"
        PLANNED = "planned", "待您确认"
        APPLIED = "applied", "已导入"
        UNDONE = "undone", "已撤销"
        DISCARDED = "discarded", "已放弃"

    MOVES = {  # a state without a line here is final
        State.RECEIVED: {State.PLANNED, State.REFUSED, State.DISCARDED},
        State.PLANNED: {State.APPLIED, State.DISCARDED, State.RECEIVED},
        State.APPLIED: {State.UNDONE},
    }
    UNDO_WITHIN = timedelta(hours=24)

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="imports", verbose_name="名册单位"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="导入人")
    file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    error_file = models.ForeignKey(StoredFile, models.SET_NULL, null=True, related_name="+")
    file_name = models.CharField("文件名", max_length=200)
    sha256 = models.CharField(max_length=64)
    state = models.CharField("状态", max_length=10, choices=State, default=State.RECEIVED)
    refused = models.CharField("没有读成的原因", max_length=400, blank=True)
    refused_code = models.CharField(max_length=40, blank=True)
    report = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    planned_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField("导入时间", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "名册导入"
        verbose_name_plural = "名册导入"
        indexes = [models.Index(fields=["organisation", "-created_at"], name="import_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True) ^ Q(state__in=["applied", "undone"]),
                name="import_applied_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.number

    def may_undo(self, at: datetime) -> bool:
        """Whether it is not yet too late to take the import back."""
        return self.applied_at is not None and at - self.applied_at <= self.UNDO_WITHIN

    @property
    def number(self) -> str:
        """The batch number that people quote, on the receipt and in the audit."""
        return f"DR-{self.pk:06d}"

    def move_to(self, state: str) -> None:
        """Set `state`, or raise RuleBroken when MOVES forbids it. Does not save."""
        if state not in self.MOVES.get(self.State(self.state), ()):
            raise RuleBroken(
                f"这次导入{self.get_state_display()}，不能再办这一步。请刷新后再看。", code="wrong_state"
            )
        self.state = state

    @property
    def refused_rows(self) -> int:
        return int(self.counts.get("rejected", 0)) + int(self.counts.get("duplicate", 0))

    @property
    def written(self) -> int:
        """How many people the plan would write, or wrote."""
        return int(self.counts.get("new", 0)) + int(self.counts.get("changed", 0))


class ImportRow(models.Model):
    """One person of a file and what the plan makes of it. Also the staging table: written by COPY, and the
    rows of the register are made from it by set statements.

    A value column holds what will be written; NULL says nothing. `fields` names the columns that count for
    somebody who is in the register already, `before` what they were. Rows are forgotten with the file.
    """

    SEEN_BY = (with_row("members_roster_importbatch", "batch_id"),)

    class Verdict(models.TextChoices):
        NEW = "new", "新增"
        CHANGED = "changed", "变更"
        UNCHANGED = "unchanged", "没有变化"
        DUPLICATE = "duplicate", "文件里重复"
        REJECTED = "rejected", "要修改"

    WRITTEN = (Verdict.NEW, Verdict.CHANGED)

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=60)
    row = models.PositiveIntegerField()
    verdict = models.CharField(max_length=10, choices=Verdict)
    person = models.BigIntegerField(
        null=True, help_text="pk of the retiree, given out before the row is written"
    )
    version = models.PositiveIntegerField(null=True, help_text="of the person when the plan was made")
    unit_id = models.BigIntegerField(null=True)
    other_unit_id = models.BigIntegerField(null=True, help_text="who manages the person instead of `unit_id`")
    fields = ArrayField(models.CharField(max_length=40), default=list)
    before = models.JSONField(null=True)
    notes = models.JSONField(null=True)
    has_warning = models.BooleanField(default=False)

    name = models.TextField()
    name_pinyin = models.TextField(null=True)
    former_name = models.TextField(null=True)
    sex = models.TextField(null=True)
    birth_date = models.DateField(null=True)
    ethnicity = models.TextField(null=True)
    native_place = models.TextField(null=True)
    id_number = SealedField(context="people.id_number")
    id_index = BlindIndexField(of="id_number", kind="id_number", null=True)
    kind = models.TextField(null=True)
    retired_on = models.TextField(null=True)
    joined_work_on = models.TextField(null=True)
    revolution_period = models.TextField(null=True)
    original_unit = models.TextField(null=True)
    original_post = models.TextField(null=True)
    category = models.TextField(null=True)
    rank = models.TextField(null=True)
    treatment = models.TextField(null=True)
    political_status = models.TextField(null=True)
    party_joined_on = models.TextField(null=True)
    phone = SealedField(context="people.phone")
    phone_index = BlindIndexField(of="phone", kind="phone", null=True)
    phone_tail = models.TextField(null=True)
    old_phone = SealedBytesField(
        context="people.phone", null=True, help_text="as it was, still sealed, for undo"
    )
    old_phone_index = BlindIndexField(of="old_phone", kind="phone", null=True)
    old_phone_tail = models.TextField(null=True)
    old_emergency_phone = SealedBytesField(context="people.emergency_phone", null=True)
    landline = models.TextField(null=True)
    emergency_name = models.TextField(null=True)
    emergency_relation = models.TextField(null=True)
    emergency_phone = SealedField(context="people.emergency_phone")
    residence_id = models.TextField(null=True)
    residence_address = models.TextField(null=True)
    household_address = models.TextField(null=True)
    elsewhere = models.TextField(null=True)
    living_situation = models.TextField(null=True)
    resettled_on = models.TextField(null=True)
    resettled_to = models.TextField(null=True)
    education = models.TextField(null=True)
    title = models.TextField(null=True)
    skills = models.TextField(null=True)
    interests = ArrayField(models.CharField(max_length=40), null=True)
    health = models.TextField(null=True)
    mobility = models.TextField(null=True)

    class Meta:
        verbose_name = "名册行"
        verbose_name_plural = "名册行"
        indexes = [
            models.Index(fields=["batch", "verdict", "id"], name="import_rows_by_verdict"),
            models.Index(fields=["batch", "id"], name="import_rows_warned", condition=Q(has_warning=True)),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.row} {self.get_verdict_display()}"


class TransferProposalQuerySet(models.QuerySet["TransferProposal"]):
    def open(self) -> "TransferProposalQuerySet":
        return self.filter(state=TransferProposal.State.OPEN)

    def named(self) -> "TransferProposalQuerySet":
        """Those whose person others than bureaus may know of."""
        return self.filter(may_be_named("retiree"))


class TransferProposal(models.Model):
    """A roster names somebody whom another unit manages: that unit hands over, or says no (rules P10, P17)."""

    SEEN_BY = (
        is_ours("from_unit_id", "to_unit_id"),
        seat_in_area("from_unit_id"),
        seat_in_area("to_unit_id"),
        of_person("retiree_id"),
    )

    class State(models.TextChoices):
        OPEN = "open", "待对方答复"
        ACCEPTED = "accepted", "已转入"
        REFUSED = "refused", "没有转"
        OVERTAKEN = "overtaken", "已不需要"

    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="transfers")
    retiree = models.ForeignKey(
        Retiree, models.PROTECT, related_name="transfer_proposals", verbose_name="老同志"
    )
    from_unit = models.ForeignKey(
        Organisation, models.PROTECT, related_name="transfers_asked", verbose_name="现管单位"
    )
    to_unit = models.ForeignKey(
        Organisation, models.PROTECT, related_name="transfers_wanted", verbose_name="要转入的单位"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField("理由", max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = TransferProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "转入提议"
        verbose_name_plural = "转入提议"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree", "to_unit"], condition=Q(state="open"), name="transfer_one_open_per_unit"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | ~Q(state="open") & Q(decided_at__isnull=False),
                name="transfer_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retiree} → {self.to_unit} {self.get_state_display()}"
