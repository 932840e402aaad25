"""The work behind an export: read the people, write the file, write down what left the house."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from huifeng.audit import actions as audit
from huifeng.display import words
from huifeng.errors import RuleBroken
from huifeng.jobs.work import Work
from huifeng.rowscope.scope import as_viewer
from huifeng.rowscope.scope import of as viewer_of
from huifeng.spreadsheets.writing import FORMATS, Table
from members.people.models import Retiree

from . import columns, rows
from .actions import NOBODY, chosen_by
from .models import ExportLog, ExportOrder
from .permissions import may_export


def run(work: Work) -> dict[str, Any]:
    """Make the file of one order; done once, it says so again. Raises RuleBroken (nobody in it, no longer staff)."""
    order = ExportOrder.objects.select_related("organisation__division", "by").get(key=work.job.args["order"])
    made = ExportLog.objects.filter(order=order).first()
    if made is not None:
        return {"rows": made.rows}
    if not may_export(order.by, order.organisation):
        raise RuleBroken("您现在不在这个单位任职，不能导出它的名单。", code="not_staff")
    with as_viewer(viewer_of(order.by)):  # the worker sees all, the file only what its user may
        people = rows.keys_of(chosen_by(order.organisation, order.wanted), order.organisation, order.by)
        if not people:
            raise RuleBroken(NOBODY, code="empty")
        content = FORMATS[order.file_format].write(table_of(order, people, work))
    work.progress(len(people), len(people), "正在保存文件")
    return {"rows": _keep(order, people, content, work).rows}


def table_of(order: ExportOrder, people: Sequence[int], work: Work) -> Table:
    """The list as it is written; its rows are read while they are written."""
    total = len(people)
    read = rows.read(
        people,
        order.columns,
        by=order.by,
        full=bool(order.revealing),
        told=lambda done: work.progress(done, total, f"已读出 {done:,} / {total:,} 人"),
    )
    return Table("名单", columns.heads(order.columns), read, total, _about(order, total))


def _about(order: ExportOrder, total: int) -> list[tuple[str, str]]:
    numbers = f"完整显示（{order.revealing}）" if order.revealing else "只显示一部分"
    return [
        ("名单", f"离退休干部名单，{order.organisation.name}"),
        ("导出人", order.by.display_name or order.by.username),
        ("导出时间", words.stamp(timezone.now())),
        ("用途", f"{order.get_purpose_display()}：{order.words}"),
        ("条件", order.conditions or "没有加条件"),
        ("人数", f"{total:,} 人"),
        ("证件号和电话", numbers),
        ("请注意", "名单含个人信息，只能用于上面的用途，用完请删除。"),
    ]


@transaction.atomic
def _keep(order: ExportOrder, people: Sequence[int], content: bytes, work: Work) -> ExportLog:
    """File, log and audit, all or none."""
    day = timezone.localdate()
    name = f"离退休干部名单_{order.organisation.name}_{day:%Y-%m-%d}.{order.file_format}"
    file = work.keep_file(name, content, FORMATS[order.file_format].content_type)
    log = ExportLog.objects.create(order=order, rows=len(people), sha256=file.sha256)
    after = {"rows": log.rows, "sha256": log.sha256, "revealed": log.is_revealed}
    office = order.organisation_id
    audit.record("export.made", log, by=order.by, organisation_id=office, after=after, note=order.words)
    if log.is_revealed:
        audit.record_each(
            "people.revealed", Retiree, people, by=order.by, organisation_id=office, note=order.revealing
        )
    return log
