"""What speaks against a planned reorganisation, and what it would do. Used when it is planned, looked at and done."""

from datetime import date
from hashlib import sha256
from typing import Any

from django.db.models import Count, F, Q
from django.utils import timezone

from communities.organisations.models import Assignment, Organisation
from huifeng.errors import RuleBroken
from members.people.models import IdentityClaim, Retiree

from .. import registry
from ..models import UnitMembership, UnitReorganisation
from .memberships import overseer_of

Kind = UnitReorganisation.Kind
UNITS = (Organisation.Kind.UNIT, Organisation.Kind.EXTERNAL_UNIT)
HOLDERS = (*UNITS, Organisation.Kind.BUREAU)  # whoever may manage people
CLOSING = (Kind.MERGE, Kind.CLOSE)


def check_units(kind: str, sources: list[Organisation], targets: list[Organisation], *, closes: bool) -> None:
    """Raise RuleBroken when these units do not make such a reorganisation."""
    least, most = {Kind.SPLIT: (1, 9), Kind.CLOSE: (0, 1)}.get(Kind(kind), (1, 1))
    if not sources or (kind != Kind.MERGE and len(sources) > 1):
        raise RuleBroken("请选原单位：合并可以选几个，其他只选一个。", code="sources")
    if not least <= len(targets) <= most:
        raise RuleBroken("请选接收单位：分设可以选几个，其他只选一个。", code="targets")
    if {unit.pk for unit in sources} & {unit.pk for unit in targets}:
        raise RuleBroken("原单位和接收单位不能是同一个，请重新选。", code="same_unit")
    if any(unit.kind not in (UNITS if closes else HOLDERS) for unit in sources):
        raise RuleBroken("这里只办单位的撤并，请重新选原单位。", code="not_a_unit")
    if any(unit.kind not in HOLDERS for unit in targets):
        raise RuleBroken("接收单位应是单位或老干部局，请重新选。", code="bad_target")


def check_day(day: date, organisations: list[Organisation]) -> None:
    """Raise RuleBroken when `day` cannot be the last one of the old: to come, or its change in a closed month."""
    if day > timezone.localdate():
        raise RuleBroken("日期不能晚于今天。撤并以后再办，或改日期。", code="future_date")
    months = [closed for unit in organisations for find in registry.closed_until if (closed := find(unit))]
    if months and day < max(months):
        raise RuleBroken(
            f"统计已经结账到{_day(max(months))}，不能再改以前的人员。请把最后一天改为{_day(max(months))}或以后。",
            code="closed_month",
        )


def problems(reorganisation: UnitReorganisation) -> list[str]:
    """Why it cannot be carried out as planned, each with what to do; nothing when it can."""
    sources, targets = list(reorganisation.sources.all()), list(reorganisation.targets.all())
    found = [f"“{unit.name}”已经撤销，请重新选单位。" for unit in (*sources, *targets) if unit.closed_on]
    if reorganisation.rest_to.closed_on and reorganisation.rest_to not in (*sources, *targets):
        found.append(f"“{reorganisation.rest_to.name}”已经撤销，请重新填日期和去向。")
    try:
        check_day(reorganisation.effective_on, [*sources, *targets])
    except RuleBroken as refused:
        found.append(refused.message)
    leaving = UnitMembership.objects.leaving(reorganisation)
    if not reorganisation.closes:
        late = leaving.filter(valid_from__gt=reorganisation.effective_on).count()
        if late:
            found.append(f"有 {late} 人是这一天以后才到原单位的，请把日期改晚，或不转这几人。")
        if not leaving.exists():
            found.append("还没有人要转，请先选人员。")
    return found


def fingerprint(reorganisation: UnitReorganisation) -> str:
    """Who goes from where to where, in one word: another word, and the preview is out of date."""
    rows = UnitMembership.objects.leaving(reorganisation).order_by("pk")
    text = ",".join(f"{pk}:{unit}:{to}" for pk, unit, to in rows.values_list("pk", "unit_id", "goes_to"))
    return sha256(text.encode()).hexdigest()


def count(reorganisation: UnitReorganisation) -> dict[str, Any]:
    """What it would do, for the preview. `targets`: pairs of a unit's key and how many go there."""
    leaving = UnitMembership.objects.leaving(reorganisation)
    sources = reorganisation.sources.values("pk")
    staff = (
        Assignment.objects.filter(organisation__in=sources, valid_until=None)
        if reorganisation.closes
        else None
    )
    claimants = Retiree.objects.filter(claimed_unit__in=sources) if reorganisation.closes else None
    claims = IdentityClaim.objects.filter(state=IdentityClaim.State.OPEN, desk__in=sources)
    sums = leaving.aggregate(
        people=Count("pk"),
        late=Count("pk", filter=Q(valid_from__gt=reorganisation.effective_on)),
        restricted=Count("pk", filter=Q(retiree__is_restricted=True)),
        dead=Count("pk", filter=Q(retiree__died_on__isnull=False)),
    )
    counts: dict[str, Any] = {
        **sums,
        "targets": [
            list(row) for row in leaving.values_list("goes_to").annotate(n=Count("pk")).order_by("goes_to")
        ],
        "stay": UnitMembership.objects.planned(reorganisation).filter(goes_to=F("unit_id")).count(),
        "claimants": claimants.count() if claimants is not None else 0,
        "staff": staff.count() if staff is not None else 0,
        "identity_claims": claims.filter(retiree__in=leaving.values("retiree")).count(),
    }
    for more in registry.counted:
        counts |= more(reorganisation)
    return counts


def told(reorganisation: UnitReorganisation) -> dict[int, Organisation]:
    """The organisations with a notice of their own: bureaus of the old units, new units, old ones that stay."""
    sources = list(reorganisation.sources.select_related("parent"))
    goals = Organisation.objects.filter(
        pk__in=UnitMembership.objects.leaving(reorganisation).values("goes_to")
    ) | Organisation.objects.filter(pk__in=reorganisation.moved().values("target"))
    staying = [] if reorganisation.closes else sources
    everyone = [*(overseer_of(unit) for unit in sources), *goals, *staying]
    return {unit.pk: unit for unit in everyone if not unit.is_external}


def _day(day: date) -> str:
    return f"{day:%Y年%-m月%-d日}"
