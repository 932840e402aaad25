"""What every action on a check-in begins and ends with."""

from typing import Any

from django.utils import timezone

from checkin.record import clock, desks, notices
from checkin.record.models import CheckIn, CheckInEvent, State
from communities.organisations.models import Organisation
from communities.organisations.permissions import is_system, standing_of
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.codes.labels import label
from huifeng.errors import AlreadyDone
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree

Move = CheckInEvent.Move
DECLARED = ("address", "declared")  # what the person said: the event keeps it, the audit does not


def lock_person(retiree_id: int) -> Retiree:
    """Lock the person: all acts about one person wait for each other here, whatever row they change.

    One lock a person, so that submitting twice, confirming B while A is open, and a death cannot cross.
    """
    return Retiree.objects.locked(retiree_id)


def begin(checkin_id: int) -> CheckIn:
    """The check-in as it stands once its person is locked. Raises CheckIn.DoesNotExist."""
    retiree_id = CheckIn.objects.values_list("retiree_id", flat=True).get(pk=checkin_id)
    retiree = lock_person(retiree_id)
    checkin = CheckIn.objects.select_related(
        "unit__division", "community__division", "area", "desk__division", "helper", "ceremony"
    ).get(pk=checkin_id)
    retiree.check_has(checkin)
    checkin.retiree = retiree
    return checkin


def already(checkin: CheckIn, by: User, *moves: Move) -> bool:
    """Whether the last thing that happened is one of `moves`, done by the same person: a repeated click."""
    last = checkin.events.order_by("-pk").first()
    return last is not None and last.move in moves and last.actor_id == by.pk


def refuse_stale(checkin: CheckIn, version: int | None) -> None:
    """Raise AlreadyDone when the page was made from an older `version`, naming who acted since and when."""
    if version is None or version == checkin.version:
        return
    last = checkin.events.select_related("organisation").order_by("-pk").first()
    assert last is not None
    raise AlreadyDone(_done_words(last), who=_actor_words(last), at=last.at, code="stale")


def refuse_done(checkin: CheckIn, state: State) -> None:
    """Raise AlreadyDone when somebody else brought the check-in to `state` before."""
    if checkin.state != state:
        return
    last = checkin.events.select_related("organisation").order_by("-pk").first()
    assert last is not None
    raise AlreadyDone(_done_words(last), who=_actor_words(last), at=last.at)


def _done_words(event: CheckInEvent) -> str:
    return CheckInEvent.Move(event.move).label


def _actor_words(event: CheckInEvent) -> str:
    return f"{event.organisation.name} {event.actor_name}" if event.organisation else event.actor_name


def capacity(by: User, checkin: CheckIn) -> tuple[str, Organisation | None]:
    """As what `by` acts here: the person, a helper, the system, or staff of an organisation concerned."""
    if is_system(by):
        return "系统", None
    if checkin.retiree.user_id == by.pk:
        return "本人", None
    helper = checkin.retiree.helpers.filter(user=by, ended_at=None).first()
    if helper is not None:
        return f"家人帮办（{label('relation', helper.relation)}）", None
    ours = standing_of(by).organisation_ids
    for organisation in (checkin.desk, checkin.community, checkin.unit):
        if organisation is not None and organisation.pk in ours:
            return organisation.get_kind_display(), organisation
    return office_of(by)


def office_of(by: User) -> tuple[str, Organisation | None]:
    """As what `by` acts where no single request is looked at: the system, or staff of an organisation."""
    if is_system(by):
        return "系统", None
    ours = standing_of(by).organisation_ids
    organisation = Organisation.objects.filter(pk__in=ours).order_by("pk").first()
    return (organisation.get_kind_display(), organisation) if organisation else ("工作人员", None)


@as_program("a move may take the request out of its actor's sight")
def finish(
    checkin: CheckIn,
    move: Move,
    *,
    by: User,
    from_state: str,
    reason: str = "",
    words: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    tell: bool = True,
) -> CheckInEvent:
    """Save the check-in with its desk and version, and write event, audit entry and notices.

    `tell` False: the caller tells of it in another way, once for many; the event says so (`told`), so that the
    reconciliation misses no notice.
    """
    role, organisation = capacity(by, checkin)
    checkin.desk = desks.next_desk(checkin)
    if checkin.desk is None:
        clock.stop(checkin)
    checkin.version += 1
    checkin.save()
    event = CheckInEvent.objects.create(
        checkin=checkin,
        move=move,
        from_state=from_state,
        to_state=checkin.state,
        at=timezone.now(),
        actor=by,
        actor_name=by.display_name,
        role=role,
        organisation=organisation,
        reason=reason,
        words=words,
        before=before or {},
        after={**(after or {}), **({} if tell or move not in notices.TOLD else {"told": False})},
    )
    audit.record(
        f"checkin.{move}",
        checkin,
        by=by,
        organisation_id=organisation.pk if organisation else None,
        before={"state": from_state, **(before or {})},
        after={"state": checkin.state, **{k: v for k, v in (after or {}).items() if k not in DECLARED}},
        note=words[:200],
    )
    if tell:
        notices.tell(checkin, event)
    return event
