"""The words that go out about feedback reports. Organisations outside the system get none: they get a letter."""

from collections.abc import Iterable

from django.utils import timezone

from communities.notices.actions import post_many
from communities.notices.models import Notice
from communities.organisations.models import Organisation

from .models import FeedbackReport

SENT, CORRECTED, ANSWERED, LATE, URGED = (
    "feedback.sent",
    "feedback.corrected",
    "feedback.answered",
    "feedback.late",
    "feedback.urged",
)


def _notice(
    receiver_id: int, report: FeedbackReport, *, key: str, kind: str, words: str, sender: int | None = None
) -> Notice:
    return Notice(
        receiver_id=receiver_id,
        sender_id=sender,
        key=f"feedback:{report.pk}:{key}",
        kind=kind,
        words=words[:300],
        link=f"page:feedback/{report.pk}/",
        data={
            "number": report.number,
            "month": str(report.period),
            "side": report.side,
            "version": report.version,
            "due_on": str(report.due_on) if report.due_on else None,
            "state": report.state,
            "sha256": report.sha256,
        },
        created_at=timezone.now(),
    )


def _tell(
    receiver: Organisation,
    report: FeedbackReport,
    *,
    key: str,
    kind: str,
    words: str,
    sender: int | None = None,
) -> None:
    if not receiver.is_external:
        post_many([_notice(receiver.pk, report, key=key, kind=kind, words=words, sender=sender)])


def _day(report: FeedbackReport) -> str:
    assert report.due_on is not None
    return f"{report.due_on.month}月{report.due_on.day}日"


def tell_sent(reports: Iterable[FeedbackReport]) -> None:
    """The reports are there, or their new versions. Each is told once; some thousands a statement."""
    post_many(
        _notice(
            report.receiver_id,
            report,
            key="sent",
            kind=SENT if report.corrects is None else CORRECTED,
            words=_sent(report) if report.corrects is None else _corrected(report, report.corrects),
        )
        for report in reports
        if not report.receiver.is_external
    )


def _sent(report: FeedbackReport) -> str:
    about = "" if report.organisation_id == report.receiver_id else report.organisation.name
    words = f"{about}{report.period.words}双向反馈单（{report.number}）已送到，请在{_day(report)}前答复。"
    matters = report.content["matters"]
    return words + f"其中 {matters} 件事要逐件答复。" if matters else words


def _corrected(report: FeedbackReport, old: FeedbackReport) -> str:
    return (
        f"{report.period.words}双向反馈单已更正：{old.number}作废，"
        f"以{report.number}为准，请在{_day(report)}前答复。"
    )


def tell_answered(report: FeedbackReport, overseer: Organisation) -> None:
    """A bureau is told of an answer that disputes something."""
    words = (
        f"{report.receiver.name}对{report.period.words}双向反馈单（{report.number}）有意见，请查看并处理。"
    )
    _tell(overseer, report, key="disputed", kind=ANSWERED, words=words, sender=report.receiver_id)


def late(report: FeedbackReport, step: str, receiver: Organisation) -> Notice | None:
    """The notice of one step; nobody outside the system gets one."""
    if receiver.is_external:
        return None
    head = f"{report.period.words}双向反馈单（{report.number}）应在{_day(report)}前答复，"
    words = head + (
        "现在还没有答复，请尽快办理。" if step == "receiver" else f"{report.receiver.name}还没有答复。"
    )
    return _notice(receiver.pk, report, key=f"late:{step}", kind=LATE, words=words)


def tell_urged(report: FeedbackReport, overseer: Organisation, day: str) -> None:
    words = f"{overseer.name}提醒：{report.period.words}双向反馈单（{report.number}）已逾期，请尽快答复。"
    _tell(
        report.receiver, report, key=f"urged:{overseer.pk}:{day}", kind=URGED, words=words, sender=overseer.pk
    )
