"""What a unit says of its people."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require
from huifeng.rowscope.scope import as_program

from .. import fields, pinyin, registry
from ..models import Retiree
from ..permissions import may_act_for_unit, may_edit_unit_fields, may_set_flags, may_vouch
from . import changing

_ENROLLED_WITH = fields.UNIT_OWNS | fields.COMMUNITY_OWNS


@as_program("an ID number may be in any roster, and a new person is nobody's before the unit is written")
@transaction.atomic
def enrol(values: Mapping[str, Any], unit_id: int, *, by: User, on: date | None = None) -> Retiree:
    """Enter one person into the roster of a unit, from `on` (today in Shanghai if left out).

    A person who registered alone under the same ID number is taken over (claimed → roster). Repeating it
    for a person of this unit returns the person unchanged; changes go through update_unit_fields.
    Raises Organisation.DoesNotExist, PermissionDenied, RuleBroken (wrong value, or in the roster elsewhere).
    Source: docs/rules.md, P5.
    """
    unit = Organisation.objects.get(pk=unit_id)
    require(may_act_for_unit(by, unit))
    clean = fields.cleaned(values, _ENROLLED_WITH)
    if not clean.get("name"):
        raise RuleBroken("姓名：请填姓名", code="field_name")
    known = _known(clean.get("id_number", ""))
    if known is not None:
        return _take_over(known, clean, unit, by=by, on=on)
    retiree = Retiree(name_pinyin=pinyin.spell(clean["name"]))
    fields.take(retiree, clean)
    fields.check_agreement(retiree)
    try:
        with transaction.atomic():
            retiree.save()
    except IntegrityError as error:  # somebody else entered the same ID number just now
        raise RuleBroken("这个身份证号刚刚有人登记，请刷新后再看。", code="duplicate") from error
    audit.record(
        "retiree.enrolled", retiree, by=by, organisation_id=unit.pk, after=fields.for_audit(retiree, clean)
    )
    registry.units.join(retiree.pk, unit.pk, on=on or timezone.localdate(), cause="roster", by=by)
    return retiree


def _known(id_number: str) -> Retiree | None:
    """The person with this ID number, locked."""
    found = (
        Retiree.objects.with_id_number(id_number).values_list("pk", flat=True).first() if id_number else None
    )
    return Retiree.objects.locked(found) if found else None


def _take_over(
    retiree: Retiree, clean: Mapping[str, Any], unit: Organisation, *, by: User, on: date | None
) -> Retiree:
    """Enrol somebody whose ID number is in the register already."""
    managing = registry.units.unit_of(retiree)
    if managing is not None and managing.pk == unit.pk:
        return retiree
    if managing is not None:
        raise RuleBroken(
            f"这个身份证号已在“{managing.name}”的名册里，不能重复登记。请先办理转入，或请老干部局核对。",
            code="duplicate",
        )
    owned = {name: value for name, value in clean.items() if name in fields.UNIT_OWNS}
    changing.apply(retiree, owned, by=by, action="retiree.corrected")
    return confirm_standing(retiree.pk, unit.pk, by=by, on=on)


@transaction.atomic
def confirm_standing(retiree_id: int, unit_id: int, *, by: User, on: date | None = None) -> Retiree:
    """A unit vouches for a person: claimed → roster, and the membership begins. Repeating it changes nothing.

    Raises PermissionDenied, RuleBroken (another unit manages the person). Source: docs/rules.md, P5.
    """
    retiree = Retiree.objects.locked(retiree_id)
    unit = Organisation.objects.get(pk=unit_id)
    require(may_vouch(by, retiree, unit))
    registry.units.join(retiree.pk, unit.pk, on=on or timezone.localdate(), cause="verified", by=by)
    if retiree.standing == Retiree.Standing.ROSTER:
        return retiree
    retiree.standing = Retiree.Standing.ROSTER
    retiree.claimed_unit = None
    retiree.original_unit = retiree.original_unit or unit.name
    changing.save(retiree, ["standing", "claimed_unit", "original_unit"])
    audit.record(
        "retiree.vouched",
        retiree,
        by=by,
        organisation_id=unit.pk,
        before={"standing": "claimed"},
        after={"standing": "roster"},
    )
    for tell in registry.on_changed:
        tell(retiree, frozenset(["standing"]), by)
    return retiree


@transaction.atomic
def update_unit_fields(
    retiree_id: int, values: Mapping[str, Any], *, by: User, version: int | None = None
) -> Retiree:
    """The unit corrects what it owns; the same values again change nothing.

    `version`: of the page the values were typed into; a later one is refused.
    Raises PermissionDenied, RuleBroken (stale, wrong value, not the unit's field). Source: docs/rules.md, P1.
    """
    retiree = Retiree.objects.locked(retiree_id)
    require(may_edit_unit_fields(by, retiree))
    changing.check_version(retiree, version)
    changing.apply(retiree, fields.cleaned(values, fields.UNIT_OWNS), by=by, action="retiree.corrected")
    return retiree


@transaction.atomic
def set_flags(
    retiree_id: int, *, by: User, statistics_flag: bool | None = None, is_restricted: bool | None = None
) -> Retiree:
    """A bureau takes somebody out of the statistics, or out of everybody else's sight, or back."""
    retiree = Retiree.objects.locked(retiree_id)
    require(may_set_flags(by, retiree))
    given = {"statistics_flag": statistics_flag, "is_restricted": is_restricted}
    values = {name: value for name, value in given.items() if value is not None}
    changing.apply(retiree, values, by=by, action="retiree.flagged")
    return retiree
