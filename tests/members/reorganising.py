"""Shortcuts through a reorganisation of units: planned, looked at, carried out as a worker would."""

from datetime import date
from typing import Any

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.jobs import running
from huifeng.jobs.models import Job
from members.units import actions
from members.units.models import UnitReorganisation

DAY = date(2026, 3, 31)
PAPER = "青编办〔2026〕9号"


def plan(
    kind: str, sources: list[Organisation], targets: list[Organisation], *, by: User, **fields: Any
) -> UnitReorganisation:
    """A draft; the day is DAY and the document PAPER unless `fields` say otherwise."""
    said = {"effective_on": DAY, "document": PAPER} | fields
    keys = {"source_ids": tuple(u.pk for u in sources), "target_ids": tuple(u.pk for u in targets)}
    return actions.plan_reorganisation(actions.Plan(kind=kind, **keys, **said), by=by)


def work_off(reorganisation: UnitReorganisation) -> Job | None:
    """Do its job here, as a worker does."""
    reorganisation.refresh_from_db()
    job = running.run(reorganisation.job_id)
    reorganisation.refresh_from_db()
    return job


def carry_out(reorganisation: UnitReorganisation, *, by: User) -> UnitReorganisation:
    """Look at it, start it, do it."""
    actions.preview(reorganisation.pk, by=by)
    actions.carry_out(reorganisation.pk, by=by)
    work_off(reorganisation)
    return reorganisation


def units_over_time(person):
    """(unit, from, until) of each membership, the oldest first."""
    rows = person.memberships.order_by("valid_from")
    return [(row.unit, row.valid_from, row.valid_until) for row in rows]
