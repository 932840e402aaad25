"""对账 for bureaus: what the newest run found in the own area, check by check, and asking for another."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from checkin.reconciliation import actions, wording
from checkin.reconciliation.checks import BY_KEY, CHECKS
from checkin.reconciliation.comparing import LIMIT
from checkin.reconciliation.models import Drift, DriftQuerySet, ReconciliationRun
from communities.organisations.acting import StaffRequest, staff_page
from huifeng.display import slices
from huifeng.display.frames import frame_of
from huifeng.errors import require
from huifeng.jobs.models import Job
from members.people import looks

MOST_RUNS = 14
CITY = 4  # characters of the city's code prefix


@staff_page
@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """The newest run, or the one asked for: a figure for each check, the list behind it, earlier runs."""
    require(request.acting.is_bureau)
    runs = ReconciliationRun.objects.select_related("by").order_by("-pk")
    asked = request.GET.get("run", "")
    is_key = asked.isascii() and asked.isdigit() and len(asked) < 19
    run = get_object_or_404(runs, pk=asked) if is_key else runs.first()
    context = {
        "run": run,
        "is_newest": not asked,
        "runs": list(runs[:MOST_RUNS]),
        "job": _job_of(request),
        "is_city": len(request.acting.organisation.area) == CITY,
        **(_found(request, run) if run else {}),
    }
    return render(request, "bureau/reconciliation.html", {**frame_of(request), **context})


def _found(request: StaffRequest, run: ReconciliationRun) -> dict[str, Any]:
    ours = _ours(request, run)
    counts = dict(
        ours.order_by().values_list("check_key").annotate(n=Count("pk", filter=Q(repaired_at=None)))
    )
    repaired = dict(
        ours.order_by().values_list("check_key").annotate(n=Count("pk", filter=Q(repaired_at__isnull=False)))
    )
    key = request.GET.get("check", "")
    shown = ours.filter(check_key=key) if key in BY_KEY else ours
    cut = slices.cut(shown.order_by("pk"), ("pk",), request.GET)
    looks.listed(request, sum(row.person is not None for row in cut.rows), {"run": run.pk, "check": key})
    return {
        "checks": [
            (
                check,
                counts.get(check.key, 0),
                repaired.get(check.key, 0),
                run.counts.get(check.key, 0) >= LIMIT,
            )
            for check in CHECKS
        ],
        "left": sum(counts.values()),
        "repaired": sum(repaired.values()),
        "can_repair": any(counts.get(check.key) for check in CHECKS if check.repair),
        "chosen": BY_KEY.get(key),
        "page": cut,
        "lines": wording.lines(cut.rows, reader=request.user),
    }


def _ours(request: StaffRequest, run: ReconciliationRun) -> DriftQuerySet:
    rows: Any = Drift.objects.filter(run=run)
    found: DriftQuerySet = rows.within(request.acting.organisation.area, request.user)
    return found


def _job_of(request: StaffRequest) -> Job | None:
    """The reader's own newest, while it is of interest: waiting, running, or failed."""
    job = Job.objects.visible_to(request.user).filter(kind=actions.JOB).order_by("-pk").first()
    return job if job is not None and (job.is_open or job.state == Job.State.FAILED) else None


@staff_page
@require_POST
def start(request: StaffRequest) -> HttpResponse:
    """再对一次, or 补发通知: a worker does it."""
    require(request.acting.is_bureau)
    page = reverse("reconciliation:home")
    job = actions.start(repair="repair" in request.POST, by=request.user, page=page)
    messages.success(request, f"{job.title}：已安排，办好后刷新本页看结果。")
    return redirect(page)
