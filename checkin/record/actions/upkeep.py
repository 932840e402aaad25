"""What follows from changes elsewhere: organisations that close, a calendar that is announced, time that passes."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from checkin.record import clock, notices
from checkin.record.models import CheckIn, CheckInQuerySet, State
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from members.people.models import Retiree
from members.units.actions import overseer_of, responsible_organisation
from members.units.models import UnitMembership

from .steps import Move, begin, finish


@transaction.atomic
def follow_closed_unit(unit: Organisation, successor: Organisation | None, on: date, by: User) -> None:
    """A unit was merged or dissolved: open requests of its people go to who manages them now.

    Confirmed and closed ones keep the unit of the time. Called inside the closing's transaction, after the
    memberships have moved. Source: docs/rules.md, C29.
    """
    for checkin in _one_by_one(CheckIn.objects.open().filter(unit=unit)):
        checkin.unit = successor or responsible_organisation(checkin.retiree)
        _redirect(checkin, by=by, words=f"{unit.name}撤并，改由{checkin.unit.name}办理")


@transaction.atomic
def follow_closed_community(
    community: Organisation, successor: Organisation | None, on: date, by: User
) -> None:
    """A community was merged: everyone it looked after, and every open request, goes to the successor.

    Without a successor open requests go to the street; raises RuleBroken while people are checked in here.
    Called inside the closing's transaction. Source: docs/rules.md, C30.
    """
    everyone = CheckIn.objects.filter(community=community, state__in=(*CheckIn.OPEN, State.CONFIRMED))
    if successor is None:
        staying = everyone.filter(state=State.CONFIRMED).count()
        if staying:
            raise RuleBroken(f"还有 {staying} 位老同志在{community.name}报到，请先并入别的社区，再撤销。")
    for checkin in _one_by_one(everyone):
        checkin.community = successor
        checkin.area = successor.division if successor else _street_of(community)
        words = f"{community.name}并入{successor.name}" if successor else f"{community.name}撤销"
        _redirect(checkin, by=by, words=words)


@transaction.atomic
def follow_transfer(retiree: Retiree, membership: UnitMembership, left: int | None, by: User) -> None:
    """A person was handed over: the request that the old unit has goes with them; confirmed ones stay (C29)."""
    if left is None:
        return
    for checkin in _one_by_one(CheckIn.objects.filter(retiree=retiree, state__in=CheckIn.AT_DESK)):
        if checkin.unit_id == left:
            checkin.unit = membership.unit
            if checkin.desk_id == left:  # also one that the old unit returned to the person
                checkin.desk = (
                    overseer_of(membership.unit) if membership.unit.is_external else membership.unit
                )
            _redirect(checkin, by=by, words=f"转到{membership.unit.name}管理，改由现管单位办理")


@transaction.atomic
def follow_restriction(retiree: Retiree, names: frozenset[str], by: User) -> None:
    """Somebody became restricted, or no longer is: the open request goes to the desk that may see it (C31)."""
    if "is_restricted" not in names:
        return
    for checkin in _one_by_one(CheckIn.objects.filter(retiree=retiree, state__in=CheckIn.AT_DESK)):
        _redirect(checkin, by=by, words="查看范围调整")


def _street_of(community: Organisation) -> Division | None:
    assert community.division is not None
    return community.division.parent


def _one_by_one(checkins: CheckInQuerySet) -> list[CheckIn]:
    """Each with its person locked, in order of persons so that two such runs never block each other."""
    return [begin(pk) for pk in checkins.order_by("retiree_id").values_list("pk", flat=True)]


def _redirect(checkin: CheckIn, *, by: User, words: str) -> None:
    finish(checkin, Move.REDIRECTED, by=by, from_state=checkin.state, words=words[:300])


@transaction.atomic
def reschedule_year(year: int, by: User) -> int:
    """The holidays of `year` were announced: work out provisional dates again. Returns how many changed."""
    changed = 0
    waiting = CheckIn.objects.filter(state__in=CheckIn.AT_DESK, dates_provisional=True)
    for checkin in _one_by_one(waiting):
        before = {"due_on": str(checkin.due_on)}
        clock.set_dates(checkin)
        after = {"due_on": str(checkin.due_on)}
        finish(
            checkin,
            Move.RESCHEDULED,
            by=by,
            from_state=checkin.state,
            words=f"{year}年放假安排公布",
            before=before,
            after=after,
            tell=False,
        )
        changed += before != after
    return changed


def remind_overdue(*, today: date | None = None) -> dict[str, int]:
    """Tell the desk of every request past its date, then the organisation above, then the one above that.

    Once for each step of each clock, however often it runs. Returns how many of each were due.
    Source: docs/rules.md, C25.
    """
    today = today or timezone.localdate()
    counts = {"desk": 0, "street": 0, "bureau": 0}
    late = (
        CheckIn.objects.filter(state__in=CheckIn.AT_DESK, due_on__lt=today)
        .select_related("desk__parent__parent", "retiree")
        .order_by("pk")
    )
    for checkin in late.iterator(chunk_size=500):
        assert checkin.desk is not None
        assert checkin.street_on is not None
        assert checkin.bureau_on is not None
        above = checkin.desk.parent
        steps = [("desk", checkin.desk)]
        if checkin.street_on <= today and above is not None:
            steps.append(("street", above))
        if checkin.bureau_on <= today and above is not None and above.parent is not None:
            steps.append(("bureau", above.parent))
        for step, receiver in steps:
            notices.remind(checkin, step, receiver)
            counts[step] += 1
    return counts
