"""What every act on a request begins and ends with."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from communities.calendar.days import load
from communities.calendar.periods import length_of
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import AlreadyDone, RuleBroken
from members.people.models import Retiree

from .. import periods
from ..models import Request, RequestEvent, RequestWords

State, Move = Request.State, RequestEvent.Move
RELATED = ("preset", "desk__division", "taken_for", "answered_by")
LONGEST = 1000
WHY = "a request is acted on by its desk, wherever its person has gone meanwhile"


def begin(request_id: int) -> Request:
    """The request as it stands once its person is locked, and itself: callers nobody knows have no person.

    Read after the lock: what was joined to a row that was waited for would be as it was before.
    Raises Request.DoesNotExist, RuleBroken (the person was merged, or the caller recognised, just now).
    """
    rows = Request.objects.filter(pk=request_id)
    retiree_id = rows.values_list("retiree_id", flat=True).get()
    retiree = Retiree.objects.locked(retiree_id) if retiree_id is not None else None
    rows.select_for_update(no_key=True).values_list("pk").get()
    request = rows.select_related(*RELATED).get()
    if retiree is not None:
        retiree.check_has(request)
        request.retiree = retiree
    elif request.retiree_id is not None:
        raise RuleBroken("刚刚认出了来电人是谁，请刷新后再办。", code="linked")
    return request


def open_of(retiree: Retiree) -> list[Request]:
    """What is open of a person whom the caller has locked, which holds the requests too."""
    rows = Request.objects.open().filter(retiree=retiree).select_related(*RELATED)
    found = list(rows.order_by("pk"))
    for request in found:
        request.retiree = retiree
    return found


def set_dates(request: Request, at: datetime) -> None:
    """The last day for an answer asked for at `at` (aware), and when the bureau hears. Does not save."""
    calendar = load()
    due = calendar.add_working_days(timezone.localdate(at), request.preset.answer_days)
    bureau = calendar.add_working_days(due.day, length_of(periods.ESCALATE).length)
    request.due_on, request.bureau_on = due.day, bureau.day
    request.dates_provisional = due.provisional or bureau.provisional
    request.escalation = Request.Escalation.NONE


def write(
    request: Request,
    move: RequestEvent.Move,
    *,
    by: User,
    words: str = "",
    fields: list[str] | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> RequestEvent:
    """Save `fields` of the request, and write down the step: event, words, audit. Words are in neither of the last.

    The audit entry is about the person, who can read it; of a caller nobody knows, about the request.
    """
    if fields is not None:
        request.save(update_fields=fields)
    office = office_of(request, by)
    event = RequestEvent.objects.create(
        request=request,
        move=move,
        at=at or timezone.now(),
        actor=by,
        actor_name=by.display_name,
        organisation_id=office,
        state=request.state,
        desk=request.desk,
    )
    if words:
        RequestWords.objects.create(
            request=request, event=event, text=words, is_private=request.is_private, said_by=by
        )
    audit.record(
        f"request.{move}",
        request.retiree or request,
        by=by,
        organisation_id=office,
        before=before,
        after={"request": request.pk, "state": request.state, **(after or {})},
    )
    return event


def office_of(request: Request, by: User) -> int | None:
    """For which organisation `by` acts here: the desk, who took it, another of theirs; none for the person."""
    if is_system(by):
        return None
    if request.retiree is not None and by.pk == request.retiree.user_id:
        return None
    ours = standing_of(by).organisation_ids
    for pk in (request.desk_id, request.taken_for_id):
        if pk in ours:
            return pk
    return min(ours, default=None)


def said(words: str) -> str:
    """Words as they are kept: without the blanks around them, at most LONGEST characters."""
    return words.strip()[:LONGEST]


def answered_already(request: Request) -> AlreadyDone:
    """Who answered and when, for whoever comes second."""
    assert request.answered_by is not None
    assert request.answered_at is not None
    return AlreadyDone("答复", who=request.answered_by.display_name, at=request.answered_at)
