"""What every change of a person's data has in common."""

from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken

from .. import fields, phones, pinyin, registry
from ..models import Retiree

_INDEXES = {"id_number": ["id_index"], "phone": ["phone_index", "phone_tail"], "name": ["name_pinyin"]}


def check_version(retiree: Retiree, version: int | None) -> None:
    """Refuse what was typed into a page older than the row. None: the caller has no page."""
    if version is not None and version != retiree.version:
        raise RuleBroken("这份资料刚才有人改过，请刷新后再改。", code="stale")


def apply(retiree: Retiree, values: Mapping[str, Any], *, by: User, action: str) -> frozenset[str]:
    """Write cleaned `values`, audit them and tell the rooms above; the names of what changed.

    The person is locked by the caller. Nothing changed: nothing is written.
    """
    before = fields.for_audit(retiree, values)
    changed = fields.take(retiree, values)
    if not changed:
        return changed
    if changed & fields.UNIT_OWNS:
        derived = {name: getattr(retiree, name) for name in ("sex", "birth_date")}
        fields.check_agreement(retiree)
        changed |= {name for name, value in derived.items() if getattr(retiree, name) != value}
    save(retiree, changed)
    audit.record(
        action,
        retiree,
        by=by,
        before={name: before[name] for name in sorted(changed) if name in before},
        after=fields.for_audit(retiree, changed),
    )
    for tell in registry.on_changed:
        tell(retiree, changed, by)
    return changed


def save(retiree: Retiree, names: Collection[str]) -> None:
    """Save the fields `names` with what hangs on them, as the next version."""
    if "name" in names:
        retiree.name_pinyin = pinyin.spell(retiree.name)
    retiree.version += 1
    saved = {*names, "version", "updated_at"}
    saved.update(index for name in names for index in _INDEXES.get(name, []))
    try:
        with transaction.atomic():
            retiree.save(update_fields=saved)
    except IntegrityError as error:
        if "retiree_id_number_once" in str(error):
            raise RuleBroken("这个身份证号已登记在另一位老同志名下，请先核对。", code="duplicate") from error
        raise


def phone_or_rule(text: str) -> str:
    """A clean, given phone number; RuleBroken says what is wrong with it."""
    try:
        phone = phones.clean(text)
    except ValidationError as error:
        raise RuleBroken(f"{error.messages[0]}。", code="field_phone") from error
    if not phone:
        raise RuleBroken("请填手机号。", code="field_phone")
    return phone
