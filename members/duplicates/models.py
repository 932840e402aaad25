from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.lookups import StartsWith

from communities.organisations.models import Organisation
from huifeng.rowscope.policies import of_person
from members.people.models import Retiree
from members.units.models import UnitMembership


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    def standing(self) -> "DuplicatePairQuerySet":
        """Pairs that were found last time, of two people who live and are still two."""
        alive = {
            f"{side}__{name}": None for side in DuplicatePair.SIDES for name in ("died_on", "merged_into")
        }
        return self.filter(holds=True, **alive)

    def open(self) -> "DuplicatePairQuerySet":
        """Those nobody has decided on."""
        return self.standing().filter(dismissed_at=None)

    def of(self, organisation: Organisation) -> "DuplicatePairQuerySet":
        """Those a unit or a bureau answers for: both are its own, now.

        The columns `unit` and `area` find them by an index; as they are of last night, both people are looked
        at once more. Never more than `Retiree.objects.visible_to` gives to its staff.
        """
        if organisation.kind == Organisation.Kind.BUREAU:
            both = _in_area("first", organisation.area) & _in_area("second", organisation.area)
            return self.filter(both, area__startswith=organisation.area)
        if organisation.kind != Organisation.Kind.UNIT:
            return self.none()
        both = _of_unit("first", organisation) & _of_unit("second", organisation)
        return self.filter(both, unit=organisation, first__is_restricted=False, second__is_restricted=False)


def _of_unit(side: str, unit: Organisation) -> Q:
    """The person is a member of `unit`, or says to be."""
    members = UnitMembership.objects.open().filter(unit=unit, retiree=OuterRef(side))
    return Q(models.Exists(members)) | Q(
        **{f"{side}__standing": Retiree.Standing.CLAIMED, f"{side}__claimed_unit": unit}
    )


def _in_area(side: str, area: str) -> Q:
    """The person lives in the area or the person's unit sits there."""
    unit = UnitMembership.objects.open().filter(retiree=OuterRef(side)).values("unit__division")[:1]
    claimed = Q(**{f"{side}__claimed_unit__division__code__startswith": area})
    return Q(**{f"{side}__residence__code__startswith": area}) | Q(StartsWith(Subquery(unit), area)) | claimed


class DuplicatePair(models.Model):
    """Two rows that may be one person (疑似重复): a suggestion of the nightly search, until somebody decides.

    `first` has the smaller key. `unit`: both belong to it; `area`: the code prefix both lie in. A pair that is
    no longer found does not hold; one that was dismissed (不是同一个人) keeps that when it is found again.
    """

    SEEN_BY = (f"{of_person('first_id')} AND {of_person('second_id')}",)

    SIDES = ("first", "second")

    # CASCADE: a suspicion holds nobody in the register (an import that is taken back, rules P16)
    first = models.ForeignKey(Retiree, models.CASCADE, related_name="+", verbose_name="第一份")
    second = models.ForeignKey(Retiree, models.CASCADE, related_name="+", verbose_name="第二份")
    by_birth = models.BooleanField("同名、同生日、同单位", default=False)
    by_phone = models.BooleanField("同名、同手机", default=False)
    unit = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    area = models.CharField("地区", max_length=12, blank=True)
    holds = models.BooleanField(default=True)
    found_at = models.DateTimeField("查到时间")
    dismissed_at = models.DateTimeField("认定时间", null=True)
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    dismissed_words = models.CharField("理由", max_length=200, blank=True)

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name = "疑似重复"
        verbose_name_plural = "疑似重复"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
            models.CheckConstraint(
                condition=Q(dismissed_at__isnull=True, dismissed_by__isnull=True)
                | Q(dismissed_at__isnull=False, dismissed_by__isnull=False),
                name="duplicate_pair_dismissed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "id"], name="duplicate_by_unit", condition=Q(holds=True)),
            models.Index(
                fields=["area", "id"],
                name="duplicate_by_area",
                opclasses=["varchar_pattern_ops", "int8_ops"],
                condition=Q(holds=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} = {self.second_id}?"

    @property
    def why(self) -> str:
        """Why the two are suspected, in words."""
        reasons = []
        if self.by_birth:
            reasons.append("姓名、出生日期、单位相同")
        if self.by_phone:
            reasons.append("姓名、手机相同")
        return "；".join(reasons)


class PersonMerge(models.Model):
    """`other` was found to be the same person as `kept`, and everything of it went over (合并档案).

    `moved` holds what an undo needs: of each row that changed its key, its values before (no sealed ones) and a
    keyed mark of what it was after; `exchanged` names the sealed fields that the two rows exchanged, so that no
    ID number or phone stands here.
    """

    SEEN_BY = (of_person("kept_id"),)

    kept = models.ForeignKey(Retiree, models.PROTECT, related_name="+", verbose_name="保留的档案")
    other = models.ForeignKey(Retiree, models.PROTECT, related_name="+", verbose_name="并入的档案")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经办人")
    at = models.DateTimeField("合并时间")
    words = models.JSONField("做了什么", default=list)
    moved = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    exchanged = models.JSONField(default=list)
    undone_at = models.DateTimeField("撤销时间", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "合并档案"
        verbose_name_plural = "合并档案"
        constraints = [
            models.UniqueConstraint(
                fields=["other"], condition=Q(undone_at__isnull=True), name="person_merged_once"
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="person_merge_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.other_id} → {self.kept_id}"
