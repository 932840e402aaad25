"""Making and sending the reports of a month, and following organisations that close."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from checkin.feedback import notices, periods
from checkin.feedback.making import writing
from checkin.feedback.models import FeedbackReport, FeedbackReportQuerySet, State
from checkin.feedback.permissions import may_make
from checkin.statistics.months import Month, require_begun
from communities.calendar.periods import deadline
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken, require
from huifeng.jobs import actions as jobs
from huifeng.jobs.models import Job
from members.units.models import UnitReorganisation

from .steps import write_down

JOB, FILES = "feedback.make", "feedback.files"
LOCK = 0x66656564  # "feed": advisory, the second half is the month; one making of a month at a time


@dataclass(frozen=True)
class Made:
    """`expected`: reports the month asks for; `made` now; `existing` already there."""

    expected: int
    made: int
    existing: int


def lock_month(month: Month) -> None:
    """Let nobody else make reports of the month until COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, month.year * 100 + month.month])


@transaction.atomic
def make(month: Month, *, by: User) -> Made:
    """A report for every unit and community that has somebody to be told of, who has none of the month yet.

    A second run makes nothing; killed at any point it leaves nothing. A later run makes what is missing (somebody
    entered late for an organisation without a report). Raises PermissionDenied, RuleBroken (the month is not over).
    Source: docs/rules.md, F1, F2.
    """
    require(may_make(by))
    require_over(month)
    lock_month(month)
    existing = FeedbackReport.objects.of_month(month).filter(version=1).count()
    expected = writing.read_facts(month)
    made = writing.add_reports(month)
    if made:
        writing.fill(month)
        write_down("feedback.made", FeedbackReport.objects.filter(pk__in=made), by)
    return Made(expected, len(made), existing)


@transaction.atomic
def send(month: Month, *, by: User, at: datetime | None = None) -> int:
    """Send what was made and not sent yet; receivers are told, and must answer by a day. Returns how many.

    `at`: aware, now if left out. Repeating it sends nothing twice. Raises PermissionDenied.
    Source: docs/rules.md, F3, F5.
    """
    require(may_make(by))
    waiting = FeedbackReport.objects.of_month(month).filter(state=State.GENERATED)
    keys = list(waiting.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    if not keys:
        return 0
    at = at or timezone.now()
    rows = FeedbackReport.objects.filter(pk__in=keys)
    write_down("feedback.sent", rows, by)
    rows.update(state=State.SENT, sent_at=at, due_on=deadline(periods.ANSWER, at).day)
    _tell(rows)
    return len(keys)


def _tell(rows: FeedbackReportQuerySet) -> None:
    told = rows.select_related("organisation", "receiver", "corrects").defer("corrects__content")
    notices.tell_sent(told.order_by("pk").iterator(chunk_size=500))


@transaction.atomic
def start(month: Month, *, by: User, page: str = "") -> Job:
    """Let a worker make and send the reports of the month, and their files. One that is at it is returned.

    Raises PermissionDenied, RuleBroken (the month is not over).
    """
    require(may_make(by))
    require_over(month)
    lock_month(month)
    under_way = Job.objects.filter(kind=JOB, args__month=str(month), state__in=Job.OPEN, by=by).first()
    if under_way is not None:
        return under_way
    return jobs.start(
        JOB, title=f"生成并发送{month.words}双向反馈单", by=by, args={"month": str(month)}, page=page
    )


@transaction.atomic
def start_files(month: Month, *, by: User) -> Job:
    """Let a worker make the files of the reports that were sent. Raises PermissionDenied."""
    require(may_make(by))
    return jobs.start(FILES, title=f"制作{month.words}反馈单文件", by=by, args={"month": str(month)})


def require_over(month: Month) -> None:
    require_begun(month)
    if not month.is_over:
        raise RuleBroken(f"{month.words}还没有过完，下个月才能生成反馈单。", code="month_not_over")


def follow_closed(closed: Organisation, successor: Organisation | None, on: date, by: User) -> None:
    """An organisation ends: what waits on its desk goes to who takes its place. Inside the closing's transaction."""
    redirect([closed.pk], by=by)


def follow_moved_people(reorganisation: UnitReorganisation, by: User, back: bool) -> dict[str, int]:
    """Units were reorganised, or that was taken back: the same for the reports about them."""
    redirect(reorganisation.sources.values_list("pk", flat=True), by=by)
    return {}


def redirect(organisation_ids: Iterable[int], *, by: User) -> int:
    """Let whoever stands in for these organisations now receive the open reports about them; how many changed.

    The successor of one that is closed, else the one above it. Of those that wait for an answer they are told, once.
    Source: docs/rules.md, F7.
    """
    changed = 0
    for organisation in Organisation.objects.filter(pk__in=list(organisation_ids)).order_by("pk"):
        heir = _heir_of(organisation)
        about = FeedbackReport.objects.filter(Q(organisation=organisation) | Q(receiver=organisation))
        moving = about.exclude(state__in=(State.CLOSED, State.CORRECTED)).exclude(receiver=heir)
        keys = list(moving.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
        rows = FeedbackReport.objects.filter(pk__in=keys)
        write_down("feedback.redirected", rows, by)
        changed += rows.update(receiver=heir)
        _tell(rows.unanswered())
    return changed


def _heir_of(organisation: Organisation) -> Organisation:
    heir: Organisation = organisation
    seen = {heir.pk}
    while heir.closed_on is not None:
        following = heir.successor or heir.parent
        if following is None or following.pk in seen:
            break
        heir = following
        seen.add(heir.pk)
    return heir
