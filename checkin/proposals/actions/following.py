"""What becomes of open proposals when something else happens to the person or to an organisation (rules O9).

Called by registries of the rooms below, in the transaction of the act, with the people locked.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Model, OuterRef, Subquery
from django.utils import timezone

from communities.notices.actions import post_each
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from members.people.registry import Change
from members.units.models import UnitMembership, UnitReorganisation

from .. import notices, values
from ..models import ChangeProposal
from ..owners import owner_of
from .steps import State, begin, close, open_of, record, set_dates

AT_DEATH = "老同志已登记去世"
MOVES_HOME = frozenset(["is_restricted", "residence_id", "standing", "user_id"])


def follow_change(retiree: Retiree, names: frozenset[str], by: User) -> None:
    """The record changed: what it now says was accepted, and each open proposal lies on its owner's desk."""
    for proposal in open_of(retiree):
        if proposal.field in names and values.of(retiree, proposal.field) == proposal.new:
            close(proposal, State.ACCEPTED, by=by, reason="已经改好")
            notices.closed(proposal)
        elif names & MOVES_HOME:
            _redesk(proposal, by=by)


def close_at_death(retiree: Retiree, died_on: date, by: User) -> None:
    """Nobody has to answer about the dead any more."""
    for proposal in open_of(retiree):
        close(proposal, State.WITHDRAWN, by=by, reason=AT_DEATH)
        notices.closed(proposal)


def reopen_after_death(retiree: Retiree, by: User) -> None:
    """恢复在世: what the death closed is open again, with a new date, where nothing newer stands in its place."""
    held = {(proposal.field, proposal.side) for proposal in open_of(retiree)}
    rows = ChangeProposal.objects.filter(retiree=retiree, state=State.WITHDRAWN, reason=AT_DEATH)
    for proposal in rows.select_related("organisation").order_by("-pk"):
        if (proposal.field, proposal.side) in held:
            continue
        held.add((proposal.field, proposal.side))
        proposal.retiree = retiree
        proposal.state, proposal.decided_by, proposal.decided_at, proposal.reason = State.OPEN, None, None, ""
        proposal.desk = owner_of(retiree, proposal.field)
        set_dates(proposal, timezone.now())
        proposal.save()
        record(proposal, "reopened", by=by, note="恢复在世")
        notices.opened(proposal, again=True)


def follow_joined(retiree: Retiree, membership: UnitMembership, left: int | None, by: User) -> None:
    """The person has a unit or another one: its proposals lie there now."""
    _redesk_all(retiree, by)


def _redesk_all(retiree: Retiree, by: User) -> None:
    for proposal in open_of(retiree):
        _redesk(proposal, by=by)


def follow_closed(organisation: Organisation, successor: Organisation | None, on: date, by: User) -> None:
    """A unit or a community closed: what lay on its desk goes to who owns the field now."""
    rows = ChangeProposal.objects.open().filter(desk=organisation).order_by("retiree_id", "pk")
    for pk in list(rows.values_list("pk", flat=True)):
        _redesk(begin(pk), by=by)


def follow_moved_people(reorganisation: UnitReorganisation, by: User, back: bool) -> dict[str, int]:
    """Many people changed their unit: their proposals go with them, in a few statements; one notice a desk.

    Where a unit outside is left or reached, the desk depends on each person: few people.
    """
    left, reached = ("target", "source") if back else ("source", "target")
    moved = reorganisation.moved()
    row = moved.filter(retiree=OuterRef("retiree_id"))
    rows: Any = ChangeProposal.objects.open().filter(retiree__in=moved.values("retiree"))
    outside = Organisation.objects.filter(kind=Organisation.Kind.EXTERNAL_UNIT)
    apart = moved.filter(**{f"{reached}__in": outside}) | moved.filter(**{f"{left}__in": outside})
    single = list(
        rows.filter(retiree__in=apart.values("retiree")).order_by("retiree_id").values_list("pk", flat=True)
    )
    for pk in single:
        _redesk(begin(pk), by=by)
    named = rows.exclude(pk__in=single).annotate(
        old=Subquery(row.values(left)[:1]), new=Subquery(row.values(reached)[:1])
    )
    going = list(named.filter(desk_id=F("old"), retiree__is_restricted=False).values_list("pk", "new"))
    ChangeProposal.objects.filter(pk__in=[pk for pk, _ in going]).update(
        desk=Subquery(moved.filter(retiree=OuterRef("retiree_id")).values(reached)[:1])
    )
    told = {unit: sum(new == unit for _, new in going) for unit in {new for _, new in going}}
    post_each(
        {unit: f"单位撤并，转来 {count} 条更正建议，请答复。" for unit, count in told.items()},
        key=f"proposals-reorganisation-{reorganisation.pk}-{'undone' if back else 'done'}",
        kind="proposal.opened",
        link="page:proposals/",
    )
    return {"proposals": len(single) + len(going)}


def plan_merge(kept: Retiree, other: Retiree) -> list[Change]:
    """Proposals go over; of two open ones of one side for one field the newer holds, the older is superseded."""
    rows = list(ChangeProposal.objects.filter(retiree__in=[kept, other]).order_by("-pk"))
    newest: set[tuple[str, str]] = set()
    changes = []
    for row in rows:
        given: dict[str, Any] = {} if row.retiree_id == kept.pk else {"retiree_id": kept.pk}
        if row.state == State.OPEN:
            if (row.field, row.side) in newest:
                given |= {
                    "state": State.SUPERSEDED,
                    "decided_by_id": User.objects.system().pk,
                    "decided_at": timezone.now(),
                }
            newest.add((row.field, row.side))
        if given or row.state == State.OPEN:
            changes.append(Change(row, given, "更正建议转到保留的一份。" if "retiree_id" in given else ""))
    # What gives way leaves its place before another takes it.
    return sorted(changes, key=lambda change: "state" not in change.values)


def follow_merge(kept: Retiree, other: Retiree, changes: list[Change], by: User) -> None:
    """Open proposals lie on the desk of the person as known now."""
    _redesk_all(kept, by)


def follow_unmerge(kept: Retiree, other: Retiree, rows: list[Model], by: User) -> None:
    for person in (kept, other):
        _redesk_all(person, by)


@transaction.atomic
def lay_on_desk(proposal_id: int, *, by: User) -> None:
    """Lay one open proposal on the desk of who owns its field now. Repeating it changes nothing.

    For the reconciliation. Raises ChangeProposal.DoesNotExist, RuleBroken (the person was merged just now).
    """
    proposal = begin(proposal_id)
    if proposal.state == State.OPEN:
        _redesk(proposal, by=by)


def _redesk(proposal: ChangeProposal, *, by: User) -> None:
    """Lay an open proposal on the desk of who owns the field now, who is asked. The date stays."""
    owner = owner_of(proposal.retiree, proposal.field)
    if owner.pk == proposal.desk_id:
        return
    before = proposal.desk_id
    proposal.desk = owner
    proposal.save(update_fields=["desk"])
    record(proposal, "redirected", by=by, before={"desk": before}, after={"desk": owner.pk})
    notices.opened(proposal, again=True)
