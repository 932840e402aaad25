from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from members.people.permissions import may_act_for
from services.activities.models import Activity, Participation
from services.activities.permissions import may_run

from .steps import State, lock, lock_both, refuse_cancelled, row_of, write_down

RATED_UNTIL = timedelta(days=30)


@transaction.atomic
def rate(activity_id: int, retiree_id: int, *, rating: str, words: str = "", by: User) -> Participation:
    """How it was, by who was there; may be changed for 30 days. The same again changes nothing.

    Raises PermissionDenied, RuleBroken (was not there, too late, no rating). Source: docs/rules.md, T9.
    """
    activity, retiree = lock_both(activity_id, retiree_id)
    require(may_act_for(by, retiree))
    row = row_of(activity, retiree.pk)
    if row is None or row.state != State.ARRIVED:
        raise RuleBroken("签到参加过的活动才能评价。来过没有签到，请告诉工作人员补登。", code="not_there")
    if timezone.now() > activity.ends_at + RATED_UNTIL:
        raise RuleBroken("活动结束超过 30 天，不再评价了。有话请打电话告诉社区。", code="too_late")
    if rating not in Participation.Rating.values:
        raise RuleBroken("请选满意、一般或不满意。", code="no_rating")
    said = words.strip()[:200]
    if (row.rating, row.rating_words) == (rating, said):
        return row
    row.rating, row.rating_words, row.rated_at = rating, said, timezone.now()
    row.save(update_fields=["rating", "rating_words", "rated_at"])
    write_down("participation.rated", row, by=by, after={"rating": rating})
    return row


@transaction.atomic
def report(activity_id: int, *, served: int | None, words: str, by: User) -> Activity:
    """What came of it: how many were served or listened, and a few lines. The same again changes nothing."""
    activity = lock(activity_id)
    require(may_run(by, activity))
    refuse_cancelled(activity)
    if timezone.now() < activity.starts_at:
        raise RuleBroken("活动还没有开始，开始以后再写小结。", code="too_early")
    said = words.strip()[:300]
    if (activity.served, activity.report) == (served, said):
        return activity
    activity.served, activity.report = served, said
    activity.save(update_fields=["served", "report"])
    audit.record(
        "activity.reported", activity, by=by, organisation_id=activity.organiser_id, after={"served": served}
    )
    return activity
