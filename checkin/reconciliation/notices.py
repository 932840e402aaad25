"""What goes out after a reconciliation: the right state to an outside system, and that something is left."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from communities.notices.actions import post, post_many
from communities.notices.models import Notice
from members.units.actions import bureau_for

from .comparing import Finding
from .models import ReconciliationRun

CORRECTION, LEFT = "reconciliation.correction", "reconciliation.drift"

WORDS = {
    "outside.missing": "对账：你们系统里没有这位老同志，请补上。",
    "outside.extra": "对账：这位老同志已不归你们，请在你们系统里停用。",
    "outside.version": "对账：你们系统里这位老同志的资料旧了，请重新取一次。",
    "outside.state": "对账：你们系统里这位老同志的报到状态不对，请改正。",
}


def correct(findings: Iterable[Finding], now: Mapping[int, Mapping[str, Any]], *, at: datetime) -> None:
    """One notice for each organisation, person and posting, with codes only. `now`: states by person.

    Of somebody who is not the organisation's nothing is said but that.
    """
    post_many(
        Notice(
            receiver_id=finding.organisation,
            key=f"correction:{finding.subject}:{finding.person}",
            kind=CORRECTION,
            words=WORDS[finding.field],
            person=finding.person,
            data=_fact(finding, now.get(finding.person or 0)),
            created_at=at,
        )
        for finding in sorted(findings, key=lambda finding: (finding.person or 0, finding.organisation or 0))
        if finding.organisation is not None
    )


def _fact(finding: Finding, row: Mapping[str, Any] | None) -> dict[str, Any]:
    if finding.field == "outside.extra" or row is None:
        return {"drift": finding.field.partition(".")[2], "ours": False}
    return {
        "drift": finding.field.partition(".")[2],
        "ours": True,
        "version": row["version"],
        "checkin": row["number"],
        "state": row["state"] or "",
        "community": row["community"] or "",
        "died": row["died"],
    }


def tell_left(run: ReconciliationRun) -> None:
    """The city's bureau reads that something needs a person; one notice a run."""
    post(
        bureau_for(None),
        key=f"reconciliation:{run.pk}",
        kind=LEFT,
        words=(
            f"对账发现 {run.found} 处差异，已自动补好 {run.repaired} 处，还有 {run.left} 处要人处理。"
            "请打开“对账”逐项核对。"
        ),
        link="page:reconciliation/",
        data={"found": run.found, "repaired": run.repaired, "left": run.left},
    )
