"""Which unit manages whom since when, and who took over from a unit that closed."""

from datetime import date, timedelta

from members.units.models import UnitMembership

from .people import Person
from .store import Store

Cause = UnitMembership.Cause
PAPERS = {"merged": "青企改〔{}〕18号", "dissolved": "青企改〔{}〕7号"}


def enrol(store: Store, people: list[Person], launch: date) -> None:
    """Memberships of everybody a unit vouches for; a claimed person has none yet."""
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


def _retired(person: Person, launch: date) -> date:
    said = person.row.retired_on
    if not said:
        return launch
    return date(int(said[:4]), int(said[5:7] or 1), 1)
