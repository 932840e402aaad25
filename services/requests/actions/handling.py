"""What the desk does with a request: begin, pass on, answer, follow up, close."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from communities.calendar.days import load
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from .. import desks, notices
from ..models import Request
from ..permissions import may_handle, may_pass_on, may_urge
from .steps import WHY, Move, State, answered_already, begin, office_of, said, write

CALLED = "已经打电话答复。"
MOST_PASSED = 10  # times it may be passed on: somebody has to answer


@as_program(WHY)
@transaction.atomic
def take_up(request_id: int, *, by: User, provider: str = "") -> Request:
    """Begin to work on it; `provider`: who does it (服务商). The same again changes nothing.

    Raises Request.DoesNotExist, PermissionDenied, AlreadyDone, RuleBroken.
    """
    request = begin(request_id)
    require(may_handle(by, request))
    provider = provider.strip()[:60]
    if request.state == State.WORKING and provider in ("", request.provider):
        return request
    if not request.is_open:
        raise _over(request)
    before, request.provider = request.provider, provider or request.provider
    if request.state == State.NEW:
        request.move_to(State.WORKING)
    write(
        request,
        Move.BEGUN,
        by=by,
        fields=["state", "provider"],
        before={"provider": before},
        after={"provider": request.provider},
    )
    return request


@as_program(WHY)
@transaction.atomic
def pass_on(request_id: int, to_id: int, *, reason: str, by: User, seen_desk: int | None = None) -> Request:
    """Lay it on another desk with a reason; the day for the answer stays. Passing it where it lies changes nothing.

    `seen_desk`: the desk it lay on when the page was read; if it lies elsewhere now, the page is old.
    Raises Request.DoesNotExist, PermissionDenied, AlreadyDone, RuleBroken: code "where" (not one of
    `desks.elsewhere`), "reason_missing", "passed_on" (the page is old), "passed_too_often".
    Source: docs/rules.md, Q5.
    """
    request = begin(request_id)
    if request.desk_id == to_id and request.is_open:
        require(may_pass_on(by, request) or request.events.filter(move=Move.PASSED_ON, actor=by).exists())
        return request
    require(may_pass_on(by, request))
    if not request.is_open:
        raise _over(request)
    if seen_desk is not None and seen_desk != request.desk_id:
        raise RuleBroken(f"这件事刚刚转给了{request.desk.name}，请刷新后再看。", code="passed_on")
    if not said(reason):
        raise RuleBroken("请写明为什么转，接办的一方会看到。", code="reason_missing")
    to = next((found for found in desks.elsewhere(request) if found.pk == to_id), None)
    if to is None:
        raise RuleBroken("不能转到那里。请从列表里选社区、街道、老干部局或原单位。", code="where")
    if request.events.filter(move=Move.PASSED_ON).count() >= MOST_PASSED:
        raise RuleBroken("这件事转的次数太多了，请先答复本人，或请老干部局来办。", code="passed_too_often")
    before, office = request.desk_id, office_of(request, by)
    request.desk = to
    write(
        request,
        Move.PASSED_ON,
        by=by,
        words=said(reason),
        fields=["desk"],
        before={"desk": before},
        after={"desk": to.pk},
    )
    notices.arrived(request, passed_by=office)
    return request


@as_program(WHY)
@transaction.atomic
def answer(
    request_id: int,
    *,
    words: str,
    outcome: str,
    by: User,
    by_call: bool = False,
    seen_desk: int | None = None,
    at: datetime | None = None,
) -> Request:
    """Answer the person. A call that was made is a full answer: then `words` may be empty.

    The same answer again by the same user changes nothing; another one's comes second and reads who was first.
    `seen_desk` as in pass_on; `at`: when it was given, now if left out. Raises Request.DoesNotExist,
    PermissionDenied, AlreadyDone, RuleBroken: code "words_missing", "outcome_missing", "passed_on".
    Source: docs/rules.md, Q6.
    """
    request = begin(request_id)
    require(may_handle(by, request))
    if request.state in (State.ANSWERED, State.RATED):
        if request.answered_by_id == by.pk and request.state == State.ANSWERED:
            return request
        raise answered_already(request)
    if not request.is_open:
        raise _over(request)
    if seen_desk is not None and seen_desk != request.desk_id:
        raise RuleBroken(f"这件事刚刚转给了{request.desk.name}，请刷新后再看。", code="passed_on")
    words = said(words) or (CALLED if by_call else "")
    if not words:
        raise RuleBroken("请写下怎样答复的。打过电话的，勾选“已经打电话”就行。", code="words_missing")
    if outcome not in Request.Outcome.values:
        raise RuleBroken("请选结果：已解决、已说明，还是暂时办不到。", code="outcome_missing")
    request.move_to(State.ANSWERED)
    request.answered_at, request.answered_by = at or timezone.now(), by
    request.answered_for_id = office_of(request, by)
    request.outcome, request.by_call = outcome, by_call
    days = request.preset.follow_up_days
    if days:
        request.follow_up_on = load().add_working_days(timezone.localdate(request.answered_at), days).day
    write(
        request,
        Move.ANSWERED,
        by=by,
        words=words,
        fields=[
            "state",
            "answered_at",
            "answered_by",
            "answered_for",
            "outcome",
            "by_call",
            "follow_up_on",
        ],
        after={"outcome": outcome, "by_call": by_call},
        at=request.answered_at,
    )
    notices.answered(request)
    return request


@as_program(WHY)
@transaction.atomic
def follow_up(request_id: int, *, words: str, by: User) -> Request:
    """Somebody called or visited again (回访). Once; repeating it changes nothing.

    Raises Request.DoesNotExist, PermissionDenied, RuleBroken: code "not_answered", "words_missing".
    """
    request = begin(request_id)
    require(may_handle(by, request))
    if request.followed_up_at is not None:
        return request
    if request.state not in (State.ANSWERED, State.RATED):
        raise RuleBroken("要先答复，才能回访。", code="not_answered")
    if not said(words):
        raise RuleBroken("请写下回访时老同志怎么说。", code="words_missing")
    request.followed_up_at = timezone.now()
    write(request, Move.FOLLOWED_UP, by=by, words=said(words), fields=["followed_up_at"])
    return request


@as_program(WHY)
@transaction.atomic
def close(request_id: int, *, by: User) -> Request:
    """办结: answered, and followed up where the preset asks for it. Repeating it changes nothing.

    Raises Request.DoesNotExist, PermissionDenied, RuleBroken: code "not_answered", "not_followed_up".
    Source: docs/rules.md, Q8; the database refuses it too.
    """
    request = begin(request_id)
    require(may_handle(by, request))
    if request.state == State.CLOSED:
        return request
    if request.answered_at is None:
        raise RuleBroken("还没有答复，不能办结。请先答复本人。", code="not_answered")
    if request.preset.follow_up_days and request.followed_up_at is None:
        raise RuleBroken(f"{request.preset.name}要回访以后才能办结，请先记回访。", code="not_followed_up")
    request.move_to(State.CLOSED)
    request.closed_at, request.why_closed = timezone.now(), Request.Why.DONE
    write(request, Move.CLOSED, by=by, fields=["state", "closed_at", "why_closed"])
    return request


@as_program(WHY)
@transaction.atomic
def urge(request_id: int, *, by: User) -> Request:
    """Street or bureau ask the desk to answer; once a day, however often it is pressed."""
    request = begin(request_id)
    require(may_urge(by, request))
    if not request.is_open:
        raise _over(request)
    today = timezone.localdate()
    if not request.events.filter(move=Move.URGED, actor=by, at__date=today).exists():
        write(request, Move.URGED, by=by)
        notices.urged(request, today, sender_id=office_of(request, by))
    return request


@as_program(WHY)
@transaction.atomic
def phone_to_call(request_id: int, *, by: User) -> str:
    """The whole number to call back, for the desk; "" where there is none. Each look is written down."""
    request = begin(request_id)
    require(may_handle(by, request))
    audit.record(
        "request.revealed",
        request.retiree or request,
        by=by,
        organisation_id=office_of(request, by),
        after={"request": request.pk},
        note="回电话",
    )
    return (request.retiree.phone if request.retiree is not None else request.caller_phone) or ""


def _over(request: Request) -> RuleBroken:
    """Why nothing more is done: answered by whom, or closed for which reason."""
    if request.answered_at is not None:
        return answered_already(request)
    return RuleBroken(f"这件事已经结束（{request.get_why_closed_display()}），不用再办。", code="closed")
