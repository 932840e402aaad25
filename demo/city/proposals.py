"""What one side asked the other to correct: some waiting, one late, some answered (更正建议)."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from checkin.proposals import actions
from checkin.proposals.models import ChangeProposal
from checkin.record.models import CheckIn, State
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.units.actions import unit_of
from members.units.models import UnitMembership


def plant_proposals(unit: Organisation, unit_clerk: User, community: Organisation, clerk: User) -> None:
    """A handful between `unit`, `community` and people, through the program's own acts."""
    _said_by_people(unit)
    shared = [retiree for retiree in _checked_in(community) if retiree.user_id is None]
    ours = [retiree for retiree in shared if unit_of(retiree) == unit]
    for retiree, changes, why in zip(ours or shared, _OF_COMMUNITY, _WHY_COMMUNITY, strict=False):
        _propose(retiree, changes, why, by=clerk, organisation=community)
    for retiree, changes, why in zip(reversed(ours), _OF_UNIT, _WHY_UNIT, strict=False):
        _propose(retiree, changes, why, by=unit_clerk, organisation=unit)
    _answer(unit, unit_clerk)


_OF_PEOPLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({"original_post": "副主任科员"}, "退休证上写的是副主任科员"),
    ({"party_joined_on": "1974-07"}, "入党志愿书是1974年7月"),
    ({"": None}, "参加工作的时间好像早记了一年，请查一下档案"),
    ({"native_place": "山东莱阳"}, "老家是莱阳，不是现在写的地方"),
    ({"education": "college"}, "后来读了函授，有毕业证"),
)
_OF_COMMUNITY: tuple[dict[str, Any], ...] = (
    {"original_unit": "青岛第二棉纺织厂"},
    {"political_status": "masses"},
)
_WHY_COMMUNITY = ("上门走访时看过退休证", "老人说自己不是党员，请核对")
_OF_UNIT: tuple[dict[str, Any], ...] = (
    {"landline": "0532-85886613"},
    {"residence_address": "江西路 78 号 2 单元 301"},
)
_WHY_UNIT = ("春节慰问打电话时老人说换了座机", "慰问品寄回，家属说搬到这里了")


def _said_by_people(unit: Organisation) -> None:
    made = [
        _propose(retiree, changes, why, by=retiree.user, organisation=None)
        for retiree, (changes, why) in zip(_with_account(unit), _OF_PEOPLE, strict=False)
    ]
    late = next((row for row in made if row is not None), None)
    if late is not None:
        today = timezone.localdate()
        ChangeProposal.objects.filter(pk=late.pk).update(
            created_at=timezone.now() - timedelta(days=12), due_on=today - timedelta(days=3), bureau_on=today
        )


def _answer(unit: Organisation, clerk: User) -> None:
    """Of what people said: the third is answered, the fourth accepted, the fifth refused, if they are there."""
    waiting = list(ChangeProposal.objects.open().filter(desk=unit).order_by("pk"))
    words = [row for row in waiting if not row.field]
    named = [row for row in waiting if row.field][2:]
    for row in words[:1]:
        actions.accept(row.pk, by=clerk, reason="查过档案，参加工作时间没有错，请放心")
    for row in named[:1]:
        actions.accept(row.pk, by=clerk)
    for row in named[1:2]:
        actions.refuse(row.pk, by=clerk, reason="档案里没有毕业证的复印件，请带原件来单位补上")


def _propose(
    retiree: Retiree, changes: dict[str, Any], why: str, *, by: User | None, organisation: Organisation | None
) -> ChangeProposal | None:
    """The proposal; None where the record says so already."""
    if by is None or any(name and getattr(retiree, name) == value for name, value in changes.items()):
        return None
    key = organisation.pk if organisation else None
    return actions.propose(retiree.pk, changes, why=why, by=by, organisation_id=key)[0]


def _with_account(unit: Organisation) -> list[Retiree]:
    members = UnitMembership.objects.open().filter(unit=unit).values("retiree")
    people = Retiree.objects.alive().filter(pk__in=members, user__isnull=False, is_restricted=False)
    return list(people.select_related("user").order_by("pk")[:20])


def _checked_in(community: Organisation) -> list[Retiree]:
    """People of units of the city: those of units outside are the community's own to write."""
    rows = CheckIn.objects.filter(community=community, state=State.CONFIRMED).values("retiree")
    inside = UnitMembership.objects.open().filter(unit__kind=Organisation.Kind.UNIT).values("retiree")
    people = Retiree.objects.alive().filter(pk__in=rows, is_restricted=False)
    return list(people.filter(pk__in=inside).order_by("pk")[:200])
