from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.rowscope.policies import is_person, of_person
from huifeng.sealed import SealedField
from members.people import fields
from members.people.models import Helper, Retiree, bureau_areas

# What a side's own screens do not hold (members.exports.columns) it is not shown in a proposal either.
UNSEEN_BY_COMMUNITY = frozenset({
    "former_name", "ethnicity", "native_place", "retired_on", "joined_work_on", "revolution_period",
    "original_post", "category", "rank", "treatment", "retired_before_scheme", "party_joined_on", "education",
    "title", "household_address", "resettled_on", "resettled_to",
})  # fmt: skip
UNSEEN_BY_UNIT = frozenset(["needs", "joins_community_party_life"])
IN_WORDS = ""  # the field of a proposal that says in words what is wrong and names no field
PROPOSED = fields.UNIT_OWNS | fields.COMMUNITY_OWNS


class ChangeProposalQuerySet(models.QuerySet["ChangeProposal"]):
    def open(self) -> "ChangeProposalQuerySet":
        return self.filter(state=ChangeProposal.State.OPEN)

    def for_organisation(self, organisation: Organisation) -> "ChangeProposalQuerySet":
        """What `organisation` has to answer or has answered, and what it proposed itself."""
        return self.filter(Q(desk=organisation) | Q(organisation=organisation))

    def visible_to(self, user: User) -> "ChangeProposalQuerySet":
        """The proposals `user` may read: about people one may see, as far as one's side is shown the field.

        The person and helpers read all about the person, a bureau all about the people of its area; staff what
        lies on their desk, what they proposed, and of the rest the fields both sides see. Words that name no
        field are read by who wrote them and who answers. Source: docs/rules.md, O7.
        """
        if is_system(user):
            return self
        standing = standing_of(user)
        seen = self.filter(retiree__in=Retiree.objects.visible_to(user))
        if bureau_areas(standing):
            return seen
        mine = Q(retiree__user=user) | Q(
            retiree__in=Helper.objects.filter(user=user, ended_at=None).values("retiree")
        )
        ours = Q(desk__in=standing.organisation_ids) | Q(organisation__in=standing.organisation_ids)
        return seen.filter(mine | ours | Q(field__in=PROPOSED - UNSEEN_BY_COMMUNITY - UNSEEN_BY_UNIT))


class ChangeProposal(models.Model):
    """Who does not own a field of a person says that it should be another; the owner answers (更正建议).

    `field` is a name of members.people.fields, or "" when the proposal says in words (`why`) what is wrong.
    `old_…` is what the record said when it was proposed, `new_…` what it should say: plain values as JSON keeps
    them (dates as text), ID number and phones sealed; read them as `old` and `new`. `desk` is the organisation
    that answers now; it follows the person. `side` keeps one open proposal a person, field and side.
    Source: docs/rules.md, section O.
    """

    SEEN_BY = (is_person("retiree_id"), of_person("retiree_id"))

    class State(models.TextChoices):
        OPEN = "open", "待答复"
        ACCEPTED = "accepted", "已采纳"
        REFUSED = "refused", "未采纳"
        WITHDRAWN = "withdrawn", "已撤回"
        SUPERSEDED = "superseded", "已有新建议"

    class Source(models.TextChoices):
        PERSON = "person", "本人"
        HELPER = "helper", "家人帮办"
        COMMUNITY = "community", "社区"
        UNIT = "unit", "单位"
        BUREAU = "bureau", "老干部局、街道"
        SYSTEM = "system", "对接系统"
        DECLARED = "declared", "报到时本人说明"

    class Side(models.TextChoices):
        PERSON = "person", "本人"
        COMMUNITY = "community", "社区"
        UNIT = "unit", "单位"
        BUREAU = "bureau", "老干部局、街道"

    OF_PERSON = (Source.PERSON, Source.HELPER, Source.DECLARED)
    MOVES = {State.OPEN: {State.ACCEPTED, State.REFUSED, State.WITHDRAWN, State.SUPERSEDED}}

    retiree = models.ForeignKey(
        Retiree, models.PROTECT, related_name="change_proposals", verbose_name="老同志"
    )
    field = models.CharField("项目", max_length=40, blank=True)
    old_value = models.JSONField("提出时", null=True)
    old_sealed = SealedField("提出时（密）", context="proposals.old")
    new_value = models.JSONField("建议", null=True)
    new_sealed = SealedField("建议（密）", context="proposals.new")
    why = models.CharField("依据", max_length=300, blank=True)
    source = models.CharField("来源", max_length=10, choices=Source)
    side = models.CharField("提出方", max_length=10, choices=Side)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人"
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="change_proposals",
        verbose_name="提出单位",
        help_text="NULL: the person or a helper.",
    )
    desk = models.ForeignKey(
        Organisation, models.PROTECT, related_name="proposals_to_answer", verbose_name="答复单位"
    )
    state = models.CharField("状态", max_length=10, choices=State, default=State.OPEN)
    person_version = models.PositiveIntegerField(help_text="Version of the person when it was proposed.")
    created_at = models.DateTimeField("提出时间")
    due_on = models.DateField("最晚答复")
    bureau_on = models.DateField("报老干部局日期")
    dates_provisional = models.BooleanField("日期待定", default=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="答复人"
    )
    decided_at = models.DateTimeField("答复时间", null=True)
    reason = models.CharField("答复说明", max_length=200, blank=True)

    objects = ChangeProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "更正建议"
        verbose_name_plural = "更正建议"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree", "field", "side"],
                condition=Q(state="open"),
                name="proposal_one_open_per_field_and_side",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True, decided_by__isnull=True)
                | ~Q(state="open") & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="proposal_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="proposal_refused_has_reason"
            ),
            models.CheckConstraint(condition=~Q(field="") | ~Q(why=""), name="proposal_in_words_has_words"),
            models.CheckConstraint(
                condition=Q(field__in=["id_number", "phone", "emergency_phone"])
                & Q(old_value__isnull=True, new_value__isnull=True)
                | ~Q(field__in=["id_number", "phone", "emergency_phone"])
                & Q(old_sealed__isnull=True, new_sealed__isnull=True),
                name="proposal_numbers_are_sealed",
            ),
        ]
        indexes = [
            models.Index(fields=["desk", "due_on", "id"], name="proposal_queue", condition=Q(state="open")),
            models.Index(fields=["desk", "-id"], name="proposal_by_desk"),
            models.Index(fields=["organisation", "-id"], name="proposal_by_proposer"),
            models.Index(fields=["retiree", "-id"], name="proposal_by_person"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.get_state_display()}"

    @property
    def title(self) -> str:
        """The Chinese title of the field; of words, what they are."""
        return fields.title(self.field) if self.field else "信息有误（文字说明）"

    @property
    def is_sealed(self) -> bool:
        return self.field in fields.SEALED

    @property
    def old(self) -> Any:
        """What the record said when it was proposed, as `packed` gives it."""
        return self.old_sealed if self.is_sealed else self.old_value

    @property
    def new(self) -> Any:
        return self.new_sealed if self.is_sealed else self.new_value

    def set_values(self, old: Any, new: Any) -> None:
        """Take two packed values, sealed where the field is. Does not save."""
        if self.is_sealed:
            self.old_sealed, self.new_sealed = old, new
        else:
            self.old_value, self.new_value = old, new

    @property
    def is_of_person(self) -> bool:
        """The person's own, or a helper's for the person."""
        return self.source in self.OF_PERSON

    def is_late(self, today: date) -> bool:
        return self.state == self.State.OPEN and self.due_on < today

    def move_to(self, state: "ChangeProposal.State") -> None:
        """Set `state`, or raise RuleBroken when MOVES forbids it. Does not save."""
        if state not in self.MOVES.get(self.State(self.state), ()):
            raise RuleBroken(
                f"这条建议现在是“{self.get_state_display()}”，不能再办。请刷新后再看。", code="state"
            )
        self.state = state
