"""A process that is killed in the middle of an import leaves nothing; the next one writes all of it, once."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection, connections

from huifeng.audit.models import AuditEntry
from huifeng.jobs import running
from huifeng.jobs.models import Job
from members.people.models import Retiree
from members.roster import actions
from members.roster.models import ImportBatch
from members.units.models import UnitMembership
from tests.communities.factories import make_city, make_staff, make_unit
from tests.faults.workers import ROOT, environment, until
from tests.members.factories import load_codes, make_member
from tests.members.roster.rosters import again, everything, planned, row, row_of

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True, databases=["default", "owner"])]

# A process that does the batch's job as a worker does.
DO_THE_JOB = (
    "import sys, django; django.setup(); from huifeng.jobs import running;"
    "from huifeng.rowscope.scope import run_as_program;"
    "run_as_program('a worker'); running.run(int(sys.argv[1]))"
)
# Where it stops for ever: at the first row of this table.
STEPS = {
    "the first membership": ("members_units_unitmembership", "INSERT"),
    "the end of the import": ("members_roster_importbatch", "UPDATE"),
}
STOP = "pg_advisory_xact_lock(4711)"


@pytest.fixture
def approved(transactional_db: None) -> ImportBatch:
    """40 new people and one changed, approved, in a database that stops where a test says."""
    load_codes()
    unit = make_unit(place=make_city().districts[0].division)
    clerk = make_staff(unit)
    member = make_member(unit)
    batch = planned(unit, clerk, *(row(serial) for serial in range(40)), row_of(member, 职级="副处级"))
    return actions.approve(batch.pk, by=clerk)


def stop_at(table: str, act: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN PERFORM {STOP}; RETURN NEW; END $$"
        )
        cursor.execute(f"CREATE TRIGGER stop AFTER {act} ON {table} FOR EACH ROW EXECUTE FUNCTION stop()")


def somebody_stopped() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 4711"
        )
        return bool(cursor.fetchone()[0])


def tables() -> dict[str, object]:
    connection.close()  # nothing of an older snapshot
    return dict(everything())


@pytest.mark.parametrize("step", STEPS)
def test_killed_in_the_middle_nothing_is_written_and_the_next_one_writes_all(
    approved: ImportBatch, step: str
) -> None:
    assert approved.job is not None
    table, act = STEPS[step]
    before = tables()
    stop_at(table, act)
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"SELECT {STOP.replace('xact_', '')}")
    process = subprocess.Popen(
        [sys.executable, "-c", DO_THE_JOB, str(approved.job_id)], cwd=ROOT, env=environment()
    )
    until(somebody_stopped, told=lambda: f"ended with {process.poll()}")

    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(4711)")
        cursor.execute(f"DROP TRIGGER stop ON {table}")
    until(lambda: not running.held_among([approved.job_id]))

    assert tables() == before
    assert again(approved).state == ImportBatch.State.PLANNED

    for _ in range(2):
        running.run(approved.job_id)

    batch = again(approved)
    assert batch.job is not None
    assert (batch.state, batch.job.state) == (ImportBatch.State.APPLIED, Job.State.DONE)
    assert Retiree.objects.count() == UnitMembership.objects.count() == 41
    assert AuditEntry.objects.filter(action="retiree.enrolled").count() == 40
    assert AuditEntry.objects.filter(action="retiree.corrected").count() == 1
    assert AuditEntry.objects.filter(action="roster.imported").count() == 1
