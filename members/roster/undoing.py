"""Taking an import back within a day: who was entered goes, who was changed is as before, except whoever has
been touched since. In the caller's transaction, set statements only.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import CASCADE, ForeignObjectRel

from huifeng.accounts.models import User
from huifeng.middleware import request_id
from members.people.models import Retiree
from members.units.models import UnitMembership

from . import register, writing
from .models import ImportBatch, ImportRow

LOCKED = (
    f"SELECT id, version, user_id FROM {writing.PEOPLE} WHERE id IN (SELECT person FROM {writing.ROWS}"
    " WHERE batch_id = %s AND verdict IN ('new', 'changed')) ORDER BY id FOR UPDATE"
)


@dataclass(frozen=True)
class Undone:
    """How many people were removed, put back as they were, and left because something happened since."""

    removed: int
    restored: int
    kept: list[int]


def undo(batch: ImportBatch, *, by: User) -> Undone:
    """Take back what `batch` wrote. `kept`: pks of the people left alone."""
    with connection.cursor() as cursor:
        cursor.execute(LOCKED, [batch.pk])
        now = {pk: (version, user_id) for pk, version, user_id in cursor.fetchall()}
    written = batch.rows.filter(verdict__in=ImportRow.WRITTEN).values_list("person", "verdict", "version")
    rows = [(pk, verdict, version) for pk, verdict, version in written if pk is not None]
    entered = {pk for pk, _, version in rows if version is None}
    changed = {
        pk: version for pk, verdict, version in rows if version and verdict == ImportRow.Verdict.CHANGED
    }
    untouched = {pk for pk in entered if now.get(pk) == (1, None)}
    removable = sorted(untouched - _referred_to(untouched, batch))
    unchanged = {pk for pk, version in changed.items() if now.get(pk, (0,))[0] == version + 1}
    restorable = sorted(unchanged - _contact_taken_up(unchanged, batch))
    kept = sorted({pk for pk, _, _ in rows} - set(removable) - set(restorable))
    values = {
        "batch": batch.pk, "number": batch.number, "by": by.pk, "actor": by.display_name, "removable": removable,
        "restorable": restorable, "request": request_id.get(),
    }  # fmt: skip
    with connection.cursor() as cursor:
        _put_back(cursor, values)
        _remove(cursor, values)
    return Undone(len(removable), len(restorable), kept)


def _referred_to(people: set[int], batch: ImportBatch) -> set[int]:
    """Of these people, those something else points to by now: a check-in, an account's helper, a second unit.

    What says CASCADE (a suspected duplicate) is nothing without the person and holds nobody.
    """
    found: set[int] = set()
    for relation in _relations():
        if relation.on_delete is CASCADE:
            continue
        rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": people})
        if relation.related_model is UnitMembership:
            assert batch.applied_at is not None
            rows = rows.exclude(cause=UnitMembership.Cause.ROSTER, valid_until=None)
        found |= set(rows.values_list(relation.field.attname, flat=True))
    return found


def _relations() -> list[ForeignObjectRel]:
    """Everything that points to people, in whichever room."""
    fields = Retiree._meta.get_fields(include_hidden=True)
    return [field for field in fields if isinstance(field, ForeignObjectRel)]


def _contact_taken_up(people: set[int], batch: ImportBatch) -> set[int]:
    """Of these people, those whose phone or address the import brought and who have an account or a check-in now:
    it is theirs, even if nobody has changed it yet (P1).
    """
    rows = batch.rows.filter(person__in=people, fields__overlap=sorted(register.CONTACT))
    return register.taken_up([pk for pk in rows.values_list("person", flat=True) if pk is not None])


def _put_back(cursor: Any, values: dict[str, Any]) -> None:
    sets = []
    for name in register.WRITABLE:
        if name == "id_number":
            continue
        if name == "phone":
            for column in ("phone", "phone_index", "phone_tail"):
                sets.append(_restored(column, "phone", f"p.old_{column}"))
        elif name in register.SEALED:
            sets.append(_restored(name, name, f"p.old_{name}"))
        else:
            sets.append(_restored(name, name, _from_json(name)))
    sets.append(_restored("name_pinyin", "name", "p.before ->> 'name_pinyin'"))
    where = f"{writing.CHANGED} AND p.person = ANY(%(restorable)s)"
    cursor.execute(
        f"UPDATE {writing.PEOPLE} r SET {', '.join(sets)}, version = r.version + 1, updated_at = now()"
        f" FROM {writing.ROWS} p WHERE r.id = p.person AND {where}",
        values,
    )
    cursor.execute(writing.audit_of("retiree.import_undone", where, "NULL::jsonb", writing.BEFORE), values)


def _restored(column: str, name: str, old: str) -> str:
    return f"{column} = CASE WHEN '{name}' = ANY(p.fields) THEN {old} ELSE r.{column} END"


def _from_json(name: str) -> str:
    """The old value of a plain column, out of `before`."""
    field = Retiree._meta.get_field(name.removesuffix("_id"))
    if isinstance(field, ArrayField):
        return (
            f"(SELECT coalesce(array_agg(v), '{{}}') FROM jsonb_array_elements_text(p.before -> '{name}') v)"
        )
    kind = {"DateField": "::date", "BooleanField": "::boolean"}.get(field.get_internal_type(), "")
    return f"(p.before ->> '{name}'){kind}"


def _remove(cursor: Any, values: dict[str, Any]) -> None:
    """Who was entered by mistake leaves the register altogether; the audit keeps that they were there."""
    where = f"{writing.NEW} AND p.person = ANY(%(removable)s)"
    cursor.execute(writing.audit_of("retiree.import_removed", where, "NULL::jsonb", "'{}'::jsonb"), values)
    for relation in _relations():
        if relation.on_delete is CASCADE:
            rows = relation.related_model._base_manager
            rows.filter(**{f"{relation.field.name}__in": values["removable"]}).delete()
    cursor.execute(
        f"DELETE FROM {UnitMembership._meta.db_table} WHERE retiree_id = ANY(%(removable)s)", values
    )
    cursor.execute(f"DELETE FROM {writing.PEOPLE} WHERE id = ANY(%(removable)s)", values)
