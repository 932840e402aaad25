"""What a merge will do, worked out before it is done: the page shows it in words, the action carries it out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from huifeng.errors import RuleBroken
from members.party.models import PartyAffiliation
from members.people import fields, registry
from members.people.models import Death, Helper, HelperRequest, IdentityClaim, Retiree
from members.people.registry import Change
from members.units.models import UnitMembership

HOME = ("residence_id", "elsewhere", "residence_address")
HELP = ("emergency_name", "emergency_relation", "emergency_phone")
FROM_ID_NUMBER = ("birth_date", "sex")
COMMUNITY_WROTE = ("living_situation", "health", "mobility")


@dataclass(frozen=True)
class Plan:
    """`changes` in their order; `given` are the fields of the kept row that take the other's value.

    `standing`: what else the kept row becomes, by attribute name. `leaves_account`: both rows had one.
    """

    changes: list[Change]
    given: frozenset[str]
    standing: dict[str, Any]
    leaves_account: bool
    words: list[str]


def is_empty(retiree: Retiree, name: str) -> bool:
    value = getattr(retiree, name)
    return value is None or value == "" or value == []


def differing(one: Retiree, other: Retiree) -> list[str]:
    """The fields of the unit of which one value must be chosen: both are filled and not the same.

    Birth date and sex go with the ID number where there is one.
    """
    numbered = bool(one.id_number or other.id_number)
    return [
        name
        for name in (f.name for f in Retiree._meta.concrete_fields)
        if name in fields.UNIT_OWNS
        and not (numbered and name in FROM_ID_NUMBER)
        and not is_empty(one, name)
        and not is_empty(other, name)
        and getattr(one, name) != getattr(other, name)
    ]


def plan(kept: Retiree, other: Retiree, take_from_other: Collection[str]) -> Plan:
    """The plan for merging `other` into `kept`. Reads only.

    `take_from_other`: fields of the unit whose value is the other's. Raises RuleBroken for what must be settled
    first. Source: docs/rules.md, P23, P24.
    """
    _check(kept, other, take_from_other)
    # What becomes of the rows of each kind; a row that leaves its place is written before one that takes it.
    changes = [
        *_requests(kept, other),
        *_deaths(kept, other),
        *_helpers(kept, other),
        *_memberships(kept, other),
        *_affiliations(kept, other),
        *(change for ask in registry.plan_merge for change in ask(kept, other)),
        *(Change(row, {"merged_into_id": kept.pk}) for row in other.merged.order_by("pk")),
    ]
    given = _given(kept, other, take_from_other)
    standing = _standing(kept, other)
    leaves = kept.user_id is not None and other.user_id is not None
    words = [*_words(kept, other, given, standing, leaves), *(c.words for c in changes if c.words)]
    return Plan(changes, given, standing, leaves, list(dict.fromkeys(words)))


def _check(kept: Retiree, other: Retiree, take_from_other: Collection[str]) -> None:
    if kept.pk == other.pk:
        raise RuleBroken("这是同一份档案，不用合并。", code="same")
    for row in (kept, other):
        if row.died_on is not None:
            raise RuleBroken(
                f"{row.name}同志已登记去世，不能合并档案。如果登记错了，请先办理恢复在世。", code="dead"
            )
    beyond = sorted(set(take_from_other) - fields.UNIT_OWNS)
    if beyond:
        titles = "、".join(fields.title(name) for name in beyond)
        raise RuleBroken(f"{titles}由本人和社区管理，合并时不选。", code="not_owner")


def _given(kept: Retiree, other: Retiree, take_from_other: Collection[str]) -> frozenset[str]:
    """Which fields of the kept row take the other's value: the chosen ones, and what only the other knows."""
    single = (fields.UNIT_OWNS | fields.COMMUNITY_OWNS) - set(HOME) - set(HELP)
    taken = {name for name in single if is_empty(kept, name) and not is_empty(other, name)}
    taken |= {name for name in take_from_other if not is_empty(other, name)}
    taken -= set(FROM_ID_NUMBER) if kept.id_number or other.id_number else set()
    if "id_number" in taken:  # what is read from it comes with it
        taken |= set(FROM_ID_NUMBER)
    lives_there = _in_force(kept, other)
    if lives_there or all(is_empty(kept, name) for name in HOME):
        taken |= {name for name in HOME if not is_empty(other, name) or lives_there}
    if lives_there:
        taken |= {name for name in COMMUNITY_WROTE if not is_empty(other, name)}
    if all(is_empty(kept, name) for name in HELP):
        taken |= {name for name in HELP if not is_empty(other, name)}
    return frozenset(name for name in taken if getattr(kept, name) != getattr(other, name))


def _in_force(kept: Retiree, other: Retiree) -> bool:
    """Whether it is the other row that is checked in: then its home holds."""
    told = [ask([kept, other]) for ask in registry.told_of]
    return any(known[other.pk].in_force for known in told) and not any(
        known[kept.pk].in_force for known in told
    )


def _standing(kept: Retiree, other: Retiree) -> dict[str, Any]:
    """What the kept row becomes besides its fields: vouched for, restricted and known as the stricter of both."""
    rostered = Retiree.Standing.ROSTER in (kept.standing, other.standing)
    wanted = {
        "standing": Retiree.Standing.ROSTER if rostered else Retiree.Standing.CLAIMED,
        "claimed_unit_id": None if rostered else kept.claimed_unit_id or other.claimed_unit_id,
        "is_restricted": kept.is_restricted or other.is_restricted,
        "user_id": kept.user_id or other.user_id,
    }
    return {name: value for name, value in wanted.items() if getattr(kept, name) != value}


def _words(
    kept: Retiree, other: Retiree, given: frozenset[str], standing: dict[str, Any], leaves: bool
) -> list[str]:
    titles = _titles(given)
    staying = _titles(
        name
        for name in fields.UNIT_OWNS | fields.COMMUNITY_OWNS
        if name not in given and not is_empty(other, name) and getattr(kept, name) != getattr(other, name)
    )
    words = ["保留一份档案，另一份并入后不再出现在名单、查找和统计里；它的身份证号以后查到的是保留的这一份。"]
    if titles:
        words.append(f"{'、'.join(titles)}：取自并入的一份。")
    if staying:
        words.append(f"{'、'.join(staying)}：两份不一样，以保留的一份为准。")
    if standing.get("standing"):
        words.append("合并后为在册人员。")
    if standing.get("is_restricted"):
        words.append("合并后仍限制查看。")
    if leaves:
        words.append(
            "两份都有登录账号：保留的一份的账号不变，并入的一份的账号不再能办理，系统会发短信告诉本人。"
        )
    elif standing.get("user_id"):
        words.append("登录账号转到保留的一份，本人照常登录。")
    return words


def _titles(names: Iterable[str]) -> list[str]:
    """What the fields are called, in the order of the form."""
    wanted = set(names)
    return [str(f.verbose_name) for f in Retiree._meta.concrete_fields if f.attname in wanted]


def _requests(kept: Retiree, other: Retiree) -> list[Change]:
    """Requests to help and identity claims go over as they are."""
    moved: dict[str, Any] = {"retiree_id": kept.pk}
    asked = list(HelperRequest.objects.filter(retiree=other).order_by("pk"))
    claims = list(IdentityClaim.objects.filter(retiree=other).order_by("pk"))
    found = [
        *(Change(row, moved, f"家人帮办的申请（{len(asked)} 件）转到保留的一份。") for row in asked),
        *(Change(row, moved, f"身份核实的申请（{len(claims)} 件）转到保留的一份。") for row in claims),
    ]
    return found


def _deaths(kept: Retiree, other: Retiree) -> list[Change]:
    rows = list(Death.objects.filter(retiree=other).order_by("pk"))
    reported = [row for row in rows if row.state == Death.State.REPORTED]
    if reported and Death.objects.filter(retiree=kept, state=Death.State.REPORTED).exists():
        raise RuleBroken("两份档案都有待确认的去世消息，请先核实其中一件，再合并。", code="deaths")
    return [Change(row, {"retiree_id": kept.pk}, "去世登记的记录转到保留的一份。") for row in rows]


def _helpers(kept: Retiree, other: Retiree) -> list[Change]:
    """Helpers go over. Who helps both stays once, and the person is nobody's helper for oneself."""
    now = timezone.now()
    account = kept.user_id or other.user_id
    own = list(Helper.objects.filter(retiree=kept, ended_at=None).order_by("pk"))
    theirs = list(Helper.objects.filter(retiree=other).order_by("pk"))
    helping = {row.user_id for row in own}
    changes = [
        Change(row, {"ended_at": now}, f"{row.name}就是本人的账号，不再列为帮办人。")
        for row in own
        if row.user_id == account
    ]
    for row in theirs:
        values: dict[str, Any] = {"retiree_id": kept.pk}
        words = "家人帮办转到保留的一份。"
        if row.ended_at is None and row.user_id in (*helping, account):
            values["ended_at"] = now
            words = f"帮办人{row.name}两份都有或就是本人，只留一份。"
        changes.append(Change(row, values, words))
    active = {row.user_id for row in (*own, *theirs) if row.ended_at is None and row.user_id != account}
    if len(active) > Helper.MOST:
        raise RuleBroken(
            f"合并后家人帮办有 {len(active)} 位，最多 {Helper.MOST} 位。请和老人商量，先停掉多的，再合并。",
            code="helpers",
        )
    return changes


def _memberships(kept: Retiree, other: Retiree) -> list[Change]:
    """No day under two units: the kept row's own history holds, the other's fills the days it leaves free.

    What overlaps stays written on the other row; of it only the open membership ends today, unless it began
    today. The other's open one goes over where the kept row has none, from the day the kept row leaves free.
    """
    today = timezone.localdate()
    own = list(UnitMembership.objects.filter(retiree=kept).order_by("valid_from"))
    managed = any(row.valid_until is None for row in own)
    changes = []
    for row in UnitMembership.objects.filter(retiree=other).select_related("unit").order_by("valid_from"):
        if row.valid_until is None and not managed:
            values: dict[str, Any] = {"retiree_id": kept.pk}
            free_from = max((o.valid_until for o in own if o.valid_until), default=row.valid_from)
            if free_from > row.valid_from:
                values["valid_from"] = free_from
            changes.append(Change(row, values, f"现管单位：{row.unit.name}，随档案转到保留的一份。"))
        elif not any(_overlap(row, o) for o in own):
            changes.append(Change(row, {"retiree_id": kept.pk}, "以前的单位关系转到保留的一份。"))
        elif row.valid_until is None and row.valid_from < today:
            words = f"并入的一份在“{row.unit.name}”的单位关系今天终止，保留的一份的单位关系不变。"
            changes.append(Change(row, {"valid_until": today}, words))
    return changes


def _overlap(one: UnitMembership, other: UnitMembership) -> bool:
    far = date.max
    return one.valid_from < (other.valid_until or far) and other.valid_from < (one.valid_until or far)


def _affiliations(kept: Retiree, other: Retiree) -> list[Change]:
    """Party relations go over; where the kept row has the formal one, or the same branch, the other's ends."""
    today = timezone.localdate()
    own = list(PartyAffiliation.objects.filter(retiree=kept, valid_until=None).select_related("organisation"))
    branches = {row.organisation_id: row for row in own}
    formal = any(row.kind == PartyAffiliation.Kind.FORMAL for row in own)
    changes = []
    theirs = PartyAffiliation.objects.filter(retiree=other).select_related("organisation").order_by("pk")
    for row in theirs:
        values: dict[str, Any] = {"retiree_id": kept.pk}
        words = f"党组织关系（{row.organisation.name}）转到保留的一份。"
        is_formal = row.kind == PartyAffiliation.Kind.FORMAL
        same = branches.get(row.organisation_id)
        if row.valid_until is None and is_formal and not formal and same is not None:
            words = f"组织关系在“{row.organisation.name}”，转到保留的一份；在那里参加组织生活的记录终止。"
            changes.append(Change(same, {"valid_until": _ends(same, today)}))
        elif row.valid_until is None and (same is not None or (is_formal and formal)):
            values["valid_until"] = _ends(row, today)
            words = f"并入的一份在“{row.organisation.name}”的党组织关系终止，保留的一份的不变。"
            if same is not None and row.post and not same.post:
                post = {"post": row.post, "post_from": row.post_from}
                changes.append(Change(same, post, f"党内职务“{row.get_post_display()}”保留。"))
        changes.append(Change(row, values, words))
    return changes


def _ends(row: PartyAffiliation, today: date) -> date:
    """The first day on which a relation ended today no longer holds; one begun today holds for a day."""
    return max(today, row.valid_from + timedelta(days=1))
