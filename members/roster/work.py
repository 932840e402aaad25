"""The jobs of this room: what a worker runs, each safe to run again."""

from typing import Any

from huifeng.jobs.work import Work

from . import actions
from .models import ImportBatch


def plan(work: Work) -> dict[str, Any]:
    work.progress(0, 0, "正在打开文件")
    batch = actions.plan_now(
        work.job.args["batch"], by=work.by, tell=lambda rows: work.progress(rows, 0, f"已检查 {rows} 行")
    )
    if batch.refused_rows:
        work.progress(0, 0, "正在整理错误表")
        actions.keep_error_book(batch.pk, by=work.by)
    return {"state": batch.state, **batch.counts}


def write(work: Work) -> dict[str, Any]:
    batch = ImportBatch.objects.get(pk=work.job.args["batch"])
    work.progress(0, batch.written, f"正在写入 {batch.written} 人")
    return {"state": actions.write_now(batch.pk, by=work.by).state, "written": batch.written}


def undo(work: Work) -> dict[str, Any]:
    work.progress(0, 0, "正在撤销")
    batch = actions.undo_now(work.job.args["batch"], by=work.by)
    return {"state": batch.state, **batch.report.get("undone", {})}
