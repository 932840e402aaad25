"""The work behind 导出留痕: the entries of the page as a workbook."""

from collections.abc import Iterator
from itertools import batched
from typing import Any

from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.audit import actions as audit
from huifeng.audit.models import AuditEntry
from huifeng.display import words
from huifeng.errors import RuleBroken
from huifeng.jobs.work import Work
from huifeng.spreadsheets.writing import FORMATS, Column, Row, Table

from . import searching, wording
from .permissions import may_read_audit

MOST = 100_000
CHUNK = 2000
COLUMNS = [
    Column("时间", 18), Column("经办人", 14), Column("组织", 28), Column("事项", 28), Column("涉及", 24),
    Column("说明", 40), Column("编号", 12),
]  # fmt: skip


def run(work: Work) -> dict[str, Any]:
    """Make the workbook. Raises RuleBroken (no longer the lead, nothing in it, more than MOST)."""
    args = work.job.args
    bureau = Organisation.objects.select_related("division").get(pk=args["bureau"])
    if not may_read_audit(work.by, bureau):
        raise RuleBroken("您现在不是这个老干部局的负责人，不能导出留痕。", code="not_lead")
    found = searching.entries(searching.wanted_from(args), area=bureau.area, reader=work.by)
    keys = list(found.order_by("-pk").values_list("pk", flat=True)[: MOST + 1])
    if not keys:
        raise RuleBroken("没有符合条件的留痕，没有生成文件。请改一改条件再导出。", code="empty")
    if len(keys) > MOST:
        raise RuleBroken(f"一次最多导出 {MOST:,} 条。请把时间范围缩短，分几次导出。", code="too_many_rows")
    about = [
        ("留痕", f"{args['since']} 至 {args['until']}，{bureau.name}"),
        ("导出人", work.by.display_name),
        ("导出时间", words.stamp(timezone.now())),
    ]
    content = FORMATS["xlsx"].write(Table("留痕", COLUMNS, _rows(keys, work), len(keys), about))
    file = work.keep_file(f"留痕_{args['since']}_{args['until']}.xlsx", content, FORMATS["xlsx"].content_type)
    after = {"rows": len(keys), "sha256": file.sha256}
    audit.record("audit.exported", work.job, by=work.by, organisation_id=bureau.pk, after=after)
    return {"rows": len(keys)}


def _rows(keys: list[int], work: Work) -> Iterator[Row]:
    done = 0
    for chunk in batched(keys, CHUNK, strict=False):
        entries = list(AuditEntry.objects.filter(pk__in=chunk).order_by("-pk"))
        for line in wording.lines(entries, reader=work.by):
            yield (
                f"{words.stamp(line.at)}:{timezone.localtime(line.at):%S}", line.who, line.office, line.what,
                line.about, line.more, str(line.entry.pk),
            )  # fmt: skip
        done += len(chunk)
        work.progress(done, len(keys), f"已写出 {done:,} / {len(keys):,} 条")
