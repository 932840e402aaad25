"""Notices of the history as if they had been relayed all along: numbered, most of them signed for, one disputed."""

from datetime import date, timedelta
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Mod, TruncDate

from checkin.sync import actions
from checkin.sync.periods import RECEIPT
from checkin.sync.relay import relay
from communities.calendar.periods import Clock
from communities.notices.models import Notice
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User

State = Notice.State
FORGOTTEN, OPEN = 60, 2  # of so many, one: never signed for though overdue; still open though not overdue
DISPUTE = "本人上周来电话说还没有搬过去，请再核对住址。"


def relay_history(today: date, unit: Organisation, clerk: User) -> None:
    """Number what the history owes, date it back, and sign for most of it. `clerk` of `unit` disputes one."""
    relay(seconds=600)
    _date_back()
    overdue = Notice.objects.filter(receipt_due_on__lt=today)
    _sign(overdue.annotate(turn=Mod("pk", FORGOTTEN)))
    _sign(Notice.objects.filter(receipt_due_on__gte=today).annotate(turn=Mod("pk", OPEN)))
    confirmed = (
        unit.notices.filter(kind="checkin.confirmed", state=State.DELIVERED).order_by("-number").first()
    )
    if confirmed is not None:
        actions.dispute(confirmed.pk, words=DISPUTE, by=clerk)
        relay(seconds=60)


def _date_back() -> None:
    """Delivered some seconds after it was owed; the date to sign by counts from there."""
    delivered = Notice.objects.exclude(state=State.PENDING)
    delivered.update(delivered_at=F("created_at") + timedelta(seconds=8))
    clock = Clock()
    needing = delivered.filter(receipt_due_on__isnull=False)
    days = (
        needing.annotate(day=TruncDate("created_at")).order_by("day").values_list("day", flat=True).distinct()
    )
    for day in list(days):
        that_day = needing.filter(created_at__date=day)
        due = clock.deadline(RECEIPT, that_day.values_list("created_at", flat=True)[0]).day
        that_day.update(receipt_due_on=due)


def _sign(notices: QuerySet[Any, Any]) -> None:
    """Signed for by the first clerk of the receiver, but for those whose turn is 0."""
    staff = Assignment.objects.filter(organisation=OuterRef("receiver"), valid_until=None).order_by("pk")
    staffed = Assignment.objects.filter(valid_until=None).values("organisation")
    signing = notices.exclude(turn=0).filter(state=State.DELIVERED, receiver__in=staffed)
    Notice.objects.filter(pk__in=signing.values("pk")).update(
        state=State.ACKNOWLEDGED,
        answered_at=F("delivered_at") + timedelta(hours=5),
        answered_by=Subquery(staff.values("user")[:1]),
    )
