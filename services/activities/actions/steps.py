"""What every act on an activity has in common: locks in one order, places counted anew, the queue moved up.

Order of locks: people (in key order), then activities (in key order). Rows of an activity are guarded by its lock.
"""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from services.activities import notices
from services.activities.models import Activity, Participation

State, Way, Why = Participation.State, Participation.Way, Participation.Why
EVERYBODY = "places of an activity are counted over everybody in it"
ENTERED_UNTIL = timedelta(days=60)  # 补录 after the end (rules T7)


def lock(activity_id: int) -> Activity:
    """The activity, locked until COMMIT; the person, if there is one, was locked before."""
    rows = Activity.objects.select_related("preset", "organiser", "branch", "venue", "division")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=activity_id)


def lock_both(activity_id: int, retiree_id: int) -> tuple[Activity, Retiree]:
    retiree = Retiree.objects.locked(retiree_id)
    return lock(activity_id), retiree


def row_of(activity: Activity, retiree_id: int) -> Participation | None:
    with as_program(EVERYBODY):
        row = Participation.objects.filter(activity=activity, retiree_id=retiree_id).first()
    if row is not None:
        row.activity = activity
    return row


def recount(activity: Activity) -> None:
    """Write down how many hold a place, wait and are here."""
    with as_program(EVERYBODY):
        found = Participation.objects.filter(activity=activity).aggregate(
            taken=Count("pk", filter=Q(state__in=Participation.HOLDS_PLACE)),
            queued=Count("pk", filter=Q(state=State.QUEUED)),
            arrived=Count("pk", filter=Q(state=State.ARRIVED)),
        )
    for name, number in found.items():
        setattr(activity, name, number)
    activity.save(update_fields=list(found))


def give_place(
    activity: Activity, retiree: Retiree, known: Participation | None, *, by: User, way: Participation.Way
) -> Participation:
    """A place, or the end of the queue where there is none left."""
    row = known or Participation(activity=activity, retiree=retiree)
    row.state = State.QUEUED if activity.is_full else State.SIGNED
    row.way, row.since, row.signed_by = way, timezone.now(), by
    row.cancelled_at, row.why = None, ""
    row.save()
    recount(activity)
    act = "participation.queued" if row.state == State.QUEUED else "participation.signed"
    write_down(act, row, by=by, after={"retiree": retiree.pk, "way": str(way)})
    return row


def take_off(row: Participation, *, by: User, why: Participation.Why) -> None:
    """Off the list; the place is free for who waits longest."""
    row.state, row.cancelled_at, row.why = State.CANCELLED, timezone.now(), why
    row.save(update_fields=["state", "cancelled_at", "why"])
    write_down("participation.cancelled", row, by=by, after={"retiree": row.retiree_id, "why": str(why)})
    recount(row.activity)
    move_up(row.activity, by=by)


def move_up(activity: Activity, *, by: User) -> None:
    """Give free places to those who wait, the longest first, and tell them. Not once it has begun (rules T5)."""
    if activity.cancelled_at is not None or activity.starts_at <= timezone.now() or not activity.queued:
        return
    with as_program(EVERYBODY):
        waiting = Participation.objects.filter(activity=activity, state=State.QUEUED).order_by("since", "pk")
        rows = list(waiting if activity.left is None else waiting[: max(activity.left, 0)])
        for row in rows:
            row.activity, row.state = activity, State.SIGNED
            row.save(update_fields=["state"])
            write_down("participation.moved_up", row, by=by, after={"retiree": row.retiree_id})
    if rows:
        recount(activity)
        notices.moved_up(activity, rows)


def write_down(act: str, row: Participation, *, by: User, after: dict[str, object]) -> None:
    audit.record(
        act,
        row,
        by=by,
        organisation_id=row.activity.organiser_id,
        after={"activity": row.activity_id, **after},
    )


def refuse_cancelled(activity: Activity) -> None:
    if activity.cancelled_at is not None:
        raise RuleBroken(
            f"“{activity.title}”已经取消：{activity.cancel_reason}。请看看别的活动。", code="cancelled"
        )


def lock_all(activity_ids: Collection[int]) -> list[Activity]:
    return [lock(pk) for pk in sorted(activity_ids)]
