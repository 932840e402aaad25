"""What becomes of somebody's care when something else happens (rules V9).

Called by registries of the rooms below, in the transaction of the act, with the people locked.
"""

from datetime import date

from django.db import transaction
from django.db.models import Model, Q
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.people.registry import Change
from members.units.models import UnitMembership, UnitReorganisation

from ..making import follow_people, make_due
from ..models import CareClass, CareNote, CareSeat, CareTeam, Obligation, Visit, VisitDraft
from .steps import Ended, State, end


def end_at_death(retiree: Retiree, died_on: date, by: User) -> None:
    """Nobody visits the dead: lines, class and teams end."""
    with as_program("care of the dead ends, whoever gives it"):
        end(Obligation.objects.filter(retiree=retiree), Ended.DEATH)
        for model in (CareClass, CareTeam):
            model.objects.filter(retiree=retiree, ended_on=None).update(
                ended_on=died_on, ended_reason=Ended.DEATH
            )


def restore_after_death(retiree: Retiree, by: User) -> None:
    """恢复在世: what the death ended holds again, owed by who answers now."""
    with as_program("care goes on, whoever gives it"):
        for model in (CareClass, CareTeam):
            model.objects.filter(retiree=retiree, ended_reason=Ended.DEATH).update(
                ended_on=None, ended_reason=""
            )
        Obligation.objects.filter(retiree=retiree, state=State.ENDED, ended_reason=Ended.DEATH).update(
            state=State.DUE, ended_reason=""
        )
        follow_people([retiree.pk])
        make_due(retiree_id=retiree.pk)


def follow_joined(retiree: Retiree, membership: UnitMembership, left: int | None, by: User) -> None:
    """The person has a unit or another one."""
    follow_people([retiree.pk])


def follow_moved_people(reorganisation: UnitReorganisation, by: User, back: bool) -> dict[str, int]:
    """People got another unit: their lines go along."""
    people = reorganisation.moved().values_list("retiree_id", flat=True)
    return {"care_obligations": follow_people(list(people))}


@transaction.atomic
def follow_closed(closed: Organisation, successor: Organisation | None, on: date, by: User) -> None:
    """Lines of an organisation that ended go to who answers for each person now."""
    with as_program("lines of a closed organisation are somebody else's"):
        people = Obligation.objects.open().filter(organisation=closed).values_list("retiree_id", flat=True)
        follow_people(list(people))


def plan_merge(kept: Retiree, other: Retiree) -> list[Change]:
    """Visits, lines, class and teams go over; where both rows have one, the kept row's stays."""
    changes: list[Change] = []
    for row in Visit.objects.filter(retiree=other).order_by("pk"):
        changes.append(Change(row, {"retiree_id": kept.pk}, "走访记录转到保留的一份。"))
    held = set(Obligation.objects.filter(retiree=kept).values_list("preset_id", "period"))
    classed = CareClass.objects.filter(retiree=kept, ended_on=None).exists()
    for line in Obligation.objects.filter(retiree=other).select_related("preset").order_by("pk"):
        values: dict[str, object] = {"retiree_id": kept.pk}
        twice = (line.preset_id, line.period) in held or (classed and line.preset.mode == "care_class")
        if twice:
            values["period"] = f"{line.period}~{line.pk}"
            if line.state == State.DUE:
                values |= {"state": State.ENDED, "ended_reason": Ended.MERGED}
        changes.append(Change(line, values, "应走访的转到保留的一份，重复的只留一条。"))
    teams = set(CareTeam.objects.filter(retiree=kept, ended_on=None).values_list("preset_id", flat=True))
    ended = {"ended_on": timezone.localdate(), "ended_reason": Ended.MERGED}
    for team in CareTeam.objects.filter(retiree=other).order_by("pk"):
        over = ended if team.ended_on is None and team.preset_id in teams else {}
        changes.append(Change(team, {"retiree_id": kept.pk, **over}, "关心专班转到保留的一份。"))
    for row_class in CareClass.objects.filter(retiree=other).order_by("pk"):
        over = ended if row_class.ended_on is None and classed else {}
        changes.append(Change(row_class, {"retiree_id": kept.pk, **over}))
    return changes


def follow_merge(kept: Retiree, other: Retiree, changes: list[Change], by: User) -> None:
    """Open lines go to who answers for the one person."""
    follow_people([kept.pk])


def follow_unmerge(kept: Retiree, other: Retiree, rows: list[Model], by: User) -> None:
    follow_people([kept.pk, other.pk])


@as_program("the person asked to be forgotten, by whomever visited")
@transaction.atomic
def forget(retiree_id: int) -> dict[str, int]:
    """Take away the words about somebody and who is around them; days and figures of visits stay as statistics.

    For the erasure of a person (members.people); the caller has locked the person. Repeating it changes nothing.
    """
    about = (
        Q(visit__retiree=retiree_id) | Q(obligation__retiree=retiree_id) | Q(care_class__retiree=retiree_id)
    )
    notes = CareNote.objects.filter(about).exclude(words=None, condition="").update(words=None, condition="")
    drafts, _ = VisitDraft.objects.filter(obligation__retiree=retiree_id).delete()
    seats = CareSeat.objects.filter(team__retiree=retiree_id).exclude(name="", post="", phone="")
    return {"notes": notes, "drafts": drafts, "seats": seats.update(name="", post="", phone="")}
