"""What the receiver does with a report: takes it, answers each matter, answers the whole."""

from django.db import transaction
from django.utils import timezone

from checkin.feedback import notices
from checkin.feedback.models import LONGEST, FeedbackMatter, FeedbackReport, Reply, State
from checkin.feedback.permissions import may_answer, may_reply_for
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import AlreadyDone, RuleBroken, require

from .steps import locked, written


@transaction.atomic
def mark_received(report_id: int, *, by: User) -> FeedbackReport:
    """The receiver has it: its staff opened the page. What is not sent, or was taken before, stays as it is.

    Raises FeedbackReport.DoesNotExist, PermissionDenied.
    """
    report = locked(report_id)
    require(may_answer(by, report))
    if report.state == State.SENT:
        _take(report, by=by, name=by.display_name)
    return report


def _take(report: FeedbackReport, *, by: User, name: str) -> None:
    report.move(State.RECEIVED)
    report.received_at, report.received_by = timezone.now(), name[:60]
    written("feedback.received", report, "state", "received_at", "received_by", by=by, note=name)


@transaction.atomic
def answer_matter(
    matter_id: int, *, words: str, by: User, disputed: bool = False, name: str = "", on_paper: bool = False
) -> FeedbackMatter:
    """Answer one matter; `disputed`: what it says is not so. The same answer twice is one.

    `name`: who answers where there is no account (signed link, paper); `on_paper`: staff enter it for an organisation
    outside the system. Raises FeedbackMatter.DoesNotExist, PermissionDenied, RuleBroken (no words, the report does
    not wait for an answer), AlreadyDone (answered otherwise). Source: docs/rules.md, F4.
    """
    report = locked(FeedbackMatter.objects.values_list("report_id", flat=True).get(pk=matter_id))
    _require_speaker(report, by, on_paper)
    matter = FeedbackMatter.objects.get(pk=matter_id)
    words, name = _said(words), _signed(by, name)
    state = FeedbackMatter.State.DISPUTED if disputed else FeedbackMatter.State.ANSWERED
    if matter.answered_at is not None:
        if (matter.answer, matter.state) == (words, state):
            return matter
        raise AlreadyDone("答复了这件事", who=matter.answered_by, at=matter.answered_at)
    _require_waiting(report)
    if report.state == State.SENT:
        _take(report, by=by, name=name)
    matter.state, matter.answer = state, words
    matter.answered_at, matter.answered_by = timezone.now(), name
    matter.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    audit.record(
        "feedback.matter_answered",
        matter,
        by=by,
        organisation_id=report.receiver_id,
        before={"state": "open"},
        after={"state": matter.state, "report": report.number},
        note=_how(name, on_paper),
    )
    return matter


@transaction.atomic
def answer(
    report_id: int, *, reply: Reply, words: str = "", by: User, name: str = "", on_paper: bool = False
) -> FeedbackReport:
    """Answer the report as a whole: no objection, or an opinion in words, of which the bureau is told.

    Every matter that is shown must have its answer first. The same answer twice is one. As answer_matter for the rest.
    Source: docs/rules.md, F4.
    """
    report = locked(report_id)
    _require_speaker(report, by, on_paper)
    words, name = words.strip()[:LONGEST], _signed(by, name)
    if report.answered_at is not None:
        if (report.reply, report.reply_words) == (reply, words):
            return report
        raise AlreadyDone("答复了这份反馈单", who=report.answered_by, at=report.answered_at)
    _require_waiting(report)
    left = FeedbackMatter.objects.named().filter(report=report, state=FeedbackMatter.State.OPEN).count()
    if left:
        raise RuleBroken(f"还有 {left} 件事没有答复，请先逐件答复，再答复整份。", code="matters_open")
    if reply == Reply.DISPUTED and not words:
        raise RuleBroken("请写明有什么意见。", code="no_words")
    now = timezone.now()
    if report.received_at is None:
        report.received_at, report.received_by = now, name
    report.move(State.ANSWERED)
    report.reply, report.reply_words = reply, words
    report.answered_at, report.answered_by = now, name
    fields = (
        "state", "received_at", "received_by", "reply", "reply_words", "answered_at", "answered_by",
    )  # fmt: skip
    written("feedback.answered", report, *fields, by=by, after={"reply": reply}, note=_how(name, on_paper))
    overseer = _overseer(report.receiver)
    if reply == Reply.DISPUTED and overseer is not None:
        notices.tell_answered(report, overseer)
    return report


def _require_speaker(report: FeedbackReport, by: User, on_paper: bool) -> None:
    require(may_reply_for(by, report) if on_paper else may_answer(by, report))


def _require_waiting(report: FeedbackReport) -> None:
    if report.state == State.CORRECTED:
        raise RuleBroken("这份反馈单已经更正，请打开新版答复。", code="corrected")
    if not report.is_waiting:
        raise RuleBroken(
            f"反馈单{report.number}现在是“{report.get_state_display()}”，不能再答复。请刷新后再看。",
            code="wrong_state",
        )


def _said(words: str) -> str:
    words = words.strip()
    if not words:
        raise RuleBroken("请写明怎样办、办得怎样。", code="no_words")
    return words[:LONGEST]


def _signed(by: User, name: str) -> str:
    return (name.strip() or by.display_name)[:60]


def _how(name: str, on_paper: bool) -> str:
    return f"{name}（纸质答复）" if on_paper else name


def _overseer(receiver: Organisation) -> Organisation | None:
    """The bureau above: the parent of a unit, of a community's street."""
    above = receiver.parent
    while above is not None and above.kind != Organisation.Kind.BUREAU:
        above = above.parent
    return (
        above
        or Organisation.objects.open().filter(kind=Organisation.Kind.BUREAU).order_by("division").first()
    )
