"""导入名册: send a file, see the plan, write it, take it back; and what other units' rosters ask for (转入)."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from huifeng.display.frames import frame_of
from huifeng.errors import require
from huifeng.jobs.attachments import attachment
from members.people import looks
from members.people.naming import named

from . import actions, plans, transfers
from .forms import BureauRosterForm, RosterForm
from .models import ImportBatch, TransferProposal, TransferProposalQuerySet, organisations_of
from .permissions import may_decide_transfer, may_import_for

NEWEST = ("-pk",)
BOTH_SIDES = "a proposal names the person to both sides"
SHOWN = (ImportBatch.State.PLANNED, ImportBatch.State.APPLIED, ImportBatch.State.UNDONE)  # with its rows


def _page(
    request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, f"roster/{template}", {**frame_of(request), **context}, status=status)


def _url(request: StaffRequest, name: str, *args: int) -> str:
    """An address among the pages of the same area."""
    assert request.resolver_match is not None
    return reverse(f"roster:{name}", args=args, current_app=request.resolver_match.namespace)


def _batch(request: StaffRequest, pk: int) -> ImportBatch:
    rows = ImportBatch.objects.visible_to(request.user).select_related(
        "organisation__division", "by", "applied_by", "undone_by", "job__by", "job__file", "error_file"
    )
    return get_object_or_404(rows.defer("job__file__content", "error_file__content"), pk=pk)


@require_safe
@staff_page
def imports(request: StaffRequest) -> HttpResponse:
    """History: who imported what, when, with which outcome."""
    require(may_import_for(request.user, request.acting.organisation))
    rows = ImportBatch.objects.visible_to(request.user).select_related("organisation", "by")
    asked = _proposals(request).open().filter(from_unit__in=organisations_of(request.user))
    return _page(
        request,
        "imports.html",
        {"slice": slices.cut(rows, NEWEST, request.GET), "transfers_waiting": asked[:100].count()},
    )


@staff_page
def new(request: StaffRequest) -> HttpResponse:
    """Choose a file and send it; it is read in the background."""
    organisation = request.acting.organisation
    require(may_import_for(request.user, organisation))
    data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form: RosterForm = (
        BureauRosterForm(*data, bureau=organisation, user=request.user)
        if request.acting.is_bureau
        else RosterForm(*data)
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        unit = form.cleaned_data.get("unit", organisation)
        batch = actions.receive(file.read(), file.name or "名册", unit.pk, by=request.user)
        return redirect(_url(request, "batch", batch.pk))
    return _page(request, "new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@staff_page
def batch(request: StaffRequest, pk: int) -> HttpResponse:
    """One import: progress, plan, receipt, as far as it is."""
    batch = _batch(request, pk)
    kinds = plans.kinds(batch)
    shown = plans.wanted(kinds, request.GET.get("show", ""))
    part = plans.page_of(batch, shown, request.GET) if shown else None
    if part is not None and shown is not None:
        looks.listed(request, len(part.rows), {"batch": batch.pk, "show": shown.key})
    context = {
        "batch": batch,
        "kinds": kinds,
        "shown": shown,
        "slice": part,
        "may_undo": batch.state == ImportBatch.State.APPLIED and batch.may_undo(timezone.now()),
        "is_forgotten": batch.counts.get("rows", 0) > 0 and not kinds and batch.state in SHOWN,
        "waits": batch.job is not None and batch.job.state in batch.job.OPEN,
        "is_mine": batch.job is not None and batch.job.by_id == request.user.pk,
    }
    return _page(request, "batch.html", context)


@require_safe
@staff_page
def errors(request: StaffRequest, pk: int) -> FileResponse:
    """The workbook of refused rows."""
    return attachment(*actions.open_error_book(_batch(request, pk).pk, by=request.user))


@require_safe
@staff_page
def upload(request: StaffRequest, pk: int) -> FileResponse:
    """The file as it was sent."""
    return attachment(*actions.open_upload(_batch(request, pk).pk, by=request.user))


@require_POST
@staff_page
def approve(request: StaffRequest, pk: int) -> HttpResponse:
    _batch(request, pk)
    actions.approve(pk, by=request.user)
    return redirect(_url(request, "batch", pk))


@require_POST
@staff_page
def check_again(request: StaffRequest, pk: int) -> HttpResponse:
    _batch(request, pk)
    actions.check_again(pk, by=request.user)
    return redirect(_url(request, "batch", pk))


@require_POST
@staff_page
def discard(request: StaffRequest, pk: int) -> HttpResponse:
    found = actions.discard(_batch(request, pk).pk, by=request.user)
    messages.success(request, f"已放弃 {found.number}，什么也没有写入。")
    return redirect(_url(request, "imports"))


@require_POST
@staff_page
def undo(request: StaffRequest, pk: int) -> HttpResponse:
    _batch(request, pk)
    actions.ask_undo(pk, by=request.user)
    return redirect(_url(request, "batch", pk))


def _proposals(request: StaffRequest) -> TransferProposalQuerySet:
    """Those of restricted people (限制查看) are a bureau's business only (docs/rules.md, P2)."""
    rows = TransferProposal.objects.all()
    return rows if request.acting.is_bureau else rows.named()


@require_safe
@staff_page
def transfer_list(request: StaffRequest) -> HttpResponse:
    """What other units' rosters ask of this one, and what this one asked for."""
    require(may_import_for(request.user, request.acting.organisation))
    ours = organisations_of(request.user)
    rows = _proposals(request).select_related("from_unit", "to_unit", "decided_by")
    part = slices.cut(rows.filter(to_unit__in=ours), NEWEST, request.GET)
    named(part.rows, why=BOTH_SIDES)
    asked = named(list(rows.open().filter(from_unit__in=ours).order_by("pk")[:100]), why=BOTH_SIDES)
    looks.listed(request, len(asked) + len(part.rows))
    context = {"asked": asked, "slice": part}
    return _page(request, "transfers.html", context)


@require_POST
@staff_page
def decide_transfer(request: StaffRequest, pk: int) -> HttpResponse:
    """同意转出, or 不同意 with a reason."""
    rows = _proposals(request).filter(from_unit__in=organisations_of(request.user))
    proposal = get_object_or_404(rows.select_related("from_unit"), pk=pk)
    named([proposal], why=BOTH_SIDES)
    require(may_decide_transfer(request.user, proposal))
    if "accept" in request.POST:
        decided = transfers.accept(pk, by=request.user)
        if decided.state == TransferProposal.State.ACCEPTED:
            messages.success(request, f"已把{proposal.retiree.name}转出。")
        else:
            messages.info(request, f"{proposal.retiree.name}已不在本单位名册里，不用再答复。")
    else:
        transfers.refuse(pk, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, "已答复不转，理由已告诉对方单位。")
    return redirect(_url(request, "transfers"))
