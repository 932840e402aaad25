"""Writing down that staff saw people: one entry for a page, never one for each row of a list.

Called by the pages that show somebody, after it is certain that they will. Source: docs/rules.md, W1.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model
from django.utils import timezone

from communities.organisations.acting import StaffRequest
from huifeng.accounts.models import User
from huifeng.audit import actions as audit

from .models import Retiree

TYPED = frozenset({"q", "unit"})  # conditions typed by hand: they may be a name or a phone, and are not kept
BY_HELPER = "helper.viewed"
VIEWED, LISTED, REFUSED = "people.viewed", "people.listed", "people.refused"


def viewed(request: StaffRequest, *people: Retiree) -> None:
    """The page of a person, or of two side by side, was opened; they read it under 谁看过我的信息."""
    office, after = request.acting.organisation, {"page": page_of(request)}
    keys = [person.pk for person in people]
    with audit.of_looks():
        audit.record_each(VIEWED, Retiree, keys, by=request.user, organisation_id=office.pk, after=after)


def listed(request: StaffRequest, count: int, wanted: Mapping[str, Any] | None = None) -> None:
    """A page of a list was opened that names `count` people, found under the conditions `wanted`."""
    if not count:
        return
    filters = {name: True if name in TYPED else value for name, value in (wanted or {}).items() if value}
    _record(LISTED, request.acting.organisation, request, count=count, filters=filters)


def refused(request: StaffRequest, row: Model) -> None:
    """Somebody asked for a person or a check-in (`row`, perhaps of no such key) that is not theirs to see."""
    _record(REFUSED, row, request)


def by_helper(user: User, person: Retiree) -> None:
    """A helper opened a page of `person`, who reads it under 谁看过我的信息. The first of a day says it for the day."""
    morning = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    today = audit.entries_about(person).filter(actor_id=user.pk, action=BY_HELPER, at__gte=morning)
    if not today.exists():
        with audit.of_looks():
            audit.record(BY_HELPER, person, by=user)


def _record(action: str, target: Model, request: StaffRequest, **more: Any) -> None:
    after = {"page": page_of(request), **more}
    office = request.acting.organisation
    with audit.of_looks():
        audit.record(action, target, by=request.user, organisation_id=office.pk, after=after)


def page_of(request: StaffRequest) -> str:
    """The name of the page, such as "bureau:people"; an address may hold what is nobody's business."""
    return request.resolver_match.view_name if request.resolver_match else ""
