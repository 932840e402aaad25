"""What a bureau does: corrects a report by a new version, closes it, reminds who is late."""

from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import batched

from django.db import transaction
from django.utils import timezone

from checkin.feedback import notices, periods
from checkin.feedback.making import writing
from checkin.feedback.models import FeedbackMatter, FeedbackReport, Reply, State
from checkin.feedback.permissions import may_oversee, overseer_of
from communities.calendar.periods import Clock, deadline
from communities.notices.actions import post_many
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from communities.organisations.permissions import standing_of
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from .making import lock_month
from .steps import locked, write_down, written

AT_ONCE = 500  # late reports looked at together


@transaction.atomic
def correct(report_id: int, *, reason: str, by: User) -> FeedbackReport:
    """Make the report anew from what is known today, as a new version that names the old; both stay readable.

    If the old one was sent, so is the new, and must be answered again. A report that was corrected gives its newest
    version: repeating it makes nothing. Raises FeedbackReport.DoesNotExist, PermissionDenied, RuleBroken (no reason).
    Source: docs/rules.md, F6.
    """
    month = FeedbackReport.objects.get(pk=report_id).period
    lock_month(month)
    old = locked(report_id)
    require(may_oversee(by, old))
    reason = reason.strip()[:300]
    if old.state == State.CORRECTED:
        return FeedbackReport.objects.get(corrects=old)
    if not reason:
        raise RuleBroken("请写明更正的原因。", code="no_reason")
    before = old.state
    new = _new_version(old, reason)
    old.move(State.CORRECTED)
    written("feedback.superseded", old, "state", by=by, before={"state": before}, note=reason)
    old.matters.filter(state=FeedbackMatter.State.OPEN).update(state=FeedbackMatter.State.CLOSED)
    audit.record(
        "feedback.corrected",
        new,
        by=by,
        organisation_id=new.receiver_id,
        after={"number": new.number, "corrects": old.number},
        note=reason[:200],
    )
    if new.sent_at is not None:
        notices.tell_sent([new])
    return new


@as_program("a report counts people wherever they are now")
def _new_version(old: FeedbackReport, reason: str) -> FeedbackReport:
    now = timezone.now()
    base = old.number if old.version == 1 else old.number.rpartition("-")[0]
    new = FeedbackReport.objects.create(
        organisation=old.organisation,
        receiver=old.receiver,
        place=old.place,
        side=old.side,
        month=old.month,
        version=old.version + 1,
        corrects=old,
        reason=reason,
        number=f"{base}-{old.version + 1}",
        generated_at=now,
        **(
            {"state": State.SENT, "sent_at": now, "due_on": deadline(periods.ANSWER, now).day}
            if old.sent_at
            else {}
        ),
    )
    writing.read_facts_of(new)
    writing.add_report(new)
    writing.fill(new.period)
    new.refresh_from_db()
    if not new.content:
        raise RuleBroken(
            "按现在的数据，这个月没有可反馈的人，不能更正。请直接答复或办结旧单。", code="nobody_left"
        )
    return new


@transaction.atomic
def close(report_id: int, *, by: User) -> FeedbackReport:
    """办结: the answer is seen, and what it disputes is settled. Repeating it changes nothing.

    Raises FeedbackReport.DoesNotExist, PermissionDenied, RuleBroken (not answered).
    """
    report = locked(report_id)
    require(may_oversee(by, report))
    if report.state == State.CLOSED:
        return report
    report.move(State.CLOSED)
    report.closed_at, report.closed_by = timezone.now(), by
    written("feedback.closed", report, "state", "closed_at", "closed_by", by=by)
    return report


@transaction.atomic
def close_agreed(reports: Iterable[int], *, by: User) -> int:
    """Close those of the reports that were answered without any objection and that `by` oversees; how many were.

    A constant number of statements for a whole city. Repeating it closes nothing more.
    """
    agreed = FeedbackReport.objects.filter(pk__in=list(reports), state=State.ANSWERED, reply=Reply.AGREED)
    disputed = FeedbackMatter.objects.filter(report__in=agreed, state=FeedbackMatter.State.DISPUTED)
    waiting = agreed.exclude(pk__in=disputed.values("report")).select_related("receiver").defer("content")
    oversees = overseer_of(by)
    keys = [
        row.pk for row in waiting.select_for_update(of=("self",)).order_by("pk") if oversees(row.receiver)
    ]
    rows = FeedbackReport.objects.filter(pk__in=keys)
    write_down("feedback.closed", rows, by, after={"state": State.CLOSED})
    return rows.update(state=State.CLOSED, closed_at=timezone.now(), closed_by=by)


@transaction.atomic
def urge(overseer_id: int, report_ids: list[int], *, by: User) -> int:
    """A bureau or street reminds receivers of its area whose answer is late, each report once a day; how many."""
    overseer = Organisation.objects.select_related("division").get(pk=overseer_id)
    require(overseer.pk in standing_of(by).organisation_ids)
    require(overseer.kind in (Organisation.Kind.BUREAU, Organisation.Kind.STREET))
    late = FeedbackReport.objects.overdue().visible_to(by).within(overseer.area)
    told, day = 0, f"{timezone.localdate():%Y%m%d}"
    for report in late.filter(pk__in=report_ids).select_related("receiver").order_by("pk"):
        key = f"feedback:{report.pk}:urged:{overseer.pk}:{day}"
        if report.receiver.is_external or report.receiver.notices.filter(key=key).exists():
            continue
        notices.tell_urged(report, overseer, day)
        audit.record("feedback.urged", report, by=by, organisation_id=overseer.pk)
        told += 1
    return told


def remind_overdue(*, today: date | None = None) -> dict[str, int]:
    """Tell the receiver of every report that is late, then the organisation above, then the bureau above that.

    Once for each step of each report, however often it runs. Returns how many were told now. Source: docs/rules.md, F5.
    """
    today = today or timezone.localdate()
    clock, counts = Clock(), {"receiver": 0, "above": 0, "bureau": 0}
    late = FeedbackReport.objects.unanswered().filter(due_on__lt=today).defer("content")
    rows = late.select_related("receiver__parent__parent").order_by("pk").iterator(chunk_size=AT_ONCE)
    for reports in batched(rows, AT_ONCE, strict=False):
        due = [
            (step, notice)
            for report in reports
            for step, receiver in _steps(report, clock, today)
            if (notice := notices.late(report, step, receiver)) is not None
        ]
        told = set(
            Notice.objects.filter(key__in=[notice.key for _, notice in due]).values_list("receiver_id", "key")
        )
        new = [(step, notice) for step, notice in due if (notice.receiver_id, notice.key) not in told]
        post_many(notice for _, notice in new)
        for step, _ in new:
            counts[step] += 1
    return counts


def _steps(report: FeedbackReport, clock: Clock, today: date) -> list[tuple[str, Organisation]]:
    assert report.due_on is not None
    above = report.receiver.parent
    steps = [("receiver", report.receiver)]
    noon = timezone.make_aware(datetime.combine(report.due_on, time(12)))
    if above is not None and clock.deadline(periods.TO_ABOVE, noon).day <= today:
        steps.append(("above", above))
        if above.parent is not None and clock.deadline(periods.TO_BUREAU, noon).day <= today:
            steps.append(("bureau", above.parent))
    return steps
