"""What becomes of activities when a person dies, two rows turn out to be one, an organisation ends, somebody is
forgotten. Called inside the transaction of that act, with the people or the organisations locked.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, Model
from django.utils import timezone

from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import require
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.people.registry import Change, Told
from services.activities.models import Activity, Participation, Venue

from .planning import cancel_one
from .steps import EVERYBODY, State, Way, Why, give_place, lock, lock_all, move_up, recount, row_of, take_off

STRENGTH = (State.CANCELLED, State.QUEUED, State.SIGNED, State.ARRIVED)
OWN_VALUES = (
    "state", "way", "since", "signed_by_id", "arrived_at", "arrival", "minutes", "cancelled_at", "why", "rating",
    "rating_words", "rated_at",
)  # fmt: skip


def end_at_death(retiree: Retiree, died_on: date, by: User) -> None:
    """Off the list of everything still to come; the places go to who waits."""
    with as_program(EVERYBODY):
        for activity in lock_all(_to_come(retiree, State.SIGNED, State.QUEUED)):
            row = row_of(activity, retiree.pk)
            if row is not None and row.state in (State.SIGNED, State.QUEUED):
                take_off(row, by=by, why=Why.DEATH)


def restore_after_death(retiree: Retiree, by: User) -> None:
    """恢复在世: on the list again of what is still to come, at the end of the queue where no place is left."""
    with as_program(EVERYBODY):
        for activity in lock_all(_to_come(retiree, State.CANCELLED)):
            row = row_of(activity, retiree.pk)
            if row is not None and row.why == Why.DEATH and activity.cancelled_at is None:
                give_place(activity, retiree, row, by=by, way=Way(row.way))


def _to_come(retiree: Retiree, *states: str) -> list[int]:
    rows = Participation.objects.filter(retiree=retiree, state__in=states)
    return list(rows.filter(activity__starts_at__gt=timezone.now()).values_list("activity_id", flat=True))


def told_of(people: Sequence[Retiree]) -> dict[int, Told]:
    """How often each took part, and what each is signed up for; one query."""
    found = {person.pk: Told("参加活动", []) for person in people}
    rows = Participation.objects.filter(retiree__in=people).exclude(state=State.CANCELLED)
    counts = rows.order_by().values_list("retiree_id", "state").annotate(Count("pk"))
    for retiree_id, state, number in counts:
        found[retiree_id].lines.append(f"{State(state).label} {number} 次")
    return found


def plan_merge(kept: Retiree, other: Retiree) -> list[Change]:
    """Everything the other row took part in goes over; of one activity in both the one that counts more stays."""
    own = {row.activity_id: row for row in Participation.objects.filter(retiree=kept)}
    changes, number = [], 0
    for row in Participation.objects.filter(retiree=other).order_by("pk"):
        mine = own.get(row.activity_id)
        number += 1
        said = "参加过的活动转到保留的一份。" if number == 1 else ""
        if mine is None:
            changes.append(Change(row, {"retiree_id": kept.pk}, said))
            continue
        if STRENGTH.index(State(row.state)) > STRENGTH.index(State(mine.state)):
            changes.append(Change(mine, {name: getattr(row, name) for name in OWN_VALUES}, said))
        changes.append(Change(row, _off(), ""))
    return changes


def _off() -> dict[str, Any]:
    return {
        "state": State.CANCELLED, "why": Why.MERGED, "cancelled_at": timezone.now(), "arrived_at": None,
        "arrival": "", "minutes": None, "rating": "", "rating_words": "", "rated_at": None,
    }  # fmt: skip


def follow_merge(kept: Retiree, other: Retiree, changes: list[Change], by: User) -> None:
    """A place that two rows of one person held twice goes to who waits."""
    for activity in _activities_of([change.row for change in changes]):
        recount(activity)
        move_up(activity, by=by)


def follow_unmerge(kept: Retiree, other: Retiree, rows: list[Model], by: User) -> None:
    """Both hold their places again; where one was passed on meanwhile there is one place more."""
    for activity in _activities_of(rows):
        with as_program(EVERYBODY):
            holding = activity.participations.filter(state__in=Participation.HOLDS_PLACE).count()
        if activity.places is not None and holding > activity.places:
            activity.places = holding
            activity.save(update_fields=["places"])
        recount(activity)


def _activities_of(rows: Sequence[Model]) -> list[Activity]:
    return lock_all({row.activity_id for row in rows if isinstance(row, Participation)})


def follow_closed(closed: Organisation, successor: Organisation | None, on: date, by: User) -> None:
    """Activities still to come and venues go to who takes its place; without anybody they are cancelled."""
    with as_program("an organisation ends: what it announced is handed over"):
        for activity in lock_all(
            Activity.objects.coming(timezone.now()).filter(organiser=closed).values_list("pk", flat=True)
        ):
            if successor is None:
                cancel_one(activity, f"{closed.name}已经撤销", by=by)
                continue
            activity.organiser = successor
            activity.save(update_fields=["organiser"])
            audit.record(
                "activity.changed",
                activity,
                by=by,
                organisation_id=successor.pk,
                before={"organiser": closed.pk},
            )
        if successor is None:
            Venue.objects.filter(keeper=closed, closed_on=None).update(closed_on=on)
            return
        taken = set(Venue.objects.filter(keeper=successor).values_list("name", flat=True))
        for venue in Venue.objects.filter(keeper=closed, closed_on=None):
            if venue.name in taken:
                venue.name = f"{venue.name}（原{closed.name}）"[:60]
            venue.keeper = successor
            venue.save(update_fields=["name", "keeper"])


@transaction.atomic
def forget(retiree_id: int, *, by: User) -> None:
    """Erasure of a person: the words of their ratings go, places still to come are freed; attendance stays a number."""
    require(is_system(by))
    with as_program("erasure of a person"):
        retiree = Retiree.objects.select_for_update(no_key=True).get(pk=retiree_id)
        for pk in sorted(_to_come(retiree, State.SIGNED, State.QUEUED)):
            row = row_of(lock(pk), retiree_id)
            if row is not None and row.state in (State.SIGNED, State.QUEUED):
                take_off(row, by=by, why=Why.PERSON)
        said = Participation.objects.filter(retiree=retiree_id).exclude(rating_words="")
        for row in said:
            row.rating_words = ""
            row.save(update_fields=["rating_words"])
