"""支部书记补贴: the lists of the months."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

from checkin.statistics.months import Month
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.audit import actions as audit
from huifeng.display import slices, words
from huifeng.spreadsheets.writing import Column, Table, xlsx
from members.people import looks
from services.ledger.models import Account

from .. import actions, sums
from ..forms import ListForm
from ..models import SubsidyList
from ..permissions import may_open_fund
from .frame import go, page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COLUMNS = [
    Column("姓名", 10), Column("支部", 36), Column("任职自", 14), Column("金额（元）", 12),
]  # fmt: skip


@staff_page
def lists(request: StaffRequest) -> HttpResponse:
    """The lists of the office, the newest month first; make one."""
    ours = request.acting.organisation
    if not may_open_fund(request.user, ours):
        raise Http404
    form = ListForm(request.POST or None, initial={"month": str(Month.current().previous)})
    funds = Account.objects.filter(kind=Account.Kind.FUND, organisation=ours).order_by("-pk")
    form.fields["fund"].queryset = funds
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        month = Month.parse(said["month"]).first
        made = actions.make_list(said["fund"].pk, said["preset"].pk, month, by=request.user)
        messages.success(request, f"{made.month:%Y年%-m月}有 {made.people} 人。请核对，再由另一位同志审批。")
        return go(request, "subsidy", made.pk)
    rows = SubsidyList.objects.filter(fund__in=funds).select_related("preset", "fund")
    found = list(rows.order_by("-month", "-pk")[:60])
    context = {"lists": found, "form": form, "has_funds": bool(funds)}
    return page(request, "subsidies", context, status=422 if form.errors else 200)


def _found(request: StaffRequest, pk: int) -> SubsidyList:
    rows = SubsidyList.objects.select_related("preset", "fund__organisation", "made_by", "approved_by")
    return get_object_or_404(rows, pk=pk, fund__organisation=request.acting.organisation)


@require_safe
@staff_page
def subsidy(request: StaffRequest, pk: int) -> HttpResponse:
    """One list: who is on it, and the step that comes next."""
    row = _found(request, pk)
    part = slices.cut(row.lines.select_related("retiree", "branch"), ("pk",), request.GET, size=50)
    looks.listed(request, len(part.rows), {"subsidy": row.pk})
    context = {"row": row, "slice": part, "approves": row.made_by_id != request.user.pk}
    return page(request, "subsidy", context)


@require_POST
@staff_page
def act(request: StaffRequest, pk: int, step: str) -> HttpResponse:
    """审批, 记账 or 作废."""
    row = _found(request, pk)
    match step:
        case "approve":
            actions.approve_list(row.pk, by=request.user)
            messages.success(request, "已批准，可以记账了。")
        case "book":
            actions.book_list(row.pk, by=request.user)
            messages.success(request, f"已记账：{row.people} 人，共 {sums.yuan(row.total)} 元。")
        case "drop":
            actions.drop_list(row.pk, reason=request.POST.get("reason", ""), by=request.user)
            messages.success(request, "已作废，这个月可以重新生成。")
        case _:
            raise Http404
    return go(request, "subsidy", row.pk)


@require_POST
@staff_page
def file(request: StaffRequest, pk: int) -> HttpResponse:
    """The list as a workbook, for who pays; the download is audited."""
    row = _found(request, pk)
    lines = list(row.lines.select_related("retiree", "branch").order_by("branch__host__code", "pk"))
    cells = [
        [line.retiree.name, line.branch.name, words.day(line.since), f"{line.amount / 100:.2f}"]
        for line in lines
    ]
    about = [
        ("名单", f"{row.preset.name} {row.month:%Y年%-m月}，{request.acting.organisation.name}"),
        ("状态", row.get_state_display()),
        ("合计", f"{row.people} 人，{sums.yuan(row.total)} 元"),
        ("导出人", request.user.display_name),
        ("请注意", "名单含个人信息，只能用于发放补贴，用完请删除。"),
    ]
    content = xlsx(Table("月表", COLUMNS, cells, len(cells), about))
    office = request.acting.organisation.pk
    audit.record("subsidy.exported", row, by=request.user, organisation_id=office, after={"rows": len(cells)})
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="subsidy-{row.month:%Y-%m}.xlsx"'
    return response
