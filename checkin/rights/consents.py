"""What somebody agreed to, when, and whether it holds: read from check-ins, helpers and withdrawals (rules G1)."""

from dataclasses import dataclass
from datetime import datetime

from checkin.record.consent import LINES, VERSION
from checkin.record.models import CheckIn, State
from members.people.models import Retiree

from .models import ConsentWithdrawal

HELPER_LINES = ("家人可以替您报到、看进度、改联系方式。", "您随时可以不再让家人帮办。")
# The wording of every version there was; a new one is added, none is taken away.
WORDINGS = {VERSION: LINES, "helper-2026-11": HELPER_LINES}
NOW = (*CheckIn.OPEN, State.CONFIRMED)


@dataclass(frozen=True)
class Agreed:
    """One thing agreed to, or taken back. `lines`: its wording; `until`: since when it no longer holds."""

    what: str
    version: str
    at: datetime
    until: datetime | None
    lines: tuple[str, ...] = ()


def given_at(retiree: Retiree) -> tuple[datetime | None, str]:
    """When the person last agreed, and to which version; None when there is nothing to take back.

    A check-in brought in from elsewhere has no consent of ours; it is taken back all the same.
    """
    rows = CheckIn.objects.filter(retiree=retiree).order_by("-pk")
    consented = rows.exclude(consented_at=None).first()
    last = ConsentWithdrawal.objects.filter(retiree=retiree).order_by("-pk").first()
    since = consented.consented_at if consented is not None else None
    if consented is not None and since is not None and (last is None or since > last.at):
        return since, consented.consent_text
    running = rows.filter(state__in=NOW).exclude(state=State.DRAFT).first()
    return (running.submitted_at or running.created_at, "") if running is not None else (None, "")


def story(retiree: Retiree) -> list[Agreed]:
    """Everything agreed to, newest first. Three queries."""
    withdrawn = list(
        ConsentWithdrawal.objects.filter(retiree=retiree).order_by("at").values_list("at", flat=True)
    )
    agreed = [
        Agreed(
            "报到同意书",
            row.consent_text,
            row.consented_at,
            next((at for at in withdrawn if at >= row.consented_at), None),
            WORDINGS.get(row.consent_text, ()),
        )
        for row in CheckIn.objects.filter(retiree=retiree).exclude(consented_at=None)
        if row.consented_at is not None
    ]
    agreed += [
        Agreed(
            f"让{helper.name}帮您办",
            helper.consent_text,
            helper.consented_at,
            helper.ended_at,
            WORDINGS.get(helper.consent_text, ()),
        )
        for helper in retiree.helpers.all()
    ]
    return sorted(agreed, key=lambda one: one.at, reverse=True)
