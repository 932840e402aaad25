"""Poster, list to tick, and the list as a workbook. Each that names people is written down."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.audit import actions as audit
from huifeng.display import words
from huifeng.errors import RuleBroken, require
from huifeng.spreadsheets.writing import FORMATS, Column, Table
from services.activities import roll
from services.activities.forms import ExportForm
from services.activities.models import Activity, Participation
from services.activities.papers import sheets
from services.activities.permissions import may_run

from .frame import found, sees_hidden

COLUMNS = (
    Column("姓名", 12), Column("状态", 10), Column("报名方式", 14), Column("报名时间", 18), Column("签到方式", 14),
    Column("签到时间", 18), Column("时长（分钟）", 12, "志愿服务、坐班一类才有"),
)  # fmt: skip


@require_safe
@staff_page
def poster(request: StaffRequest, pk: int) -> HttpResponse:
    """签到海报, A4."""
    row = found(request, pk)
    require(may_run(request.user, row))
    return _answer(sheets.poster(row), f"签到海报_{row.day}_{row.pk}.pdf", "application/pdf")


@require_safe
@staff_page
def list_to_tick(request: StaffRequest, pk: int) -> HttpResponse:
    """签到表 to be ticked by hand, with the names of who holds a place."""
    row = found(request, pk)
    require(may_run(request.user, row))
    lines = roll.lines(list(roll.rows_of(row)), sees_hidden=sees_hidden(request))
    _write_down(request, row, "activity.printed", len(lines))
    names = [(line.name, "排队" if line.row.state == roll.State.QUEUED else "") for line in lines]
    return _answer(sheets.list_to_tick(row, names), f"签到表_{row.day}_{row.pk}.pdf", "application/pdf")


@require_POST
@staff_page
def export(request: StaffRequest, pk: int) -> HttpResponse:
    """导出名单, with a purpose."""
    row = found(request, pk)
    require(may_run(request.user, row))
    form = ExportForm(request.POST)
    if not form.is_valid():
        raise RuleBroken("请写明这份名单做什么用，再导出。", code="no_purpose")
    purpose = form.cleaned_data["words"]
    lines = roll.lines(list(roll.rows_of(row, Participation.State.values)), sees_hidden=sees_hidden(request))
    about = [
        ("名单", f"{row.organiser.name}：{row.title}"),
        ("时间", f"{words.stamp(row.starts_at)}，{row.place}"),
        ("导出人", request.user.display_name),
        ("导出时间", words.stamp(timezone.now())),
        ("用途", purpose),
        ("人数", f"报名 {row.taken} 人，已到 {row.arrived} 人，排队 {row.queued} 人"),
        ("请注意", "名单含个人信息，只能用于上面的用途，用完请删除。"),
    ]
    table = Table("名单", COLUMNS, [_cells(line) for line in lines], len(lines), about)
    _write_down(request, row, "activity.exported", len(lines), purpose)
    way = FORMATS["xlsx"]
    return _answer(way.write(table), f"活动名单_{row.day}_{row.pk}.xlsx", way.content_type, attached=True)


def _cells(line: roll.Line) -> list[str]:
    row = line.row
    return [
        line.name, row.get_state_display(), row.get_way_display(), words.stamp(row.since),
        row.get_arrival_display() if row.arrival else "", words.stamp(row.arrived_at),
        str(row.minutes or ""),
    ]  # fmt: skip


def _write_down(request: StaffRequest, row: Activity, act: str, people: int, note: str = "") -> None:
    audit.record(
        act, row, by=request.user, organisation_id=request.acting.organisation.pk, after={"people": people},
        note=note,
    )  # fmt: skip


def _answer(content: bytes, name: str, kind: str, *, attached: bool = False) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = content_disposition_header(attached, name) or "inline"
    response.headers["Cache-Control"] = "private, no-store"
    return response
