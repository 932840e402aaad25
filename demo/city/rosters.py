"""Which unit manages whom since when, and who took over from a unit that closed."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from members.people.models import Retiree
from members.units.models import UnitMembership

from .people import Person
from .store import Store

Cause = UnitMembership.Cause
PAPERS = {"merged": "青企改〔{}〕18号", "dissolved": "青企改〔{}〕7号"}


def enrol(store: Store, people: list[Person], launch: date, by: User) -> None:
    """Memberships of everybody a unit vouches for, each written down; a claimed person has none yet."""
    for person in people:
        if person.is_claimed:
            continue
        since = person.vouched_on or _retired(person, launch)
        former = person.former
        if former is None:
            alone = person.vouched_on or person.unit.is_external
            cause = Cause.VERIFIED if alone else Cause.ROSTER
            store.put(
                UnitMembership,
                retiree_id=person.row.pk,
                unit_id=person.unit.pk,
                valid_from=since,
                cause=cause,
            )
            _write_down(store, person, since, cause, by)
            continue
        assert former.closed_on is not None
        day = former.closed_on + timedelta(days=1)
        store.put(
            UnitMembership, retiree_id=person.row.pk, unit_id=former.pk, valid_from=since, valid_until=day
        )
        paper = PAPERS["merged" if former.successor_id else "dissolved"].format(former.closed_on.year)
        store.put(
            UnitMembership,
            retiree_id=person.row.pk,
            unit_id=person.unit.pk,
            valid_from=day,
            cause=Cause.REORGANISED,
            document=paper,
        )
        _write_down(store, person, day, Cause.REORGANISED, by)


def _write_down(store: Store, person: Person, on: date, cause: Cause, by: User) -> None:
    """The audit entry that every membership has."""
    store.put(
        AuditEntry,
        at=timezone.make_aware(datetime.combine(on, time(9))),
        actor_id=by.pk,
        actor=by.display_name,
        organisation_id=person.unit.pk,
        action="membership.begun",
        target_type=Retiree._meta.label_lower,
        target_id=str(person.row.pk),
        before={"unit": person.former.pk if person.former else None},
        after={"unit": person.unit.pk, "on": str(on), "cause": str(cause)},
    )


def _retired(person: Person, launch: date) -> date:
    said = person.row.retired_on
    if not said:
        return launch
    return date(int(said[:4]), int(said[5:7] or 1), 1)
