"""What the register knows of the people of a roster, and what the roster would change. A few queries for
thousands of rows; nothing is written.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from members.people import fields, registry
from members.people.models import Retiree
from members.units.models import UnitMembership

from . import dates
from .models import ImportRow

# What a roster may say of somebody beyond what the unit owns: the contact side, while nobody else keeps it (P1).
CONTACT = frozenset({
    "phone", "landline", "emergency_name", "emergency_relation", "emergency_phone", "interests", "skills",
    "residence_id", "residence_address", "elsewhere", "living_situation", "health", "mobility",
})  # fmt: skip
PARTIAL = frozenset(["retired_on", "joined_work_on", "party_joined_on", "resettled_on"])
SEALED = frozenset(["id_number", "phone", "emergency_phone"])
_STORED = {field.name for field in ImportRow._meta.concrete_fields} | {"residence_id"}
WRITABLE = tuple(sorted((fields.UNIT_OWNS | CONTACT) & _STORED))
COMPARED = tuple(name for name in WRITABLE if name not in ("id_number", "phone"))


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the register: who, managed by which unit now, and the values a roster may speak of."""

    pk: int
    version: int
    name: str
    unit_id: int | None
    user_id: int | None
    died_on: date | None
    is_restricted: bool
    standing: str
    phone_index: bytes | None
    values: dict[str, Any]

    @property
    def is_claimed(self) -> bool:
        return self.standing == Retiree.Standing.CLAIMED


def look_up(indexes: Collection[bytes]) -> dict[bytes, Known]:
    """The people with these blind indexes of ID numbers; who was merged is found as who stayed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id_index, coalesce(merged_into_id, id) FROM members_people_retiree WHERE id_index = ANY(%s)",
            [list(indexes)],
        )
        found = {bytes(index): pk for index, pk in cursor.fetchall()}
    if not found:
        return {}
    unit = UnitMembership.objects.open().filter(retiree=OuterRef("pk")).values("unit_id")[:1]
    rows = Retiree.objects.filter(pk__in=found.values()).annotate(unit=Subquery(unit))
    people = {
        row["pk"]: Known(
            row["pk"], row["version"], row["name"], row["unit"], row["user_id"], row["died_on"],
            row["is_restricted"], row["standing"], _bytes(row["phone_index"]), row,
        )
        for row in rows.values(
            "pk", "version", "user_id", "died_on", "is_restricted", "standing", "phone_index", "name_pinyin",
            "audit_secret", "unit", *COMPARED,
        )
    }  # fmt: skip
    return {index: people[pk] for index, pk in found.items()}


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def kept_by_others(people: Collection[int]) -> set[int]:
    """Of these people (pks), those whose contact side is not the unit's any more: the person has an account, a
    home in a community, or a check-in. Source: docs/rules.md, P1.
    """
    settled = Retiree.objects.filter(pk__in=people, residence__isnull=False)
    return taken_up(people) | set(settled.values_list("pk", flat=True))


def taken_up(people: Collection[int]) -> set[int]:
    """Of these people (pks), those who have an account or a check-in."""
    kept = set(Retiree.objects.filter(pk__in=people, user__isnull=False).values_list("pk", flat=True))
    for find in registry.held_by_communities:
        kept |= find(people)
    return kept


def differences(known: Known, values: dict[str, Any], *, phone_indexes: Collection[bytes]) -> list[str]:
    """The fields of which a roster says something else than the register. Empty cells say nothing.

    `phone_indexes`: of the roster's phone, under every key in use.
    """
    changed = [
        name for name in COMPARED if name in values and not _same(name, known.values[name], values[name])
    ]
    if phone_indexes and known.phone_index not in phone_indexes:
        changed.append("phone")
    return changed


def _same(name: str, old: Any, new: Any) -> bool:
    if name in PARTIAL:  # "1958-03" says nothing against "1958-03-01"
        return bool(old) and dates.same(old, new) and len(new) <= len(old)
    if name == "interests":
        return set(old) == set(new)
    return bool(old == new)


def namesakes(unit_ids: Collection[int], people: Collection[tuple[str, date]]) -> dict[tuple[str, date], int]:
    """Members of these units with one of these names and birth dates: likely the same person twice."""
    if not people or not unit_ids:
        return {}
    names, births = zip(*people, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.name, r.birth_date, min(r.id) FROM unnest(%s::text[], %s::date[]) AS asked (name, birth)"
            " JOIN members_people_retiree r ON r.name = asked.name AND r.birth_date = asked.birth"
            " JOIN members_units_unitmembership m ON m.retiree_id = r.id AND m.valid_until IS NULL"
            " WHERE m.unit_id = ANY(%s) AND r.merged_into_id IS NULL GROUP BY 1, 2",
            [list(names), list(births), list(unit_ids)],
        )
        return {(name, birth): pk for name, birth, pk in cursor.fetchall()}


def has_members(unit_id: int) -> bool:
    return UnitMembership.objects.open().filter(unit=unit_id).exists()


def missing_from(batch_id: int, unit_ids: Collection[int]) -> QuerySet[UnitMembership]:
    """Living members of these units whom the file does not name; an import never changes them."""
    named = ImportRow.objects.filter(batch=batch_id, person=OuterRef("retiree_id"))
    return UnitMembership.objects.open().filter(
        ~Exists(named), unit__in=unit_ids, retiree__died_on=None, retiree__merged_into=None
    )
