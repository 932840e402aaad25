"""The words that go out about feedback reports. Organisations outside the system get none: they get a letter."""

from communities.notices.actions import post
from communities.organisations.models import Organisation

from .models import FeedbackReport

SENT, CORRECTED, ANSWERED, LATE, URGED = (
    "feedback.sent",
    "feedback.corrected",
    "feedback.answered",
    "feedback.late",
    "feedback.urged",
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
    if receiver.is_external:
        return
    post(
        receiver,
        key=f"feedback:{report.pk}:{key}",
        kind=kind,
        words=words,
        link=f"page:feedback/{report.pk}/",
        sender_id=sender,
        data={
            "number": report.number,
            "month": str(report.period),
            "side": report.side,
            "version": report.version,
            "due_on": str(report.due_on) if report.due_on else None,
            "state": report.state,
            "sha256": report.sha256,
        },
    )


def _day(report: FeedbackReport) -> str:
    assert report.due_on is not None
    return f"{report.due_on.month}月{report.due_on.day}日"


def tell_sent(report: FeedbackReport) -> None:
    """The report is there. Told once."""
    matters = report.content["matters"]
    words = f"{report.period.words}双向反馈单（{report.number}）已送到，请在{_day(report)}前答复。"
    if matters:
        words += f"其中 {matters} 件事要逐件答复。"
    _tell(report.receiver, report, key="sent", kind=SENT, words=words)


def tell_corrected(report: FeedbackReport, old: FeedbackReport) -> None:
    words = (
        f"{report.period.words}双向反馈单已更正：{old.number}作废，"
        f"以{report.number}为准，请在{_day(report)}前答复。"
    )
    _tell(report.receiver, report, key="sent", kind=CORRECTED, words=words)


def tell_answered(report: FeedbackReport, overseer: Organisation) -> None:
    """A bureau is told of an answer that disputes something."""
    words = (
        f"{report.receiver.name}对{report.period.words}双向反馈单（{report.number}）有意见，请查看并处理。"
    )
    _tell(overseer, report, key="disputed", kind=ANSWERED, words=words, sender=report.receiver_id)


def tell_late(report: FeedbackReport, step: str, receiver: Organisation) -> None:
    """Once for each step."""
    head = f"{report.period.words}双向反馈单（{report.number}）应在{_day(report)}前答复，"
    words = head + (
        "现在还没有答复，请尽快办理。" if step == "receiver" else f"{report.receiver.name}还没有答复。"
    )
    _tell(receiver, report, key=f"late:{step}", kind=LATE, words=words)


def tell_urged(report: FeedbackReport, overseer: Organisation, day: str) -> None:
    words = f"{overseer.name}提醒：{report.period.words}双向反馈单（{report.number}）已逾期，请尽快答复。"
    _tell(
        report.receiver, report, key=f"urged:{overseer.pk}:{day}", kind=URGED, words=words, sender=overseer.pk
    )
