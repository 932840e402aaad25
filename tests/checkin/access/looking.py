"""Looks at people, as the pages write them down, at a moment."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import time_machine

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.audit.models import AuditEntry
from members.people.looks import LISTED, VIEWED
from members.people.models import Retiree

SHANGHAI = ZoneInfo("Asia/Shanghai")


def shanghai(hour: int, minute: int = 0, *, day: int = 24) -> datetime:
    """A moment of November 2026 in Shanghai."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def looks(by: User, office: Organisation, keys: Iterable[int], at: datetime, *, action: str = VIEWED) -> None:
    """One look at each of the people `keys`, who need not exist, all at one moment."""
    with time_machine.travel(at, tick=False):
        AuditEntry.objects.bulk_create(
            AuditEntry(
                actor_id=by.pk,
                actor=by.display_name,
                organisation_id=office.pk,
                action=action,
                target_type=Retiree._meta.label_lower,
                target_id=str(key),
            )
            for key in keys
        )


def leafs(by: User, office: Organisation, count: int, at: datetime) -> None:
    """A page of a list that names `count` people."""
    with time_machine.travel(at, tick=False):
        audit.record(LISTED, office, by=by, organisation_id=office.pk, after={"count": count})
