from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.people.permissions import is_helper_of, may_act_for
from services.activities.models import Activity, Participation, Series
from services.activities.permissions import may_run, may_sign_up, meant_for

from .steps import (
    ENTERED_UNTIL,
    EVERYBODY,
    State,
    Way,
    Why,
    give_place,
    lock,
    lock_both,
    refuse_cancelled,
    row_of,
    take_off,
)


@transaction.atomic
def sign_up(activity_id: int, retiree_id: int, *, by: User) -> Participation:
    """我要参加: a place, or a place in the queue when none is left. Repeating it changes nothing.

    Staff of the organiser may take in whom they see, also beyond audience and age, and after it has begun.
    Raises Activity.DoesNotExist, Retiree.DoesNotExist, PermissionDenied, RuleBroken (cancelled, begun, not for this
    person, too young or old, no place left once it has begun). Source: docs/rules.md, T3, T4.
    """
    activity, retiree = lock_both(activity_id, retiree_id)
    return _sign_up(activity, retiree, by=by)


def _sign_up(activity: Activity, retiree: Retiree, *, by: User) -> Participation:
    require(may_sign_up(by, retiree, activity))
    known = row_of(activity, retiree.pk)
    if known is not None and known.state != State.CANCELLED:
        return known
    refuse_cancelled(activity)
    if may_act_for(by, retiree):
        if activity.starts_at <= timezone.now():
            raise RuleBroken(
                "活动已经开始，不能再报名。已经到了现场，请扫签到码，或找工作人员登记。", code="begun"
            )
        refuse_unfit(activity, retiree)
    else:
        _refuse_late(activity, retiree)
    return give_place(activity, retiree, known, by=by, way=way_of(by, retiree))


@transaction.atomic
def sign_up_for_series(series_id: int, retiree_id: int, *, by: User) -> list[Participation]:
    """报名整期: every date of the series still to come. Repeating it changes nothing. As `sign_up`."""
    retiree = Retiree.objects.locked(retiree_id)
    coming = Series.objects.get(pk=series_id).activities.planned().filter(starts_at__gt=timezone.now())
    keys = sorted(coming.values_list("pk", flat=True))
    if not keys:
        raise RuleBroken("这一期已经结束，请看看别的活动。", code="begun")
    return [_sign_up(lock(pk), retiree, by=by) for pk in keys]


@transaction.atomic
def cancel(activity_id: int, retiree_id: int, *, by: User) -> Participation | None:
    """不去了: free the place, and who waits longest gets it. Repeating it changes nothing; None: never signed up.

    The person until it begins, staff of the organiser also afterwards. Raises as `sign_up`; RuleBroken (begun,
    signed in already). Source: docs/rules.md, T5.
    """
    with as_program("the organiser takes off by key, also a neighbour's person"):
        activity, retiree = lock_both(activity_id, retiree_id)
    require(may_act_for(by, retiree) or may_run(by, activity))
    row = row_of(activity, retiree.pk)
    if row is None or row.state == State.CANCELLED:
        return row
    if row.state == State.ARRIVED:
        raise RuleBroken("已经签到，不用取消。签错了，请找工作人员撤销签到。", code="arrived")
    own = may_act_for(by, retiree)
    if own and activity.starts_at <= timezone.now():
        raise RuleBroken("活动已经开始，不用再取消。", code="begun")
    take_off(row, by=by, why=Why.PERSON if own else Why.STAFF)
    return row


def way_of(by: User, retiree: Retiree) -> Participation.Way:
    if retiree.user_id == by.pk:
        return Way.ONLINE
    return Way.HELPER if is_helper_of(by, retiree) else Way.STAFF


def refuse_unfit(activity: Activity, retiree: Retiree) -> None:
    """Raise RuleBroken unless the activity is for this person."""
    today = timezone.localdate()
    if not Activity.objects.filter(meant_for(retiree, today), pk=activity.pk).exists():
        raise RuleBroken(
            f"“{activity.title}”只请{activity.get_audience_display()}参加。想参加，请打电话问{activity.organiser.name}。",
            code="not_for_you",
        )
    if not activity.fits_age(retiree.age(activity.day)):
        raise RuleBroken(f"“{activity.title}”{age_words(activity)}参加。请看看别的活动。", code="age")


def age_words(activity: Activity) -> str:
    """请 60 到 75 岁的老同志, "" without a limit."""
    if activity.age_from and activity.age_to:
        return f"请 {activity.age_from} 到 {activity.age_to} 岁的老同志"
    if activity.age_from:
        return f"请 {activity.age_from} 岁以上的老同志"
    return f"请 {activity.age_to} 岁以下的老同志" if activity.age_to else ""


def _refuse_late(activity: Activity, retiree: Retiree) -> None:
    """What even staff may not: the dead, what is long over, a place that is not there once it has begun."""
    now = timezone.now()
    if retiree.died_on is not None and retiree.died_on < activity.day:
        raise RuleBroken("这位老同志已登记去世。", code="dead")
    if now > activity.ends_at + ENTERED_UNTIL:
        raise RuleBroken("活动结束超过 60 天，不能再补录。", code="too_late")
    if activity.is_full and activity.starts_at <= now:
        raise RuleBroken(
            f"名额（{activity.places}）已经用完。要再加人，请先在“修改”里增加名额。", code="full"
        )


def clashes(activity: Activity, retiree: Retiree) -> list[Activity]:
    """What else the person has at that time: said as a warning, never refused (rules T8)."""
    mine = Q(
        participations__retiree=retiree, participations__state__in=(*Participation.HOLDS_PLACE, State.QUEUED)
    )
    rows = Activity.objects.overlapping(activity.starts_at, activity.ends_at).filter(mine)
    return list(rows.exclude(pk=activity.pk).order_by("starts_at", "pk"))


def position(row: Participation) -> int:
    """The place in the queue, from 1; 0 for who does not wait."""
    if row.state != State.QUEUED:
        return 0
    before = Q(since__lt=row.since) | Q(since=row.since, pk__lte=row.pk)
    with as_program(EVERYBODY):
        return Participation.objects.filter(before, activity=row.activity_id, state=State.QUEUED).count()
