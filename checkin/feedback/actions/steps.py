"""What every act on a report begins and ends with."""

from typing import Any

from django.db.models import BigIntegerField, F, JSONField, Value
from django.db.models.functions import Cast

from checkin.feedback.models import FeedbackReport, FeedbackReportQuerySet
from huifeng.accounts.models import User
from huifeng.audit import actions as audit


def locked(report_id: int) -> FeedbackReport:
    """The report, locked: all acts about it wait for each other here. Raises FeedbackReport.DoesNotExist."""
    rows = FeedbackReport.objects.select_for_update(of=("self",))
    return rows.select_related("receiver__division", "receiver__parent", "organisation").get(pk=report_id)


def written(
    action: str,
    report: FeedbackReport,
    *fields: str,
    by: User,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
) -> None:
    """Save the named fields of `report` and write down who did it."""
    report.save(update_fields=[*fields])
    audit.record(
        action,
        report,
        by=by,
        organisation_id=report.receiver_id,
        before=before,
        after={"state": report.state, **(after or {})},
        note=note[:200],
    )


def write_down(
    action: str, rows: FeedbackReportQuerySet, by: User, *, after: dict[str, Any] | None = None
) -> None:
    """As the entry of `written`, for many reports in one statement."""
    audit.record_from(
        action,
        FeedbackReport,
        rows.annotate(
            entry_target=F("pk"),
            entry_organisation=Cast("receiver_id", BigIntegerField()),
            entry_before=Value(None, JSONField()),
            entry_after=Value(after or {}, JSONField()),
        ),
        by=by,
    )
