"""What the person says to an answer: how good it was, once more please, not needed any more."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from .. import notices
from ..models import Request
from ..permissions import may_rate, may_speak_for
from .steps import WHY, Move, State, begin, said, set_dates, write

ANSWER = ["answered_at", "answered_by", "answered_for", "outcome", "by_call"]


@as_program(WHY)
@transaction.atomic
def rate(request_id: int, *, rating: str, by: User, words: str = "", at: datetime | None = None) -> Request:
    """满意、一般、不满意, with words if there are any. The same again changes nothing.

    The desk may write down what it was told on the phone. `at`: when it was said, now if left out. Raises
    Request.DoesNotExist, PermissionDenied, RuleBroken: code "not_answered", "rated", "rating_missing".
    """
    request = begin(request_id)
    require(may_rate(by, request))
    if request.rating and request.rating == rating:
        return request
    if request.rating:
        raise RuleBroken(f"已经评价过：{request.get_rating_display()}。", code="rated")
    if request.answered_at is None:
        raise RuleBroken("还没有答复，等答复以后再评价。", code="not_answered")
    if rating not in Request.Rating.values:
        raise RuleBroken("请选满意、一般或不满意。", code="rating_missing")
    if request.state == State.ANSWERED:
        request.move_to(State.RATED)
    request.rating, request.rated_at = rating, at or timezone.now()
    write(
        request,
        Move.RATED,
        by=by,
        words=said(words),
        fields=["state", "rating", "rated_at"],
        after={"rating": rating},
        at=request.rated_at,
    )
    notices.rated(request)
    return request


@as_program(WHY)
@transaction.atomic
def reopen(request_id: int, *, words: str, by: User) -> Request:
    """不满意: the person asks once more, with a new day. Once; repeating it while it is open changes nothing.

    The earlier answer stays in the history. Raises Request.DoesNotExist, PermissionDenied, RuleBroken: code
    "not_poor", "reopened". Source: docs/rules.md, Q8.
    """
    request = begin(request_id)
    require(may_speak_for(by, request))
    if request.was_reopened and request.is_open:
        return request
    if request.was_reopened:
        raise RuleBroken("已经再办过一次。还没办好的，请打电话给社区，或重新提一件。", code="reopened")
    if request.rating != Request.Rating.POOR or request.state != State.RATED:
        raise RuleBroken("评价“不满意”以后，才能请再办一次。", code="not_poor")
    before = {"outcome": request.outcome, "rating": request.rating}
    request.move_to(State.WORKING)
    request.was_reopened = True
    request.answered_at = request.answered_by = request.answered_for = request.rated_at = None
    request.outcome = request.rating = ""
    request.by_call, request.follow_up_on, request.followed_up_at = False, None, None
    set_dates(request, timezone.now())
    dates = ["due_on", "bureau_on", "dates_provisional", "escalation"]
    follow_up = ["follow_up_on", "followed_up_at"]
    write(
        request,
        Move.REOPENED,
        by=by,
        words=said(words),
        fields=["state", "was_reopened", "rating", "rated_at", *ANSWER, *dates, *follow_up],
        before=before,
    )
    notices.arrived(request, again=True)
    return request


@as_program(WHY)
@transaction.atomic
def withdraw(request_id: int, *, by: User) -> Request:
    """不用办了, while there is no answer. Repeating it changes nothing."""
    request = begin(request_id)
    require(may_speak_for(by, request))
    if request.why_closed == Request.Why.WITHDRAWN:
        return request
    if not request.is_open:
        raise RuleBroken("这件事已经答复，不用撤回。", code="answered")
    request.move_to(State.CLOSED)
    request.closed_at, request.why_closed = timezone.now(), Request.Why.WITHDRAWN
    write(request, Move.WITHDRAWN, by=by, fields=["state", "closed_at", "why_closed"])
    notices.over(request)
    return request
