from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Protocol
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from communities.divisions.models import Division
from communities.organisations.models import Organisation
from communities.organisations.permissions import Standing, bureau_areas, in_areas, is_system, standing_of
from communities.organisations.seats import seat_in_area
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from huifeng.rowscope.policies import AREAS, BUREAUS, is_ours, is_person, is_user, of_person
from huifeng.sealed import BlindIndexField, KeyedHashField, SealedField, blind_index, blind_indexes

from . import registry
from .partial_dates import PartialDateField


class OfPerson(Protocol):
    """A row that belongs to a person."""

    @property
    def retiree_id(self) -> int | None: ...


def _reasons(standing: Standing, user: User) -> list[Q]:
    """Why people concern a user with `standing`: they live in the area, and what the rooms above add."""
    reasons = [in_areas("residence__code", standing.areas)] if standing.areas else []
    return reasons + [reason for reason in (find(standing, user) for find in registry.concerned_by) if reason]


class RetireeQuerySet(models.QuerySet["Retiree"]):
    def people(self) -> "RetireeQuerySet":
        """One row a person, living or dead: without the rows that were merged into another (rules P23), and
        without those whose data was erased (rules G6).
        """
        return self.filter(merged_into=None, erased_at=None)

    def alive(self) -> "RetireeQuerySet":
        return self.people().filter(died_on=None)

    def standing_for(self, rows: "RetireeQuerySet") -> "RetireeQuerySet":
        """The people that `rows` are about: the row itself, or the one it was merged into."""
        return self.filter(pk__in=rows.order_by().values(found=Coalesce("merged_into_id", "pk")))

    def locked(self, pk: int) -> "Retiree":
        """The person, locked until COMMIT. Whoever locks several things locks the person first (rules P3).

        NO KEY UPDATE: rows that point to the person can still be added meanwhile.
        Raises RuleBroken for a row that was merged into another, perhaps just now (rules P23), or erased (G6).
        """
        retiree = self.select_for_update(no_key=True, of=("self",)).get(pk=pk)
        retiree.check_is_there()
        if retiree.merged_into_id is not None:
            raise RuleBroken(
                f"{retiree.name}同志的这份档案已并入另一份。请重新查找这位老同志，在合并后的档案上办理。",
                code="merged",
            )
        return retiree

    def locked_pair(self, one: int, other: int) -> tuple["Retiree", "Retiree"]:
        """Two rows in the order given, merged or not, locked in key order (rules P3)."""
        rows = self.filter(pk__in=[one, other]).order_by("pk")
        found = {row.pk: row for row in rows.select_for_update(no_key=True, of=("self",))}
        if len(found) < len({one, other}):
            raise Retiree.DoesNotExist
        for row in found.values():
            row.check_is_there()
        return found[one], found[other]

    def visible_to(self, user: User) -> "RetireeQuerySet":
        """The people `user` may see: oneself, those one helps, and whom one's offices are concerned with.

        Restricted people (限制查看) are seen by themselves, their helpers and the bureaus of their area only.
        A bureau reaches most rows, so its reasons are one condition that a page can stop reading early; other
        people's reasons are narrow and each is answered from its own index. A row that was merged into another
        is nobody's. Source: docs/rules.md, P2, P23.
        """
        people = self.people()
        if is_system(user):
            return people
        standing = standing_of(user)
        helped = Helper.objects.filter(user=user, ended_at=None)
        reasons = [reason & Q(is_restricted=False) for reason in _reasons(standing, user)]
        areas = bureau_areas(standing)
        if areas:
            beyond = _reasons(Standing(organisation_ids=frozenset(), areas=areas), user)
            mine = Q(user=user) | Q(pk__in=helped.values("retiree"))
            return people.filter(reduce(or_, [mine, *reasons, *beyond]))
        own = (Q(user=user), Q(pk__in=helped.values("retiree")))
        branches = [Retiree.objects.filter(reason).values("pk") for reason in (*own, *reasons)]
        return people.filter(pk__in=branches[0].union(*branches[1:]))

    def with_id_number(self, number: str) -> "RetireeQuerySet":
        """The person with this ID number; a number of a merged row leads to the row that stayed."""
        return self.standing_for(Retiree.objects.filter(id_index__in=blind_indexes(number, "id_number")))

    def with_phone(self, phone: str) -> "RetireeQuerySet":
        return self.people().filter(phone_index__in=blind_indexes(phone, "phone"))


class Retiree(models.Model):
    """A retired cadre (离退休干部): one row a person, for good. Which side owns which field: docs/rules.md,
    P1.

    `standing` tells whether a unit vouches for the person (roster) or only the person does (claimed).
    ID number and phone are sealed; their blind indexes find exact values. Partial dates are text.
    """

    SEEN_BY = (
        is_person("id"),
        is_user("user_id"),
        f"{{own}}.residence_id ^@ ANY (CASE WHEN {{own}}.is_restricted THEN {BUREAUS} ELSE {AREAS} END)",
    )

    class Kind(models.TextChoices):
        LIXIU = "lixiu", "离休"
        TUIXIU = "tuixiu", "退休"

    class Sex(models.TextChoices):
        MALE = "M", "男"
        FEMALE = "F", "女"

    class Standing(models.TextChoices):
        ROSTER = "roster", "在册"
        CLAIMED = "claimed", "自报待核"

    class Elsewhere(models.TextChoices):
        NO = "", "居住在本市"
        PROVINCE = "province", "异地居住（省内）"
        OUTSIDE = "outside", "异地居住（省外）"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="retiree",
        verbose_name="账号",
    )
    standing = models.CharField("来源", max_length=10, choices=Standing, default=Standing.ROSTER)

    # person (the unit owns)
    name = models.CharField("姓名", max_length=30)
    name_pinyin = models.CharField(
        "拼音", max_length=120, blank=True, help_text="zhanjianguo zjg, for search"
    )
    former_name = models.CharField("曾用名", max_length=30, blank=True)
    sex = models.CharField("性别", max_length=1, choices=Sex, blank=True)
    birth_date = models.DateField("出生日期", null=True, blank=True)
    ethnicity = models.CharField("民族", max_length=40, blank=True)
    native_place = models.CharField("籍贯", max_length=60, blank=True)
    id_number = SealedField("身份证号", context="people.id_number")
    id_index = BlindIndexField(of="id_number", kind="id_number", max_length=32, null=True, editable=False)

    # retirement (the unit owns)
    kind = models.CharField("离退休类型", max_length=10, choices=Kind, blank=True)
    retired_on = PartialDateField("离退休时间")
    joined_work_on = PartialDateField("参加工作时间")
    revolution_period = models.CharField("参加革命工作时期", max_length=40, blank=True)
    original_unit = models.CharField("原工作单位", max_length=100, blank=True)
    claimed_unit = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="claimants",
        verbose_name="自报单位",
        help_text="The unit a claimed person names; no unit vouches for it yet.",
    )
    original_post = models.CharField("原职务", max_length=60, blank=True)
    category = models.CharField("人员类别", max_length=40, blank=True)
    rank = models.CharField("职级", max_length=40, blank=True)
    treatment = models.CharField("现享受待遇", max_length=40, blank=True)
    retired_before_scheme = models.BooleanField("已离退休多年", default=False)

    # Party (the unit owns)
    political_status = models.CharField("政治面貌", max_length=40, blank=True)
    party_joined_on = PartialDateField("入党时间")

    # contact (the person may correct)
    phone = SealedField("手机号码", context="people.phone")
    phone_index = BlindIndexField(of="phone", kind="phone", max_length=32, null=True, editable=False)
    phone_tail = models.CharField("手机后四位", max_length=4, blank=True)
    landline = models.CharField("固定电话", max_length=40, blank=True)
    emergency_name = models.CharField("紧急联系人", max_length=30, blank=True)
    emergency_relation = models.CharField("与本人关系", max_length=40, blank=True)
    emergency_phone = SealedField("紧急联系电话", context="people.emergency_phone")

    # residence (the community owns; the person says)
    residence = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="residents", verbose_name="居住地"
    )
    residence_address = models.CharField("现居地址", max_length=200, blank=True)
    household_address = models.CharField("户籍地址", max_length=200, blank=True)
    elsewhere = models.CharField("异地居住", max_length=10, choices=Elsewhere, blank=True)
    living_situation = models.CharField("居住状态", max_length=40, blank=True)
    resettled_on = PartialDateField("易地安置时间")
    resettled_to = models.CharField("易地安置地", max_length=60, blank=True)

    # ability and needs
    education = models.CharField("文化程度", max_length=40, blank=True)
    title = models.CharField("职称", max_length=60, blank=True)
    skills = models.CharField("专业特长", max_length=200, blank=True)
    interests = ArrayField(models.CharField(max_length=40), verbose_name="兴趣爱好", default=list, blank=True)
    health = models.CharField("健康状况", max_length=40, blank=True)
    mobility = models.CharField("活动能力", max_length=40, blank=True)
    needs = ArrayField(models.CharField(max_length=40), verbose_name="需要的服务", default=list, blank=True)
    joins_community_party_life = models.BooleanField("愿意参加社区组织生活", null=True, blank=True)

    # state
    statistics_flag = models.BooleanField("列入统计", default=True)
    is_restricted = models.BooleanField(
        "限制查看", default=False, help_text="Only a bureau sees more than the name."
    )
    died_on = models.DateField("去世日期", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name="并入",
        help_text="The same person under another row: this one only stands for what was written of it.",
    )
    audit_secret = models.UUIDField(
        default=uuid4,
        db_default=RandomUUID(),
        null=True,
        editable=False,
        help_text="Opens what the audit keeps of the person in words; destroyed by an erasure (shredding.py).",
    )
    erased_at = models.DateTimeField("删除时间", null=True, editable=False)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RetireeQuerySet.as_manager()

    class Meta:
        verbose_name = "离退休干部"
        verbose_name_plural = "离退休干部"
        constraints = [
            models.UniqueConstraint(fields=["id_index"], name="retiree_id_number_once"),
            models.CheckConstraint(
                condition=Q(id_number__isnull=True, id_index__isnull=True)
                | Q(id_number__isnull=False, id_index__isnull=False),
                name="retiree_id_number_with_index",
            ),
            models.CheckConstraint(
                condition=Q(phone__isnull=True, phone_index__isnull=True)
                | Q(phone__isnull=False, phone_index__isnull=False),
                name="retiree_phone_with_index",
            ),
        ]
        indexes = [
            models.Index(fields=["phone_index"], name="retiree_by_phone"),
            models.Index(fields=["phone_tail"], name="retiree_by_phone_tail"),
            models.Index(fields=["name", "birth_date"], name="retiree_by_name_birth"),
            GinIndex(
                fields=["name", "name_pinyin"], name="retiree_name_trgm", opclasses=["gin_trgm_ops"] * 2
            ),
            models.Index(fields=["residence"], name="retiree_by_place", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["id"], name="retiree_restricted", condition=Q(is_restricted=True)),
            models.Index(fields=["died_on"], name="retiree_by_died_on", condition=Q(died_on__isnull=False)),
            models.Index(fields=["updated_at"], name="retiree_by_updated_at"),
        ]

    def __str__(self) -> str:
        return self.name

    def age(self, on: date) -> int | None:
        """Whole years on day `on` (or at death), None when the birth date is not known."""
        if self.birth_date is None:
            return None
        last = min(on, self.died_on) if self.died_on else on
        had_birthday = (last.month, last.day) >= (self.birth_date.month, self.birth_date.day)
        return last.year - self.birth_date.year - (not had_birthday)

    def check_is_there(self) -> None:
        """Raise RuleBroken when the data of this row was erased."""
        if self.erased_at is not None:
            raise RuleBroken("这位老同志的信息已依法删除，不能再办理。", code="erased")

    def check_has(self, row: OfPerson) -> None:
        """Raise RuleBroken when `row`, read after this person was locked, has gone to another (merge, undo)."""
        if row.retiree_id != self.pk:
            raise RuleBroken("这位老同志的档案刚刚合并或撤销合并，请刷新后再办。", code="merged")

    def set_id_number(self, number: str) -> None:
        """Take a checked 18-digit number ("" for unknown) and its index. Does not save."""
        self.id_number = number
        self.id_index = blind_index(number, "id_number") if number else None

    def set_phone(self, phone: str) -> None:
        """Take an 11-digit phone ("" for none), its index and its last four digits. Does not save."""
        self.phone = phone
        self.phone_index = blind_index(phone, "phone") if phone else None
        self.phone_tail = phone[-4:]


class Helper(models.Model):
    """A relative who may act for a retiree (家人帮办) until it is stopped; at most three at a time.

    Consent was given by a code sent to the retiree's own phone, or to a member of staff in a call.
    """

    SEEN_BY = (is_user("user_id"), is_person("retiree_id"), of_person("retiree_id"))

    MOST = 3

    class Consent(models.TextChoices):
        CODE = "code", "本人手机验证"
        STAFF = "staff", "工作人员电话核实"

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="helpers", verbose_name="老同志")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="helping", verbose_name="帮办人账号"
    )
    name = models.CharField("帮办人姓名", max_length=30)
    relation = models.CharField("关系", max_length=40)
    consent = models.CharField("同意方式", max_length=10, choices=Consent)
    consent_text = models.CharField("同意书版本", max_length=20)
    consented_at = models.DateTimeField("同意时间")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="核实人"
    )
    ended_at = models.DateTimeField("停止时间", null=True, blank=True)

    class Meta:
        verbose_name = "家人帮办"
        verbose_name_plural = "家人帮办"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree", "user"], condition=Q(ended_at__isnull=True), name="helper_once_per_retiree"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.relation}）→ {self.retiree}"


class HelperRequest(models.Model):
    """Somebody asks to help a retiree, and the retiree has not agreed yet.

    `retiree` is NULL when nobody in the register matches: the asker gets the same answer either way.
    The code goes to the retiree's phone; only its HMAC is kept.
    """

    SEEN_BY = (is_user("user_id"), is_person("retiree_id"), of_person("retiree_id"))

    class State(models.TextChoices):
        OPEN = "open", "等待同意"
        ACCEPTED = "accepted", "已同意"
        REFUSED = "refused", "未同意"
        EXPIRED = "expired", "已过期"

    TRIES = 5

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="helper_requests")
    retiree = models.ForeignKey(Retiree, models.PROTECT, null=True, related_name="helper_requests")
    name = models.CharField("帮办人姓名", max_length=30)
    relation = models.CharField("关系", max_length=40)
    elder_name = models.CharField("老同志姓名", max_length=30)
    elder_birth_month = models.CharField("出生年月", max_length=7)
    elder_phone = SealedField("老同志手机", context="people.helper_request_phone")
    by_call = models.BooleanField("请工作人员打电话核实", default=False)
    code_hash = KeyedHashField(max_length=32, lives=timedelta(days=7))
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "帮办申请"
        verbose_name_plural = "帮办申请"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="open"), name="helper_request_one_open_per_user"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} → {self.elder_name} {self.get_state_display()}"


class IdentityClaim(models.Model):
    """A logged-in person says to be somebody of the register whose phone there is another.

    Staff of `desk` (the unit, or the bureau when there is none) call and decide; the claimant learns nothing
    of the register before that.
    """

    SEEN_BY = (
        is_user("user_id"),
        is_ours("desk_id"),
        seat_in_area("desk_id"),
        of_person("retiree_id"),
    )

    class State(models.TextChoices):
        OPEN = "open", "待核实"
        ACCEPTED = "accepted", "已核实"
        REFUSED = "refused", "未通过"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="identity_claims")
    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="identity_claims")
    desk = models.ForeignKey(
        Organisation, models.PROTECT, related_name="identity_claims", verbose_name="核实单位"
    )
    name = models.CharField("自报姓名", max_length=30)
    birth_month = models.CharField("自报出生年月", max_length=7)
    unit_words = models.CharField("自报原单位", max_length=100, blank=True)
    phone = SealedField("来电手机", context="people.claim_phone")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField("理由", max_length=200, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "身份核实"
        verbose_name_plural = "身份核实"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="open"), name="identity_claim_one_open_per_user"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | ~Q(state="open") & Q(decided_at__isnull=False),
                name="identity_claim_decided_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.get_state_display()}"


class Death(models.Model):
    """A death: anyone reports it, the unit confirms it, and a wrong one is undone (恢复在世); all is kept."""

    SEEN_BY = (is_person("retiree_id"), of_person("retiree_id"))

    class State(models.TextChoices):
        REPORTED = "reported", "待单位确认"
        CONFIRMED = "confirmed", "已确认"
        DISMISSED = "dismissed", "不属实"
        UNDONE = "undone", "已恢复在世"

    retiree = models.ForeignKey(Retiree, models.PROTECT, related_name="deaths", verbose_name="老同志")
    died_on = models.DateField("去世日期")
    cause = models.CharField("原因", max_length=100, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.REPORTED)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    words = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "去世登记"
        verbose_name_plural = "去世登记"
        constraints = [
            models.UniqueConstraint(
                fields=["retiree"],
                condition=Q(state__in=["reported", "confirmed"]),
                name="death_one_standing_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.retiree} {self.died_on} {self.get_state_display()}"
