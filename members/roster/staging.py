"""The plan's rows on their way into the table: COPY, a few microseconds a row."""

import json
from dataclasses import dataclass, field
from typing import Any

from huifeng.setwise import copied

from .checking import Person
from .models import ImportRow

Verdict = ImportRow.Verdict
ABOUT = (
    "batch_id", "sheet", "row", "verdict", "person", "version", "unit_id", "other_unit_id", "fields", "before",
    "audited", "notes", "has_warning", "id_index",
)  # fmt: skip
VALUES = tuple(
    str(column.column)
    for column in ImportRow._meta.concrete_fields
    if column.column not in (*ABOUT, "id") and not str(column.column).startswith("old_")
)
LONGEST_NAME = 60


@dataclass(slots=True)
class Staged:
    """A checked row with its verdict; `person_id` is who it is, or will be."""

    person: Person
    unit_id: int | None
    id_index: bytes | None
    person_id: int | None
    verdict: str = ""
    version: int | None = None
    other_unit_id: int | None = None
    fields: list[str] = field(default_factory=list)
    before: dict[str, Any] | None = None
    audited: dict[str, Any] | None = None
    has_warning: bool = False


def copy(batch_id: int, rows: list[Staged]) -> None:
    """Write the rows. Of a row that will not be written only the name is kept, nothing of the ID number or phone."""
    with copied(ImportRow._meta.db_table, (*ABOUT, *VALUES)) as out:
        for row in rows:
            out.write_row(_columns(batch_id, row))


def _columns(batch_id: int, row: Staged) -> list[Any]:
    person, values = row.person, row.person.values
    about = [
        batch_id, person.sheet[:LONGEST_NAME], person.row, row.verdict, row.person_id, row.version, row.unit_id,
        row.other_unit_id, _array(row.fields), _json(row.before),
        _json(row.audited), _notes(person), row.has_warning,
    ]  # fmt: skip
    about.append(row.id_index if values.get("id_number") and row.verdict in ImportRow.WRITTEN else None)
    if row.verdict in ImportRow.WRITTEN:
        interests = values.get("interests")
        if interests is not None:
            values["interests"] = _array(interests)
        return [*about, *map(values.get, VALUES)]
    name = str(values.get("name", ""))[:LONGEST_NAME]
    return about + [name if column == "name" else None for column in VALUES]


def _array(codes: list[str]) -> str:
    """An array of codes and field names, which need no quotes, as COPY takes it; quicker than a list."""
    return f"{{{','.join(codes)}}}"


def _notes(person: Person) -> str | None:
    if not person.notes:
        return None
    return json.dumps([note.as_json() for note in person.notes], ensure_ascii=False)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)
