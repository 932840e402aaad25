from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import RuleBroken, require

from . import labels
from .models import CodeValue
from .permissions import may_edit_codes


@dataclass(frozen=True)
class Loaded:
    """What a file of codes changed."""

    new: int
    changed: int
    unchanged: int


@transaction.atomic
def load(rows: Iterable[Mapping[str, str]]) -> Loaded:
    """Take in code lists: rows of list, code, label, roll_up, aliases ("a|b"), in screen order within each
    list.

    Adds what is missing, follows the file in order and roll_up, adds aliases. Never deletes, and never
    touches the label and the on/off switch of a word that exists: a bureau may have changed them. Repeating
    it changes nothing.
    """
    rows = list(rows)
    have = {
        (value.list, value.code): value
        for value in CodeValue.objects.select_for_update().filter(list__in={row["list"] for row in rows})
    }
    new, changed = [], []
    orders: dict[str, int] = {}
    for row in rows:
        orders[row["list"]] = order = orders.get(row["list"], 0) + 10
        aliases = [alias.strip() for alias in row["aliases"].split("|") if alias.strip()]
        value = have.get((row["list"], row["code"]))
        if value is None:
            new.append(_value(row, order, aliases))
        elif _follow(value, row["roll_up"], order, aliases):
            changed.append(value)
    CodeValue.objects.bulk_create(new, ignore_conflicts=True)
    CodeValue.objects.bulk_update(changed, ["roll_up", "order", "aliases"])
    _announce()
    return Loaded(new=len(new), changed=len(changed), unchanged=len(rows) - len(new) - len(changed))


def _value(row: Mapping[str, str], order: int, aliases: list[str]) -> CodeValue:
    return CodeValue(
        list=row["list"],
        code=row["code"],
        label=row["label"],
        roll_up=row["roll_up"],
        order=order,
        aliases=aliases,
    )


def _follow(value: CodeValue, roll_up: str, order: int, aliases: list[str]) -> bool:
    """Bring `value` to what the file says; whether that changed anything. Does not save."""
    wanted = (roll_up, order, [*value.aliases, *(alias for alias in aliases if alias not in value.aliases)])
    if (value.roll_up, value.order, value.aliases) == wanted:
        return False
    value.roll_up, value.order, value.aliases = wanted
    return True


@transaction.atomic
def add_value(list_name: str, code: str, label: str, *, by: User, roll_up: str = "") -> CodeValue:
    """Add one word at the end of a list. Repeating it with the same label changes nothing.

    Raises PermissionDenied, RuleBroken (the code means something else, or another code has this label).
    """
    require(may_edit_codes(by))
    last = CodeValue.objects.select_for_update().filter(list=list_name).order_by("-order").first()
    if last is None:
        raise RuleBroken("没有这个代码表，请从代码表目录里选一个。")
    known = CodeValue.objects.filter(list=list_name, code=code).first()
    if known is not None and known.label == label:
        return known
    if known is not None:
        raise RuleBroken(f"代码“{code}”已经用于“{known.label}”，请换一个代码。")
    if CodeValue.objects.filter(list=list_name, label=label).exists():
        raise RuleBroken(f"“{label}”已经在表里，不用再加。")
    value = CodeValue.objects.create(
        list=list_name, code=code, label=label, roll_up=roll_up, order=last.order + 10
    )
    audit.record("code.added", value, by=by, after={"list": list_name, "code": code, "label": label})
    _announce()
    return value


@transaction.atomic
def edit_value(value_id: int, *, by: User, label: str, aliases: list[str], is_active: bool) -> CodeValue:
    """Change how a word reads, what else it is called, and whether it can still be chosen."""
    require(may_edit_codes(by))
    value = CodeValue.objects.select_for_update().get(pk=value_id)
    before = {"label": value.label, "aliases": value.aliases, "is_active": value.is_active}
    after = {"label": label, "aliases": aliases, "is_active": is_active}
    if before == after:
        return value
    value.label, value.aliases, value.is_active = label, aliases, is_active
    value.save(update_fields=["label", "aliases", "is_active"])
    audit.record("code.edited", value, by=by, before=before, after=after)
    _announce()
    return value


def _announce() -> None:
    """Read anew in this process now, in the others after COMMIT."""
    labels.forget()
    transaction.on_commit(labels.tell_everybody)
