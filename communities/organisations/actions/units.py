"""Work units: those of the city with a credit code and accounts, and those outside it without either."""

from collections.abc import Collection
from datetime import date
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from communities.divisions.models import Division
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from .. import credit_codes, registry
from ..models import Organisation
from ..permissions import may_add_external, may_manage_organisation, may_manage_places
from .places import end

Kind = Organisation.Kind
TRIES = 5  # people who join at the very moment are rare
HEIRS = (
    Kind.UNIT,
    Kind.EXTERNAL_UNIT,
    Kind.BUREAU,
)  # without a successor unit, the bureau takes its people over


@transaction.atomic
def add_unit(
    *, name: str, credit_code: str, division_code: str, by: User, nature: str = "", tier: str = ""
) -> Organisation:
    """Add a work unit seated at `division_code`, supervised by the bureau there. The same code again returns
    it.

    Raises Division.DoesNotExist, PermissionDenied, RuleBroken (bad or taken credit code, no name, seat
    closed).
    """
    seat = Division.objects.select_for_update().get(pk=division_code)
    require(may_manage_places(by, division_code))
    code = credit_codes.tidy(credit_code)
    if not credit_codes.is_valid(code):
        raise RuleBroken("统一社会信用代码不对：应为18位，请对照证书核对每一位。", code="bad_credit_code")
    known = Organisation.objects.filter(credit_code=code).first()
    if known is not None:
        return _the_same(known, name)
    if not name.strip() or seat.closed_on:
        raise RuleBroken("请填写单位名称，并选择现有的所在地。", code="incomplete")
    unit = Organisation.objects.create(
        code=code,
        credit_code=code,
        kind=Kind.UNIT,
        name=name.strip(),
        division=seat,
        parent=_bureau_of(seat),
        nature=nature,
        tier=tier,
        opened_on=timezone.localdate(),
    )
    audit.record("unit.added", unit, by=by, after={"name": unit.name, "code": code, "seat": seat.code})
    return unit


@transaction.atomic
def add_external(
    kind: Organisation.Kind,
    *,
    name: str,
    region: str,
    by: User,
    address: str = "",
    phone: str = "",
    contact: str = "",
) -> Organisation:
    """Add a unit or community outside the city: no account, reached by signed link or on paper.

    `kind`: EXTERNAL_UNIT or EXTERNAL_COMMUNITY. Same kind, name and region again returns the first,
    unchanged. Raises PermissionDenied, RuleBroken (no name or region).
    """
    require(may_add_external(by))
    name, region = name.strip(), region.strip()
    if not name or not region or kind not in (Kind.EXTERNAL_UNIT, Kind.EXTERNAL_COMMUNITY):
        raise RuleBroken("请填写市外单位（社区）的名称和所在地。", code="incomplete")
    code = "W" + sha256(f"{kind}|{region}|{name}".encode()).hexdigest()[:12].upper()
    row, is_new = Organisation.objects.get_or_create(
        code=code,
        defaults={
            "kind": kind,
            "name": name,
            "region": region,
            "address": address,
            "phone": phone,
            "contact": contact,
            "opened_on": timezone.localdate(),
        },
    )
    if is_new:
        audit.record("unit.added", row, by=by, after={"name": name, "region": region, "kind": kind})
    return row


@as_program("an organisation's act finds everybody it has, seen or not")
@transaction.atomic
def close_unit(
    unit_id: int, *, successor_id: int | None, by: User, on: date | None = None, document: str = ""
) -> Organisation:
    """Close a unit that was merged, restructured or dissolved; its people follow by the registry.

    `successor_id`: the unit or bureau that takes them over, None when nobody does. `on`: its last day, today
    if left out, never in the future. `document`: number of the paper that says so. Repeating it changes
    nothing. Raises Organisation.DoesNotExist, PermissionDenied, RuleBroken (closed otherwise, successor not
    fit, future).
    """
    wanted = {pk for pk in (unit_id, successor_id) if pk is not None}
    locked = lock_with_people([unit_id], wanted)
    unit, successor = locked[unit_id], locked[successor_id] if successor_id else None
    require(may_manage_organisation(by, unit))
    if unit.closed_on:
        if unit.successor_id == successor_id:
            return unit
        raise RuleBroken(
            f"{unit.name}已于{unit.closed_on:%Y年%-m月%-d日}撤销，承接单位另有其人。", code="closed"
        )
    on = on or timezone.localdate()
    _check_may_close(unit, successor, on)
    end(unit, successor, on)
    after = {"closed_on": on.isoformat(), "successor": successor.code if successor else None}
    audit.record("unit.closed", unit, by=by, before={"closed_on": None}, after=after, note=document[:200])
    for hook in registry.on_unit_closed:
        hook(unit, successor, on, by)
    return unit


def lock_with_people(unit_ids: Collection[int], organisation_ids: Collection[int]) -> dict[int, Organisation]:
    """Lock everybody who hangs on the units, then the organisations, both in key order (rules P3).

    Whoever joins a unit locks the person and waits for the unit; so people come first here too. Somebody who
    came between the two locks is not locked: then both are given back and taken again. NO KEY UPDATE: rows
    that point to an organisation can still be added. Raises Organisation.DoesNotExist, RuleBroken (people keep
    coming).
    """
    for _ in range(TRIES):
        point = transaction.savepoint_create()
        people = registry.people_first.lock(unit_ids)
        rows = Organisation.objects.select_for_update(no_key=True, of=("self",)).select_related(
            "division", "parent"
        )
        locked = {row.pk: row for row in rows.filter(pk__in=organisation_ids).order_by("pk")}
        if len(locked) < len(set(organisation_ids)):
            raise Organisation.DoesNotExist
        if registry.people_first.of(unit_ids) <= people:
            transaction.savepoint_commit(point)
            return locked
        transaction.savepoint_rollback(point)
    raise RuleBroken("这个单位的人员正在变动，请过一会儿再办。", code="people_moving")


def _the_same(known: Organisation, name: str) -> Organisation:
    if known.name == name.strip() and known.closed_on is None:
        return known
    state = "（已撤销）" if known.closed_on else ""
    raise RuleBroken(f"这个代码属于{known.name}{state}，请核对。", code="credit_code_taken")


def _bureau_of(seat: Division) -> Organisation | None:
    """The nearest open bureau at or above `seat`."""
    codes = [prefix.ljust(12, "0") for prefix in (seat.code[:6], seat.code[:4])]
    bureaus = Organisation.objects.open().filter(kind=Kind.BUREAU, division__in=codes)
    return bureaus.order_by("-division").first()


def _check_may_close(unit: Organisation, successor: Organisation | None, on: date) -> None:
    if unit.kind not in (Kind.UNIT, Kind.EXTERNAL_UNIT):
        raise RuleBroken("这里只能撤销单位；社区请在“社区管理”里并入或撤销。", code="not_a_unit")
    if on > timezone.localdate():
        raise RuleBroken("撤销日期不能晚于今天。", code="future_date")
    if successor is None:
        return
    if successor.pk == unit.pk or successor.kind not in HEIRS or successor.closed_on:
        raise RuleBroken("承接单位须是另一个现有的单位，或老干部局。", code="bad_successor")
