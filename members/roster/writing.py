"""Writing a plan into the register: a dozen statements for any number of people, in the caller's transaction.

The caller holds the batch, has asked permission and writes the batch's own audit entry. Locks: people in pk order,
then the units (rules P3).
"""

from itertools import batched
from typing import Any

from django.db import IntegrityError, connection, models
from django.utils import timezone

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.middleware import request_id
from huifeng.sealed import BlindIndexField, hold_index, in_use
from members.people.actions import changing, confirm_standing
from members.people.models import Retiree
from members.units.models import UnitMembership

from . import register, registry
from .models import ImportBatch, ImportRow

ROWS = ImportRow._meta.db_table
PEOPLE = Retiree._meta.db_table
DERIVED = {"name": ("name_pinyin",), "phone": ("phone_index", "phone_tail")}
FIXED = {  # what a new person has that no roster says
    "standing": "'roster'",
    "retired_before_scheme": "false",
    "statistics_flag": "true",
    "is_restricted": "false",
    "audit_secret": "gen_random_uuid()",
    "version": "1",
    "needs": "'{}'",
    "created_at": "now()",
    "updated_at": "now()",
}
NEW = "p.batch_id = %(batch)s AND p.verdict = 'new' AND p.version IS NULL"
CHANGED = "p.batch_id = %(batch)s AND p.verdict = 'changed'"
TAKEN = "您查看之后，有人登记了其中一位老同志的身份证号"
# the values before as the audit may keep them: what tells who somebody is, sealed
BEFORE = "((p.before - 'name_pinyin') || coalesce(p.audited -> 'before', '{}'::jsonb))"
SEALED = "('id_number', 'phone', 'emergency_phone')"


def write(batch: ImportBatch, *, by: User) -> None:
    """Make the planned rows true. Raises RuleBroken (stale) when the register has moved on since the plan, or when
    `by` is in it.
    """
    _lock_people(batch)
    _require_others_contact_untouched(batch)
    _require_not_about(batch, by)
    values: dict[str, Any] = {
        "batch": batch.pk,
        "number": batch.number,
        "by": by.pk,
        "actor": by.display_name,
    }
    values |= {"today": timezone.localdate(), "request": request_id.get()}
    with connection.cursor() as cursor:
        _require_new_numbers(batch)
        _insert_new(cursor, values)
        _lock_units(batch)  # after the people, as everywhere
        _insert_memberships(cursor, values)
        cursor.execute(_keep_old_numbers(), values)
        cursor.execute(_update_changed(), values)
        cursor.execute(audit_of("retiree.enrolled", NEW, "NULL::jsonb", "'{}'::jsonb"), values)
        cursor.execute(audit_of("retiree.corrected", CHANGED, BEFORE, _after()), values)
    _take_over(batch, by=by)
    for follow in registry.on_written:
        follow(batch, by)


def _stale(words: str) -> RuleBroken:
    return RuleBroken(f"{words}，计划已经过时，什么也没有写。请点“重新检查”，看过再导入。", code="stale")


def _lock_people(batch: ImportBatch) -> None:
    """Hold everybody the plan speaks of who is in the register, and see that they are as they were."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FILTER (WHERE r.version <> p.version) FROM {ROWS} p JOIN"
            f" (SELECT id, version FROM {PEOPLE} WHERE id IN (SELECT person FROM {ROWS}"
            "   WHERE batch_id = %(batch)s AND verdict IN ('new', 'changed') AND version IS NOT NULL)"
            "   ORDER BY id FOR NO KEY UPDATE) r ON r.id = p.person"
            " WHERE p.batch_id = %(batch)s AND p.verdict IN ('new', 'changed') AND p.version IS NOT NULL",
            {"batch": batch.pk},
        )
        moved = cursor.fetchone()[0]
        if moved:
            raise _stale(f"您查看之后，有 {moved} 位老同志的资料被别人改过")
        cursor.execute(
            f"SELECT count(*) FROM {ROWS} p WHERE {CHANGED} AND NOT EXISTS (SELECT 1 FROM"
            f" {UnitMembership._meta.db_table} m WHERE m.retiree_id = p.person AND m.valid_until IS NULL"
            " AND m.unit_id = p.unit_id)",
            {"batch": batch.pk},
        )
        moved = cursor.fetchone()[0]
        if moved:
            raise _stale(f"您查看之后，有 {moved} 位老同志换了单位")


def _require_others_contact_untouched(batch: ImportBatch) -> None:
    """An account or a check-in does not change the person's version, but whose the phone and address are (P1)."""
    rows = batch.rows.filter(
        verdict__in=ImportRow.WRITTEN, version__isnull=False, fields__overlap=sorted(register.CONTACT)
    )
    people = [pk for pk in rows.values_list("person", flat=True) if pk is not None]
    moved = register.kept_by_others(people)
    if moved:
        raise _stale(
            f"您查看之后，有 {len(moved)} 位老同志自己登录或在社区报到了，电话、住址改由本人或社区管理"
        )


def _require_not_about(batch: ImportBatch, by: User) -> None:
    """Who approves may be another than who sent the file. Source: docs/rules.md, P12."""
    people = batch.rows.filter(verdict__in=ImportRow.WRITTEN, version__isnull=False)
    if Retiree.objects.filter(user=by, pk__in=people.values("person")).exists():
        raise RuleBroken("这份名册里有您本人，请同事或老干部局来确认导入。", code="oneself")
    vouched = people.filter(verdict=ImportRow.Verdict.NEW)
    if by.helping.filter(ended_at=None, retiree__in=vouched.values("person")).exists():
        raise RuleBroken("这份名册里有您帮办的老同志，请同事或老干部局来确认导入。", code="oneself")


def _lock_units(batch: ImportBatch) -> None:
    units = batch.rows.filter(verdict__in=ImportRow.WRITTEN).values("unit_id").distinct()
    locked = (
        Organisation.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=units).order_by("pk")
    )
    closed = [unit.name for unit in locked if unit.closed_on is not None]
    if closed:
        raise RuleBroken(f"“{closed[0]}”已经撤销，不能再导入名册，请导入承接单位。", code="unit_closed")


def _require_new_numbers(batch: ImportBatch) -> None:
    """While several index keys are in use the constraint sees only part of the numbers (docs/decisions/0009)."""
    if not hold_index("id_number"):
        return
    index = Retiree._meta.get_field("id_index")
    assert isinstance(index, BlindIndexField)
    new = batch.rows.filter(verdict=ImportRow.Verdict.NEW, version=None).order_by("pk")
    for numbers in batched(new.values_list("id_number", flat=True).iterator(), 2_000, strict=False):
        if in_use(Retiree.objects.all(), index, [number for number in numbers if number]):
            raise _stale(TAKEN)


def _insert_new(cursor: Any, values: dict[str, Any]) -> None:
    """The new people. An ID number that came in meanwhile ends it.

    In the order of the ID numbers' indexes: two imports that bring the same people never wait for each other.
    """
    columns, expressions = zip(*_new_person(), strict=True)
    try:
        cursor.execute(
            f"INSERT INTO {PEOPLE} ({', '.join(columns)}) SELECT {', '.join(expressions)} FROM {ROWS} p"
            f" JOIN {Organisation._meta.db_table} o ON o.id = p.unit_id WHERE {NEW} ORDER BY p.id_index",
            values,
        )
    except IntegrityError as error:
        if "retiree_id_number_once" in str(error):
            raise _stale(TAKEN) from error
        raise


def _insert_memberships(cursor: Any, values: dict[str, Any]) -> None:
    cursor.execute(
        f"INSERT INTO {UnitMembership._meta.db_table} (retiree_id, unit_id, valid_from, cause, document)"
        f" SELECT p.person, p.unit_id, %(today)s, 'roster', '' FROM {ROWS} p WHERE {NEW} ORDER BY p.person",
        values,
    )


def _new_person() -> list[tuple[str, str]]:
    """(column, expression) of every column of a new person; what the roster leaves out is empty."""
    staged = {field.column for field in ImportRow._meta.concrete_fields}
    found = []
    for field in Retiree._meta.concrete_fields:
        column = str(field.column)
        if column == "id":
            expression = "p.person"
        elif column == "original_unit":
            expression = "coalesce(p.original_unit, o.name)"
        elif column in FIXED:
            expression = FIXED[column]
        elif column not in staged:
            expression = "NULL" if field.null else "''"
        elif column == "interests":
            expression = "coalesce(p.interests, '{}')"
        elif isinstance(field, models.CharField) and not field.null:
            expression = f"coalesce(p.{column}, '')"
        else:
            expression = f"p.{column}"
        found.append((column, expression))
    return found


def _keep_old_numbers() -> str:
    """Sealed values as they were, so that undo can put them back without reading them."""
    return (
        f"UPDATE {ROWS} p SET old_phone = r.phone, old_phone_index = r.phone_index, old_phone_tail = r.phone_tail,"
        f" old_emergency_phone = r.emergency_phone FROM {PEOPLE} r WHERE r.id = p.person AND {CHANGED}"
        " AND p.fields && ARRAY['phone', 'emergency_phone']::varchar[]"
    )


def _update_changed() -> str:
    sets = [
        f"{column} = CASE WHEN '{name}' = ANY(p.fields) THEN p.{column} ELSE r.{column} END"
        for name in register.WRITABLE
        for column in (name, *DERIVED.get(name, ()))
        if name != "id_number"
    ]
    return (
        f"UPDATE {PEOPLE} r SET {', '.join(sets)}, version = r.version + 1, updated_at = now()"
        f" FROM {ROWS} p WHERE r.id = p.person AND {CHANGED}"
    )


def _after() -> str:
    """The new values as the audit may keep them: of a phone the last four digits."""
    return (
        f"coalesce((SELECT jsonb_object_agg(f, to_jsonb(p) -> f) FROM unnest(p.fields) f WHERE f NOT IN {SEALED}),"
        " '{}'::jsonb) || CASE WHEN 'phone' = ANY(p.fields)"
        " THEN jsonb_build_object('phone', '…' || p.phone_tail) ELSE '{}'::jsonb END"
        " || coalesce(p.audited -> 'after', '{}'::jsonb)"
    )


def audit_of(action: str, which: str, before: str, after: str) -> str:
    """One audit entry a person, with the number of the batch."""
    return (
        f"INSERT INTO {AuditEntry._meta.db_table} (at, actor_id, actor, organisation_id, action, target_type,"
        " target_id, before, after, note, request_id)"
        f" SELECT now(), %(by)s, %(actor)s, p.unit_id, '{action}', '{Retiree._meta.label_lower}', p.person::text,"
        f" {before}, {after} || jsonb_build_object('batch', %(number)s::text), '', %(request)s"
        f" FROM {ROWS} p WHERE {which}"
    )


def _take_over(batch: ImportBatch, *, by: User) -> None:
    """People who registered alone, or whose unit is gone: few, so one after the other as at the unit's page."""
    rows = batch.rows.filter(verdict=ImportRow.Verdict.NEW, version__isnull=False).order_by("person")
    for row in rows:
        assert row.person is not None
        assert row.unit_id is not None
        person = Retiree.objects.locked(row.person)
        given = {name: getattr(row, name) for name in row.fields}
        changing.apply(person, given, by=by, action="retiree.corrected")
        confirm_standing(person.pk, row.unit_id, by=by)
