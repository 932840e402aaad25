"""What the person and the community say: how to reach somebody, and where they live."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from communities.divisions.models import Division
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken, require

from .. import fields
from ..models import Retiree
from ..permissions import is_helper_of, may_edit_contact, may_settle
from . import changing


@transaction.atomic
def correct_contact(
    retiree_id: int, values: Mapping[str, Any], *, by: User, version: int | None = None
) -> Retiree:
    """Correct phone, address, whom to call, interests and the like; the same values again change nothing.

    Who may write what: docs/rules.md, P1. A helper may not change the mobile phone: consent is asked there.
    Raises PermissionDenied, RuleBroken (stale, wrong value, not this side's field).
    """
    retiree = Retiree.objects.locked(retiree_id)
    require(may_edit_contact(by, retiree))
    changing.check_version(retiree, version)
    changing.apply(retiree, fields.cleaned(values, _writable(by, retiree)), by=by, action="retiree.contact")
    return retiree


def _writable(by: User, retiree: Retiree) -> frozenset[str]:
    if retiree.user_id == by.pk:
        return fields.PERSON_MAY
    if is_helper_of(by, retiree):
        return fields.HELPER_MAY
    return fields.COMMUNITY_OWNS


@transaction.atomic
def set_residence(
    retiree_id: int,
    *,
    residence_id: str | None,
    address: str,
    by: User,
    elsewhere: str = "",
    declared: Mapping[str, Any] | None = None,
) -> Retiree:
    """Where the person lives becomes known: called when a check-in is confirmed. Repeating it changes
    nothing.

    `residence_id`: a community's division code, None outside the city, when `elsewhere` says in or out of the
    province. `declared`: what the person said at the same time, fields of fields.COMMUNITY_OWNS.
    Raises PermissionDenied, RuleBroken (no such community, wrong value).
    """
    retiree = Retiree.objects.locked(retiree_id)
    require(may_settle(by, retiree, residence_id))
    if residence_id is not None and not _is_community(residence_id):
        raise RuleBroken("没有这个社区，请重新选择社区。")
    if elsewhere not in Retiree.Elsewhere.values or bool(elsewhere) == (residence_id is not None):
        raise RuleBroken("住在本市请选社区，住在外地请选省内或省外。")
    values = fields.cleaned({**(declared or {}), "residence_address": address}, fields.COMMUNITY_OWNS)
    values |= {"residence_id": residence_id, "elsewhere": elsewhere}
    changing.apply(retiree, values, by=by, action="retiree.settled")
    return retiree


def _is_community(code: str) -> bool:
    return Division.objects.filter(code=code, level=Division.Level.COMMUNITY).exists()
