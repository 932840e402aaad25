from django.db import transaction
from django.utils import timezone

from checkin.rights import notices, periods
from checkin.rights.models import ErasureRequest
from checkin.rights.permissions import may_ask, may_take_back
from communities.calendar.periods import deadline
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import AlreadyDone, require
from huifeng.rowscope.scope import as_program
from members.people import registry
from members.people.models import Retiree
from members.people.permissions import is_helper_of

State, Source = ErasureRequest.State, ErasureRequest.Source


@transaction.atomic
def ask(retiree_id: int, *, by: User, words: str = "") -> ErasureRequest:
    """Ask that a person's data be erased; the bureau that oversees the person answers within 15 working days.

    While a request is open it is returned and nothing is added. Source: 个人信息保护法 art. 47, 49, 50; G4.
    """
    retiree = Retiree.objects.locked(retiree_id)
    require(may_ask(by, retiree))
    source = source_of(by, retiree)
    with as_program("the request lies with the bureau, out of sight of staff who wrote it down"):
        found = ErasureRequest.objects.filter(retiree=retiree, state=State.OPEN).first()
        return found or opened(retiree, source, by=by, words=words)


def source_of(by: User, retiree: Retiree) -> str:
    if retiree.user_id == by.pk:
        return Source.PERSON
    return Source.HELPER if is_helper_of(by, retiree) else Source.STAFF


def opened(retiree: Retiree, source: str, *, by: User, words: str = "") -> ErasureRequest:
    """A new request on the desk of the bureau; the person is locked."""
    answering = registry.units.responsible_organisation(retiree)
    desk = registry.units.bureau_for(retiree.residence_id or answering.division_id)
    due, _ = deadline(periods.ANSWER, timezone.now())
    made = ErasureRequest.objects.create(
        retiree=retiree,
        source=source,
        words=words.strip()[:300],
        desk=desk,
        asked_by=by,
        asked_at=timezone.now(),
        due_on=due,
    )
    audit.record("erasure.asked", retiree, by=by, after={"request": made.pk, "source": source})
    if source != Source.RETENTION:
        notices.tell_asked(made)
    return made


@transaction.atomic
def take_back(request_id: int, *, by: User) -> ErasureRequest:
    """Who asked no longer wants it. Repeating it changes nothing. Raises AlreadyDone once it is decided."""
    retiree_id = ErasureRequest.objects.values_list("retiree_id", flat=True).get(pk=request_id)
    retiree = Retiree.objects.locked(retiree_id)
    request = ErasureRequest.objects.select_related("decided_by").get(pk=request_id)
    request.retiree = retiree
    require(may_take_back(by, request))
    if request.state == State.TAKEN_BACK:
        return request
    refuse_decided(request)
    request.state, request.decided_by, request.decided_at = State.TAKEN_BACK, by, timezone.now()
    request.save(update_fields=["state", "decided_by", "decided_at"])
    audit.record("erasure.taken_back", retiree, by=by, after={"request": request.pk})
    return request


def refuse_decided(request: ErasureRequest) -> None:
    if request.state != State.OPEN:
        assert request.decided_by is not None
        assert request.decided_at is not None
        raise AlreadyDone(
            request.get_state_display(), who=request.decided_by.display_name, at=request.decided_at
        )
