"""What an erasure does in this room (docs/security.md, Erasure)."""

from huifeng.jobs import files
from members.people.erasing import ERASED
from members.people.registry import Erased

from .making.writing import check_sum
from .models import FeedbackLine, FeedbackMatter, FeedbackReport

COVERS = {
    "checkin_feedback.FeedbackReport": "figures and check sum stay as sent; free words lose the name, files are deleted"
    " and made anew when asked for",
    "checkin_feedback.FeedbackLine": "says that it was erased",
    "checkin_feedback.FeedbackMatter": "words emptied; which matter, and that it was answered, stay",
}


def erase(erased: Erased) -> None:
    """`sha256` stays that of what was sent, `erased_sha256` is of what is left: any other change still shows."""
    lines = FeedbackLine.objects.filter(retiree__in=erased.keys)
    reports = list(lines.values_list("report_id", flat=True).distinct())
    matters = FeedbackMatter.objects.filter(line__in=lines)
    matters.update(words=ERASED)
    matters.exclude(answer="").update(answer=ERASED)
    lines.update(cells={"name": ERASED})
    for report in (
        FeedbackReport.objects.filter(pk__in=reports).order_by("pk").select_for_update(of=("self",))
    ):
        for file_id in (report.xlsx_id, report.pdf_id):
            if file_id is not None:
                files.delete(file_id)
        report.xlsx = report.pdf = None
        report.xlsx_sha256 = report.pdf_sha256 = ""
        for text in erased.texts:
            report.reply_words = report.reply_words.replace(text, ERASED)
            report.reason = report.reason.replace(text, ERASED)
        report.reply_words, report.reason = report.reply_words[:500], report.reason[:300]
        report.erased_sha256 = check_sum(report)
        report.save(
            update_fields=[
                "xlsx",
                "pdf",
                "xlsx_sha256",
                "pdf_sha256",
                "reply_words",
                "reason",
                "erased_sha256",
            ]
        )
