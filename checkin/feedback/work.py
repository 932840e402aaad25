"""The jobs of this room: what a worker runs, safe to run again."""

from dataclasses import asdict
from typing import Any

from checkin.statistics.months import Month
from huifeng.jobs.work import Work

from . import actions, files
from .models import FeedbackReport


def make_and_send(work: Work) -> dict[str, Any]:
    """The reports of a month: made, sent, and their files."""
    month = Month.parse(work.job.args["month"])
    work.progress(0, 0, f"正在生成{month.words}反馈单")
    made = actions.make(month, by=work.by)
    work.progress(0, 0, "正在发送")
    sent = actions.send(month, by=work.by)
    return {**asdict(made), "sent": sent, **make_files(work)}


def make_files(work: Work) -> dict[str, Any]:
    """xlsx and PDF of the month's sent reports that have none, a few at a time, each stored as soon as it is there."""
    month = Month.parse(work.job.args["month"])
    wanted = FeedbackReport.objects.of_month(month).values_list("pk", flat=True)
    parts = list(files.missing(wanted))
    total, done, made = sum(map(len, parts)), 0, 0
    for part in parts:
        work.progress(done, total, "正在做文件")
        made += files.make(part, by=work.by)
        done += len(part)
    work.progress(total, total, "文件已做好")
    return {"files": made}
