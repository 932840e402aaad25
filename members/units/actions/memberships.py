"""Which unit manages whom, over time. Lock order: the person, then units in pk order, then memberships."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program
from members.people.models import Retiree
from members.people.permissions import may_act_for_unit, may_vouch

from .. import registry
from ..models import UnitMembership
from ..permissions import may_transfer

Cause = UnitMembership.Cause


def unit_of(retiree: Retiree) -> Organisation | None:
    """The unit of the open membership (现管单位)."""
    membership = UnitMembership.objects.open().filter(retiree=retiree).select_related("unit").first()
    return membership.unit if membership else None


def responsible_organisation(retiree: Retiree) -> Organisation:
    """Who answers for the person: the managing unit, else its successor, else the bureau; never nobody.

    The bureau is that of the district the person lives in, else of the unit that was, else the city's.
    Source: docs/rules.md, P10.
    """
    last = UnitMembership.objects.filter(retiree=retiree).select_related("unit").order_by("valid_from").last()
    managing = _follow_successors(last.unit) if last and last.valid_until is None else None
    if managing is not None:
        return managing
    unit = last.unit if last else retiree.claimed_unit
    return bureau_for(retiree.residence_id or (unit.division_id if unit else None))


def _follow_successors(unit: Organisation) -> Organisation | None:
    """`unit`, or who took it over; None when that ends at a closed one."""
    seen = set()
    while unit.closed_on is not None:
        seen.add(unit.pk)
        if unit.successor is None or unit.successor_id in seen:
            return None
        unit = unit.successor
    return unit


def bureau_for(code: str | None) -> Organisation:
    """The open bureau of the district of division `code`, else of its city, else the highest there is."""
    bureaus = Organisation.objects.open().filter(kind=Organisation.Kind.BUREAU).order_by("division_id")
    places = [f"{code[:6]}000000", f"{code[:4]}00000000"] if code else []
    found = {bureau.division_id: bureau for bureau in bureaus.filter(division_id__in=places)}
    for place in places:
        if place in found:
            return found[place]
    highest = bureaus.first()
    if highest is None:
        raise RuleBroken("还没有设立老干部局，请先在组织机构里建立。", code="no_bureau")
    return highest


def overseer_of(unit: Organisation) -> Organisation:
    """The open bureau a unit is under: it takes over whom nobody else does."""
    parent = unit.parent
    if parent is not None and parent.kind == Organisation.Kind.BUREAU and parent.closed_on is None:
        return parent
    return bureau_for(unit.division_id)


@transaction.atomic
def join(
    retiree_id: int, unit_id: int, *, on: date, by: User, cause: str = Cause.VERIFIED, document: str = ""
) -> UnitMembership:
    """Put a person who has no unit under one, from `on`. Repeating it for the same unit changes nothing.

    Raises PermissionDenied, RuleBroken (another unit manages the person: transfer; the unit is closed).
    Source: docs/rules.md, P10.
    """
    retiree = Retiree.objects.locked(retiree_id)
    unit = _open_unit(unit_id)
    require(may_vouch(by, retiree, unit))
    now = UnitMembership.objects.open().filter(retiree=retiree).select_related("unit").first()
    if now is not None and now.unit_id == unit.pk:
        return now
    if now is not None:
        raise RuleBroken(f"这位老同志现由“{now.unit.name}”管理，请办理转入。", code="has_unit")
    last = UnitMembership.objects.filter(retiree=retiree).order_by("valid_until").last()
    if last is not None and last.valid_until is not None:
        on = max(on, last.valid_until)
    return _begin(retiree, unit, on, cause, document, by=by)


@as_program("who hands a person over stops seeing them half way")
@transaction.atomic
def transfer(retiree_id: int, unit_id: int, *, on: date, by: User, document: str = "") -> UnitMembership:
    """Hand a person over to another unit from `on`; the day before is the last under the old one.

    The side that has the person hands over; a receiver need not accept. Repeating it changes nothing.
    Raises PermissionDenied, RuleBroken (no unit yet, unit closed, a day in the future or before the present
    membership).
    """
    retiree = Retiree.objects.locked(retiree_id)
    unit = _open_unit(unit_id)
    now = UnitMembership.objects.select_for_update(of=("self",)).open().filter(retiree=retiree).first()
    if now is None:
        raise RuleBroken("这位老同志没有现管单位，或刚刚有变动。请刷新后再看。", code="no_unit")
    if now.unit_id == unit.pk:
        require(may_transfer(by, retiree) or may_act_for_unit(by, unit))
        return now
    require(may_transfer(by, retiree))
    if not now.valid_from < on <= timezone.localdate():
        raise RuleBroken(f"转入日期应在 {now.valid_from} 之后、今天以前，请改日期。", code="day_out_of_range")
    now.valid_until = on
    now.save(update_fields=["valid_until"])
    return _begin(retiree, unit, on, Cause.TRANSFERRED, document, by=by, before=now.unit_id)


def _open_unit(unit_id: int) -> Organisation:
    """The unit, locked so that it cannot be closed meanwhile."""
    unit = Organisation.objects.select_for_update(no_key=True, of=("self",)).get(pk=unit_id)
    if unit.closed_on is not None:
        raise RuleBroken(f"“{unit.name}”已经撤销，请选承接单位。", code="unit_closed")
    return unit


def _begin(
    retiree: Retiree,
    unit: Organisation,
    on: date,
    cause: str,
    document: str,
    *,
    by: User,
    before: int | None = None,
) -> UnitMembership:
    membership = UnitMembership.objects.create(
        retiree=retiree, unit=unit, valid_from=on, cause=cause, document=document
    )
    audit.record(
        "membership.begun",
        retiree,
        by=by,
        organisation_id=unit.pk,
        before={"unit": before},
        after={"unit": unit.pk, "on": str(on), "cause": str(cause)},
    )
    for follow in registry.on_joined:
        follow(retiree, membership, before, by)
    return membership
