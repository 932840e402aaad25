"""Taking a reorganisation back within a day, while nothing has been built on it."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from communities.organisations.actions import lock_with_people
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree

from .. import notices, registry
from ..models import UnitMembership, UnitReorganisation
from . import checking
from .moving import move_back
from .planning import locked

State = UnitReorganisation.State


@as_program("an organisation's act finds everybody it has, seen or not")
@transaction.atomic
def undo_reorganisation(reorganisation_id: int, *, by: User) -> UnitReorganisation:
    """Give everybody back to the old units, which are open again with their staff. Repeating it changes nothing.

    Within 24 hours, and only while every person, unit and month is as it left them. Raises PermissionDenied,
    RuleBroken (not done, too late, changed since: says what). Source: docs/rules.md, P22.
    """
    reorganisation = locked(reorganisation_id, by=by)
    if reorganisation.state == State.UNDONE:
        return reorganisation
    if not reorganisation.may_be_undone_at(timezone.now()):
        raise RuleBroken("只能在办好后 24 小时内撤回。请按现在的情况另办一次撤并。", code="too_late")
    sources = _lock(reorganisation)
    found = changes(reorganisation)
    if found:
        raise RuleBroken(f"{found[0]}，不能撤回。请按现在的情况另办一次撤并。", code="changed_since")
    told = checking.told(reorganisation) | {unit.pk: unit for unit in sources if not unit.is_external}
    _reopen(reorganisation, sources, by=by)
    people = move_back(reorganisation, by=by)
    for follow in registry.on_people_moved:
        follow(reorganisation, by, True)
    reorganisation.move_to(State.UNDONE)
    reorganisation.undone_by, reorganisation.undone_at = by, timezone.now()
    reorganisation.save(update_fields=["state", "undone_by", "undone_at"])
    audit.record(
        "reorganisation.undone", reorganisation, by=by, after={"people": people}, note=reorganisation.document
    )
    notices.tell_undone(reorganisation, told.values())
    return reorganisation


def changes(reorganisation: UnitReorganisation) -> list[str]:
    """What has happened since that would be lost, each in words that end without a stop."""
    found = []
    units = list(Organisation.objects.filter(reorganised_away=reorganisation))
    targets = Organisation.objects.filter(pk__in=reorganisation.moved().values("target"))
    found += [f"“{unit.name}”后来又撤销了" for unit in targets if unit.closed_on]
    if reorganisation.closes:
        found += [
            f"“{unit.name}”后来又有变动" for unit in units if unit.closed_on != reorganisation.effective_on
        ]
    gone = reorganisation.moved().count() - _still_there(reorganisation)
    if gone:
        found.append(f"有 {gone} 人后来又有变动")
    try:
        checking.check_day(reorganisation.effective_on, [*units, *targets])
    except RuleBroken:
        found.append("统计已经结账")
    return found + [words for changed in registry.changed_since if (words := changed(reorganisation))]


def _still_there(reorganisation: UnitReorganisation) -> int:
    """How many of its people are in the membership it gave them."""
    given = Q(valid_from=reorganisation.first_day) | Q(pk=OuterRef("before"))
    now = UnitMembership.objects.open().filter(given, retiree=OuterRef("retiree"), unit=OuterRef("target"))
    return reorganisation.moved().filter(Exists(now)).count()


def _lock(reorganisation: UnitReorganisation) -> list[Organisation]:
    """The people where they are now, then the units; the old units are returned."""
    sources = list(reorganisation.sources.values_list("pk", flat=True))
    targets = list(reorganisation.moved().values_list("target_id", flat=True).distinct())
    every = {*sources, *targets, *reorganisation.targets.values_list("pk", flat=True)}
    units = lock_with_people([*sources, *targets], every)
    return [units[pk] for pk in sorted(sources)]


def _reopen(reorganisation: UnitReorganisation, sources: list[Organisation], *, by: User) -> None:
    """Old units that were closed are open, their staff work there, and who said to be of them says so again."""
    if not reorganisation.closes:
        return
    for unit in sources:
        before = {"closed_on": str(unit.closed_on), "successor": unit.successor_id}
        unit.closed_on = unit.successor = None
        unit.save(update_fields=["closed_on", "successor"])
        audit.record("unit.reopened", unit, by=by, before=before, after={"closed_on": None})
    Assignment.objects.filter(pk__in=reorganisation.kept["assignments"]).update(valid_until=None)
    successor = reorganisation.rest_to_id if reorganisation.targets.exists() else None
    pairs = reorganisation.kept["claimants"]
    for unit in sources:
        ours = [person for person, unit_id in pairs if unit_id == unit.pk]
        Retiree.objects.filter(pk__in=ours, claimed_unit=successor).update(claimed_unit=unit)
