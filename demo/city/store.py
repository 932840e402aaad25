"""Rows on their way to the database: each gets its id when it is made, all are written by COPY at the end.

Making a model instance in the usual way costs more than writing the row, so both kinds of row here begin as a
copy: `new` gives an instance, `Store.put` keeps plain values for rows that nobody looks at again.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models.base import ModelState

from huifeng.sealed import SealedField, seal
from huifeng.setwise import copied

PREPARED = (models.JSONField, SealedField, models.BinaryField, ArrayField)


@cache
def _defaults(model: type[models.Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """What a new row holds, by attribute name, and what must be made anew for each row."""
    plain: dict[str, Any] = {}
    made: list[tuple[str, Callable[[], Any]]] = []
    for field in model._meta.concrete_fields:
        if field.has_default() and callable(field.default):
            made.append((field.attname, field.default))
            plain[field.attname] = None
        else:
            plain[field.attname] = field.get_default()
    return plain, made


def new[M: models.Model](model: type[M], **values: Any) -> M:
    """An instance of `model` with `values` by field name, several times faster than Model()."""
    plain, made = _defaults(model)
    row = model.__new__(model)
    row._state = ModelState()
    known = row.__dict__
    known.update(plain)
    for name, value in values.items():
        if isinstance(value, models.Model):
            point(row, name, value)
        else:
            known[name] = value
    for name, make in made:
        if known[name] is None:
            known[name] = make()
    return row


def point(row: models.Model, name: str, target: models.Model | None) -> None:
    """Let the foreign key `name` of `row` point to `target`."""
    row.__dict__[f"{name}_id"] = None if target is None else target.pk
    row._state.fields_cache[name] = target


def next_id(model: type[models.Model]) -> int:
    """The id the sequence gives next. One filler at a time: `Store.write` takes the ids after it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [model._meta.db_table])
        return int(cursor.fetchone()[0])


class Store:
    """Everything that will be written, by model."""

    def __init__(self, first_id: Callable[[type[models.Model]], int] = next_id):
        self.first_id = first_id
        self.rows: dict[type[models.Model], list[Any]] = {}
        self._next: dict[type[models.Model], int] = {}

    def add[M: models.Model](self, row: M) -> M:
        """Keep `row`; it has its id from now on, unless its key is not a number of ours."""
        model = type(row)
        if row.pk is None:
            row.pk = self._take_id(model)
        self.rows.setdefault(model, []).append(row)
        return row

    def put(self, model: type[models.Model], **values: Any) -> int:
        """Keep a row of plain `values` by attribute name (`retiree_id`); returns its id."""
        plain, made = _defaults(model)
        row = {**plain, **values}
        for name, make in made:
            if row[name] is None:
                row[name] = make()
        number = row["id"] = self._take_id(model)
        self.rows.setdefault(model, []).append(row)
        return number

    def _take_id(self, model: type[models.Model]) -> int:
        number = self._next.get(model)
        if number is None:
            number = self.first_id(model)
        self._next[model] = number + 1
        return number

    def of[M: models.Model](self, model: type[M]) -> list[M]:
        return self.rows.get(model, [])

    def write(self, order: list[type[models.Model]], say: Callable[[str], None]) -> None:
        """COPY every row, models in `order`, and move the sequences past the ids that were given out."""
        missing = set(self.rows) - set(order)
        assert not missing, f"not in the order of writing: {missing}"
        with connection.cursor() as cursor:
            for model in order:
                rows = self.rows.get(model, [])
                if not rows:
                    continue
                _copy(model, rows)
                if model in self._next:
                    cursor.execute(
                        "SELECT count(nextval(pg_get_serial_sequence(%s, 'id'))) FROM generate_series(1, %s)",
                        [model._meta.db_table, len(rows) - 1],
                    )
                say(f"{model._meta.verbose_name}: {len(rows)}")


def _copy(model: type[models.Model], rows: list[Any]) -> None:
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    with copied(model._meta.db_table, [str(field.column) for field in fields]) as copy:
        for values in _values(fields, rows):
            copy.write_row(values)


def _values(fields: list[Any], rows: list[Any]) -> Iterator[list[Any]]:
    names = [field.attname for field in fields]
    special = [(place, _writer(field)) for place, field in enumerate(fields) if isinstance(field, PREPARED)]
    for row in rows:
        known = row if isinstance(row, dict) else row.__dict__
        values = [known[name] for name in names]
        for place, write in special:
            values[place] = write(values[place])
        yield values


def _writer(field: Any) -> Callable[[Any], Any]:
    if isinstance(field, SealedField):
        context = field.context
        return lambda value: seal(value, context) if value else None
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, ensure_ascii=False)
    if isinstance(field, models.BinaryField):
        return lambda value: None if value is None else bytes(value)
    return lambda value: value
