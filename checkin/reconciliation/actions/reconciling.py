from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from checkin.reconciliation import notices
from checkin.reconciliation.checks import CHECKS
from checkin.reconciliation.comparing import Check, Finding
from checkin.reconciliation.models import Drift, ReconciliationRun
from checkin.reconciliation.permissions import may_reconcile
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.jobs import actions as jobs
from huifeng.jobs.models import Job

JOB = "reconciliation.run"
LOCK = 370204  # advisory: one reconciliation at a time


@dataclass(frozen=True)
class Outcome:
    """What one check found, and the places (in `found`) of what its repair put right."""

    check: Check
    found: list[Finding]
    repaired: frozenset[int] = frozenset()


def reconcile(
    *, by: User, repair: bool = False, tell: Callable[[int, int, str], None] | None = None
) -> ReconciliationRun:
    """Compare everything once, mend what needs nobody's decision if `repair`, and write down what was found.

    Each check asks by itself; what a repair claims to have mended is asked for again. A run that is killed has
    written nothing, and what it repaired stays repaired. `tell(done, total, title)`: progress. Raises
    PermissionDenied, RuleBroken (another one is at it). Source: docs/rules.md, R1 to R4.
    """
    require(may_reconcile(by))
    with _alone():
        began = timezone.now()
        outcomes = []
        for place, check in enumerate(CHECKS):
            if tell:
                tell(place, len(CHECKS), check.title)
            outcomes.append(_look(check, repair=repair))
        return _write_down(outcomes, began, repairs=repair, by=by)


@transaction.atomic
def start(*, repair: bool, by: User, page: str = "") -> Job:
    """Ask for a reconciliation; a worker does it. One of one's own that waits or runs is returned."""
    require(may_reconcile(by))
    under_way = Job.objects.filter(kind=JOB, by=by, state__in=Job.OPEN).order_by("-pk").first()
    if under_way is not None:
        return under_way
    return jobs.start(
        JOB, title="对账并补发通知" if repair else "对账", by=by, args={"repair": repair}, page=page
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody else reconciles. The server frees the lock when a killed worker's session ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise RuleBroken("另一次对账正在进行，请等它办完再看结果。", code="running")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _look(check: Check, *, repair: bool) -> Outcome:
    found = check.find()
    if not found or check.repair is None or not repair:
        return Outcome(check, found)
    check.repair(found)
    left = {replace(finding, found="", expected="") for finding in check.find()}
    return Outcome(
        check,
        found,
        frozenset(
            place
            for place, finding in enumerate(found)
            if replace(finding, found="", expected="") not in left
        ),
    )


@transaction.atomic
def _write_down(outcomes: list[Outcome], began: datetime, *, repairs: bool, by: User) -> ReconciliationRun:
    now = timezone.now()
    run = ReconciliationRun.objects.create(
        started_at=began,
        finished_at=now,
        by=by,
        repairs=repairs,
        counts={outcome.check.key: len(outcome.found) for outcome in outcomes},
        found=sum(len(outcome.found) for outcome in outcomes),
        repaired=sum(len(outcome.repaired) for outcome in outcomes),
    )
    named = {f.organisation for outcome in outcomes for f in outcome.found if f.organisation is not None}
    known = set(Organisation.objects.filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    Drift.objects.bulk_create(
        (
            Drift(
                run=run,
                check_key=outcome.check.key,
                organisation_id=finding.organisation if finding.organisation in known else None,
                person=finding.person,
                field=finding.field,
                expected=finding.expected[:100],
                found=finding.found[:100],
                repaired_at=now if place in outcome.repaired else None,
            )
            for outcome in outcomes
            for place, finding in enumerate(outcome.found)
        ),
        batch_size=2000,
    )
    after = {"found": run.found, "repaired": run.repaired, "repairs": repairs}
    audit.record("reconciliation.run", run, by=by, after=after)
    if run.left:
        notices.tell_left(run)
    return run
