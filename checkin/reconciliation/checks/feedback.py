"""What goes out by the month, and texts: are the reports there, as they were frozen, and told of?"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from checkin.feedback import actions as feedback
from checkin.feedback import notices
from checkin.feedback.making import sql
from checkin.feedback.models import FeedbackReport, State
from checkin.statistics import digests
from checkin.statistics.months import Month
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.texts.models import Text

from ..comparing import LIMIT, Check, Finding, ask

REPORT, NOTICE, ORGANISATION = sql.REPORT, Notice._meta.db_table, Organisation._meta.db_table
OWED_AFTER = timedelta(hours=1)


def _last_made() -> Month | None:
    """The newest month of which reports were made."""
    newest = FeedbackReport.objects.order_by("-month").values_list("month", flat=True).first()
    return Month.of(newest) if newest else None


def _of_last_month(sentence: str, field: str, expected: str, found: str) -> Callable[[], list[Finding]]:
    """A check of the reports of the last month made: one statement that names organisation and report."""

    def find() -> list[Finding]:
        month = _last_made()
        rows: Any = ask(sentence, month=month.first, external=list(EXTERNAL)) if month else ()
        return [
            Finding(
                organisation=row["organisation"],
                field=field,
                expected=expected,
                found=found,
                subject=row["report"],
            )
            for row in rows
        ]

    return find


EXTERNAL = ("external_unit", "external_community")

# Whoever is the other side of a line in one report has a report of its own.
_MISSING = f"""
SELECT DISTINCT l.counterpart_id AS organisation, NULL::bigint AS report
FROM {REPORT} t JOIN {sql.LINE} l ON l.report_id = t.id
WHERE t.month = %(month)s AND t.state <> 'corrected' AND l.counterpart_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM {REPORT} r
    WHERE r.organisation_id = l.counterpart_id AND r.side <> t.side AND r.month = t.month)
ORDER BY 1
"""  # noqa: S608 -- names of tables


def make(findings: list[Finding]) -> None:
    """Make what is missing; send it where the others of the month were sent."""
    month, system = _last_made(), User.objects.system()
    assert month is not None
    feedback.make(month, by=system)
    if FeedbackReport.objects.of_month(month).sent().exists():
        feedback.send(month, by=system)


_CHANGED = f"""
SELECT t.organisation_id AS organisation, t.id AS report FROM {REPORT} t
WHERE t.month = %(month)s AND t.sha256 <> {sql.DIGEST} ORDER BY t.id
"""  # noqa: S608 -- names of tables

# A report that was redirected was told to whoever received it then.
_UNTOLD = f"""
SELECT t.receiver_id AS organisation, t.id AS report FROM {REPORT} t
JOIN {ORGANISATION} o ON o.id = t.receiver_id AND o.kind <> ALL(%(external)s)
WHERE t.month = %(month)s AND t.sent_at IS NOT NULL AND t.state <> 'corrected'
  AND NOT EXISTS (SELECT FROM {NOTICE} n
    WHERE n.receiver_id = ANY(ARRAY[t.receiver_id, t.organisation_id]) AND n.key = 'feedback:' || t.id || ':sent')
ORDER BY t.id
"""  # noqa: S608 -- names of tables


def tell_again(findings: list[Finding]) -> None:
    """With the key it had: told once."""
    keys = [f.subject for f in findings if f.subject is not None]
    reports = FeedbackReport.objects.filter(pk__in=keys).exclude(state=State.CORRECTED)
    notices.tell_sent(reports.select_related("organisation", "receiver", "corrects").order_by("pk"))


def texts() -> list[Finding]:
    now = timezone.now()
    owed = Text.objects.filter(state=Text.State.PENDING, created_at__lt=now - OWED_AFTER)
    number = owed.exclude(no_use_after__lt=now).count()
    return [Finding(field="text", expected="已发", found=f"待发 {number} 条")] if number else []


def months() -> list[Finding]:
    return [
        Finding(
            field=f"month.{statement.month:%Y-%m}",
            expected=statement.sha256[:16],
            found=now[:16] or "没有合计",
        )
        for statement, now in digests.changed()
    ][:LIMIT]


CHECKS = [
    Check(
        "reports",
        "应有的反馈单没有",
        "最近一期双向反馈，出现在对方反馈单里的单位和社区也各应有一份。缺的可以补做，已发送的月份一并发送。",
        _of_last_month(_MISSING, "feedback.report", "有反馈单", "没有"),
        make,
    ),
    Check(
        "frozen",
        "反馈单内容与校验码不符",
        "反馈单生成后内容不能再变。不符说明有人绕过系统改过，请更正（生成新版）。",
        _of_last_month(_CHANGED, "feedback.sha256", "与校验码相符", "不符"),
    ),
    Check(
        "reports_untold",
        "反馈单发了没有通知",
        "已发送的反馈单，收件方应有一条通知。少的可以补发，不会重复。",
        _of_last_month(_UNTOLD, "feedback.sent", "有通知", "没有通知"),
        tell_again,
    ),
    Check("texts", "短信没有发出", "短信写好 1 小时后还没有发出。请检查短信平台，恢复后会自动发送。", texts),
    Check(
        "months",
        "已封存的月报变了",
        "封存的合计应与封存时的校验码相符。不符说明有人绕过系统改过，请用备份核对，再重开更正。",
        months,
    ),
]
