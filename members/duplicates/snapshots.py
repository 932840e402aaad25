"""What a row was before a merge, and whether it is still what the merge made of it.

A sealed value never leaves its row: it takes part in the mark (a keyed hash) only. Counters and times of change
(`version`, `updated_at`) count on and are left out; derived columns follow what they are derived from.
"""

import json
from collections.abc import Collection
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import BinaryField, Field, Model

from huifeng.sealed import SealedField, blind_index, is_index_of
from members.people.models import HelperRequest, Retiree

KIND = "person_merge"
DERIVED = frozenset(["version", "updated_at", "phone_tail"])

type Values = dict[str, Any]


def values_of(row: Model) -> Values:
    """The plain values of `row` by attribute name."""
    return {f.attname: getattr(row, f.attname) for f in _columns(row) if not isinstance(f, BinaryField)}


def differing(before: Values, after: Values) -> Values:
    """Of `before` what is another value in `after`."""
    return {name: value for name, value in before.items() if after[name] != value}


def mark(row: Model, names: Collection[str] | None = None) -> str:
    """A keyed hash of the values of `row`, sealed ones too: all of them, or those of `names`."""
    return blind_index(_as_text(row, names), KIND).hex()


def is_mark_of(stored: str, row: Model, names: Collection[str] | None) -> bool:
    """Whether `row` still has the values that `stored` was made of, under whichever key in use."""
    return is_index_of(bytes.fromhex(stored), _as_text(row, names), KIND)


def _as_text(row: Model, names: Collection[str] | None) -> str:
    fields = [f for f in _columns(row) if isinstance(f, SealedField) or not isinstance(f, BinaryField)]
    chosen = {f.attname: getattr(row, f.attname) for f in fields if names is None or f.attname in names}
    if isinstance(row, HelperRequest) and row.state == HelperRequest.State.EXPIRED:
        chosen["state"] = HelperRequest.State.OPEN  # time has passed, nobody has decided anything
    return json.dumps(chosen, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False)


def put_back(row: Model, before: Values) -> None:
    """Set the values that JSON kept. Does not save."""
    columns = {f.attname: f for f in _columns(row)}
    for name, value in before.items():
        setattr(row, name, columns[name].to_python(value))


def entries(rows: list[Model], before: list[Values], exchanged: Collection[str]) -> list[dict[str, Any]]:
    """What an undo needs of each of `rows` that is another now: model, key, the values before, and its mark.

    `rows` begin with the two people, who exchanged the sealed fields `exchanged`. A person may change in other
    ways after a merge, so of people only what the merge wrote is marked; every other row is marked whole.
    """
    named = [{"model": row._meta.label_lower, "pk": row.pk} for row in rows]
    made = []
    for place, (name, was, row) in enumerate(zip(named, before, rows_of(named), strict=True)):
        old = differing(was, values_of(row))
        written = None
        if isinstance(row, Retiree):
            written = sorted({*old, *(exchanged if place < 2 else ())})
        if old or written:
            made.append({**name, "before": old, "written": written, "mark": mark(row, written)})
    return made


def changed_since(kept: list[dict[str, Any]], rows: list[Model]) -> list[str]:
    """The kinds of `rows` of which one is no longer what the merge made of it, in words."""
    other = (
        str(row._meta.verbose_name)
        for entry, row in zip(kept, rows, strict=True)
        if not is_mark_of(entry["mark"], row, entry["written"])
    )
    return list(
        dict.fromkeys("本人资料" if title == Retiree._meta.verbose_name else title for title in other)
    )


def rows_of(kept: list[dict[str, Any]]) -> list[Model]:
    """The rows named by `kept` (model, pk), fresh, in the same order; one query a model. KeyError: one is gone."""
    wanted: dict[str, list[Any]] = {}
    for entry in kept:
        wanted.setdefault(entry["model"], []).append(entry["pk"])
    found = {label: apps.get_model(label)._default_manager.in_bulk(pks) for label, pks in wanted.items()}
    return [found[entry["model"]][entry["pk"]] for entry in kept]


def _columns(row: Model) -> "list[Field[Any, Any]]":
    return [f for f in row._meta.concrete_fields if f.attname not in DERIVED and not f.primary_key]
