from datetime import timedelta

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from checkin.reconciliation.models import Drift, PostedDigest, ReconciliationRun

RUNS_KEPT = timedelta(days=366)  # a year, so that two autumns can be laid side by side; ours
POSTINGS_KEPT = timedelta(days=31)  # ours


@transaction.atomic
def forget_old() -> dict[str, int]:
    """Delete runs with their findings after a year and what outside systems posted after a month; how many of each.

    The newest run stays, and of each organisation the newest posting with all its parts, however old: it is what
    the next run compares. Safe to run twice at once. Source: docs/rules.md, R7.
    """
    now = timezone.now()
    newest = ReconciliationRun.objects.aggregate(newest=Max("pk"))["newest"]
    runs = ReconciliationRun.objects.filter(finished_at__lt=now - RUNS_KEPT).exclude(pk=newest)
    keys = list(runs.select_for_update().order_by("pk").values_list("pk", flat=True))
    drifts, _ = Drift.objects.filter(run__in=keys).delete()
    ReconciliationRun.objects.filter(pk__in=keys).delete()
    held = (
        PostedDigest.objects.filter(organisation=OuterRef("organisation")).order_by("-pk").values("run")[:1]
    )
    old = PostedDigest.objects.filter(posted_at__lt=now - POSTINGS_KEPT).exclude(run=Subquery(held))
    postings, _ = old.delete()
    return {"runs": len(keys), "drifts": drifts, "postings": postings}
