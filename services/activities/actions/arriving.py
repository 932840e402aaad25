from collections.abc import Collection

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.display import words
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.people.permissions import may_act_for
from services.activities.models import SIGN_IN_AFTER, SIGN_IN_BEFORE, Activity, Participation
from services.activities.permissions import may_run, may_sign_up

from .joining import refuse_unfit, way_of
from .steps import (
    ENTERED_UNTIL,
    EVERYBODY,
    State,
    Way,
    lock,
    lock_both,
    recount,
    refuse_cancelled,
    row_of,
    write_down,
)

Arrival = Participation.Arrival
MOST_TRIES, TRIES_FORGOTTEN = 10, 600  # wrong digits by one account, seconds


@transaction.atomic
def sign_in(activity_id: int, retiree_id: int, *, by: User, arrival: Arrival) -> Participation:
    """我到了: within an hour before the start and an hour after the end. Twice is once.

    Who had not signed up is taken in if there is a place. Raises Activity.DoesNotExist, PermissionDenied, RuleBroken
    (cancelled, too early, over, full, not for this person). Source: docs/rules.md, T6.
    """
    activity, retiree = lock_both(activity_id, retiree_id)
    require(may_act_for(by, retiree))
    known = row_of(activity, retiree.pk)
    if known is not None and known.state == State.ARRIVED:
        return known
    refuse_cancelled(activity)
    _refuse_outside(activity)
    if known is None or known.state not in Participation.HOLDS_PLACE:
        refuse_unfit(activity, retiree)
    way = Way.HELPER if way_of(by, retiree) == Way.HELPER else Way.ON_SITE
    row = _arrive(activity, retiree, known, by=by, arrival=arrival, way=way)
    recount(activity)
    return row


def sign_in_by_code(code: str, retiree_id: int, *, by: User) -> Participation:
    """The six digits that were said aloud at the place. Ten wrong ones in ten minutes, and it is closed for a while."""
    key = f"activities:code:{by.pk}"
    if cache.get(key, 0) >= MOST_TRIES:
        raise RuleBroken("试的次数多了，请 10 分钟后再试，或找现场工作人员签到。", code="blocked")
    now = timezone.now()
    open_now = Activity.objects.planned().filter(
        code=code, starts_at__lte=now + SIGN_IN_BEFORE, ends_at__gte=now - SIGN_IN_AFTER
    )
    found = open_now.values_list("pk", flat=True).first()
    if found is None:
        cache.add(key, 0, TRIES_FORGOTTEN)
        cache.incr(key)
        raise RuleBroken(
            "这 6 位数字现在没有对上活动。请听清楚再输一次，或找现场工作人员签到。", code="code_wrong"
        )
    return sign_in(found, retiree_id, by=by, arrival=Arrival.CODE)


@transaction.atomic
def tick(activity_id: int, retiree_ids: Collection[int], *, by: User) -> int:
    """Staff tick who is here, or enter a paper list afterwards (补录, up to 60 days). Returns how many are new.

    Whoever is not on the list is taken in if there is a place (`sign_up` before). Raises PermissionDenied, RuleBroken
    (cancelled, too early, too late, full). Source: docs/rules.md, T7.
    """
    with as_program("who is here is ticked by key, also a neighbour's person"):
        known_ids = Retiree.objects.filter(pk__in=retiree_ids).order_by("pk").values_list("pk", flat=True)
        people = [Retiree.objects.locked(pk) for pk in known_ids]
    activity = lock(activity_id)
    require(may_run(by, activity))
    refuse_cancelled(activity)
    _refuse_ticking(activity)
    new = 0
    for retiree in people:
        known = row_of(activity, retiree.pk)
        if known is not None and known.state == State.ARRIVED:
            continue
        require(known is not None or may_sign_up(by, retiree, activity))
        with as_program(EVERYBODY):
            _arrive(activity, retiree, known, by=by, arrival=Arrival.TICK, way=Way.STAFF)
        recount(activity)
        new += 1
    return new


@transaction.atomic
def untick(activity_id: int, retiree_id: int, *, by: User) -> Participation:
    """Take a sign-in back (签错了). Repeating it changes nothing. Raises Participation.DoesNotExist."""
    with as_program("who is here is ticked by key, also a neighbour's person"):
        activity, _ = lock_both(activity_id, retiree_id)
    require(may_run(by, activity))
    row = row_of(activity, retiree_id)
    if row is None:
        raise Participation.DoesNotExist
    if row.state != State.ARRIVED:
        return row
    row.state, row.arrived_at, row.arrival, row.minutes = State.SIGNED, None, "", None
    row.rating, row.rating_words, row.rated_at = "", "", None
    row.save()
    recount(activity)
    write_down("participation.undone", row, by=by, after={"retiree": retiree_id})
    return row


@transaction.atomic
def set_minutes(activity_id: int, retiree_id: int, minutes: int, *, by: User) -> Participation:
    """How long somebody really served. Raises PermissionDenied, RuleBroken (not here, no hours here, out of range)."""
    activity = lock(activity_id)
    require(may_run(by, activity))
    row = row_of(activity, retiree_id)
    if row is None or row.state != State.ARRIVED or not activity.preset.counts_hours:
        raise RuleBroken("先签到，再记时长；只有志愿服务、坐班一类的活动记时长。", code="no_hours")
    if not 0 < minutes <= 24 * 60:
        raise RuleBroken("时长请填 1 到 1440 分钟。", code="minutes")
    if row.minutes == minutes:
        return row
    before, row.minutes = row.minutes, minutes
    row.save(update_fields=["minutes"])
    write_down("participation.changed", row, by=by, after={"minutes": minutes, "before": before})
    return row


def _arrive(
    activity: Activity,
    retiree: Retiree,
    known: Participation | None,
    *,
    by: User,
    arrival: Arrival,
    way: Participation.Way,
) -> Participation:
    now = timezone.now()
    if known is None or known.state not in Participation.HOLDS_PLACE:
        if activity.is_full:
            raise RuleBroken(
                f"“{activity.title}”名额（{activity.places}）已经满了，没有签上。请找现场工作人员。",
                code="full",
            )
        known = known or Participation(activity=activity, retiree=retiree)
        known.way, known.since, known.signed_by = way, now, by
        known.cancelled_at, known.why = None, ""
    known.state, known.arrived_at, known.arrival = State.ARRIVED, now, arrival
    known.minutes = activity.minutes if activity.preset.counts_hours else None
    known.save()
    write_down("participation.arrived", known, by=by, after={"retiree": retiree.pk, "arrival": str(arrival)})
    return known


def _refuse_outside(activity: Activity) -> None:
    now = timezone.now()
    if now < activity.starts_at - SIGN_IN_BEFORE:
        at = words.spoken_moment(activity.starts_at - SIGN_IN_BEFORE)
        raise RuleBroken(f"还没到签到的时候。{at}起可以签到，到了现场再按。", code="too_early")
    if now > activity.ends_at + SIGN_IN_AFTER:
        raise RuleBroken("活动已经结束，不能再自己签到。来过的，请告诉工作人员补登。", code="over")


def _refuse_ticking(activity: Activity) -> None:
    now = timezone.now()
    if now < activity.starts_at - SIGN_IN_BEFORE:
        raise RuleBroken("还没到签到的时候，开始前 1 小时起可以勾选。", code="too_early")
    if now > activity.ends_at + ENTERED_UNTIL:
        raise RuleBroken("活动结束超过 60 天，不能再补录。", code="too_late")
