"""Sealing again what is not sealed with the newest key, and making blind indexes anew: one pass over one table.

Runs beside people who work. A batch is one transaction: it takes, in the order of the keys, the rows nobody else has
locked, reads the values under the lock and writes what the same values look like under the newest keys. It never
waits while it holds rows, so nobody ever deadlocks with it; rows that were locked are done one by one afterwards,
waiting. What was done stays done: whoever kills it and starts it again goes on where it stopped.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from huifeng.keyring import HEADER
from huifeng.sealed import blind_index, seal_bytes, unseal_bytes

from .columns import Table

logger = logging.getLogger(__name__)

BATCH = 500  # rows: locked for some ten milliseconds
ONE_FILE = 1  # up to 64 MiB each

type Values = tuple[bytes | None, ...]
type Tell = Callable[[int], None]


@dataclass
class Done:
    """What a pass did, in values, and the rows it could not do: how many, by what stands in the way."""

    resealed: int = 0
    reindexed: int = 0
    left: dict[str, int] = field(default_factory=dict)

    def __iadd__(self, other: "Done") -> "Done":
        self.resealed += other.resealed
        self.reindexed += other.reindexed
        return self

    def leave(self, table: Table, why: str, pk: Any) -> None:
        logger.error("row %s of %s stays under an old key: %s", pk, table.label, why)
        name = f"{table.label} {why}"
        self.left[name] = self.left.get(name, 0) + 1

    @property
    def nothing(self) -> bool:
        return not (self.resealed or self.reindexed)


def rotate_table(table: Table, tell: Tell = lambda rows: None) -> Done:
    """Go over the table once, in the order of its keys. `tell`: called with the number of rows looked at so far."""
    done, looked_at = Done(), 0
    for rows, stale in _batches(table):
        looked_at += rows
        taken = _do(table, stale, done, skip=True) if stale else set()
        for pk in (pk for pk in stale if pk not in taken):
            _do(table, [pk], done, skip=False)
        tell(looked_at)
    return done


def _batches(table: Table) -> Iterator[tuple[int, list[Any]]]:
    """(rows looked at, keys of those that need something), batch by batch, read without a lock.

    A sealed value says itself which key it has; an index does not, so tables with one are read whole.
    """
    columns = (*table.sealed, *table.indexes)
    pk, last = _name(table.model._meta.pk), None
    read = ", ".join(map(_name, columns)) if table.indexes else "NULL"
    needs = " OR ".join(
        f"{_name(f)} IS NOT NULL"
        if table.indexes
        else f"substring({_name(f)} FROM 1 FOR {HEADER}) <> %(header)s"
        for f in columns
    )
    size = ONE_FILE if any(getattr(f, "is_file", False) for f in table.sealed) else BATCH
    while True:
        further = f"AND {pk} > %(last)s" if last is not None else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {pk}, {read} FROM {_table(table)} WHERE ({needs}) {further} ORDER BY {pk} LIMIT {size}",
                {"header": settings.FIELD_KEYS[0].header, "last": last},
            )
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield (
            len(rows),
            [key for key, *values in rows if not table.indexes or _is_stale(table, _bytes(values))],
        )


def _is_stale(table: Table, values: Values) -> bool:
    header = settings.FIELD_KEYS[0].header
    sealed = values[: len(table.sealed)]
    if any(value is not None and value[:HEADER] != header for value in sealed):
        return True
    try:
        return _renewed(table, values) != values
    except InvalidTag:
        return True  # named with its key when it is taken up


def _renewed(table: Table, values: Values) -> Values:
    """The same values under the newest keys; what is under them already is the same bytes. Raises InvalidTag."""
    header = settings.FIELD_KEYS[0].header
    sealed: list[bytes | None] = []
    texts: dict[str, str] = {}
    sources = {index.of for index in table.indexes}
    for column, value in zip(table.sealed, values, strict=False):
        if value is None:
            sealed.append(None)
            continue
        is_new = value[:HEADER] == header
        content = unseal_bytes(value, column.context) if not is_new or column.name in sources else b""
        if column.name in sources:
            texts[column.name] = content.decode()
        sealed.append(value if is_new else seal_bytes(content, column.context))
    # an index whose value is gone finds nobody and goes, too
    made = [blind_index(texts[i.of], i.kind) if texts.get(i.of) else None for i in table.indexes]
    return (*sealed, *made)


def _do(table: Table, pks: list[Any], done: Done, *, skip: bool) -> set[Any]:
    """Renew these rows in one transaction; the keys of those it got hold of. `skip`: leave what others have locked.

    FOR UPDATE and not less: a blind index may be part of a unique key, and writing it would have to wait for whoever
    adds a row that points here.
    """
    columns = (*table.sealed, *table.indexes)
    pk = _name(table.model._meta.pk)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {pk}, {', '.join(map(_name, columns))} FROM {_table(table)} WHERE {pk} = ANY(%s)"
            f" ORDER BY {pk} FOR UPDATE {'SKIP LOCKED' if skip else ''}",
            [pks],
        )
        rows = {row[0]: _bytes(row[1:]) for row in cursor.fetchall()}
        changed = dict(_changed(table, rows.items(), done))
        try:
            with transaction.atomic():
                _write(table, changed)
        except IntegrityError:
            if len(changed) > 1:  # one of them: which one shows when each is done alone
                return set()
            done.leave(table, "clash", pks[0])
            return set(rows)
        for key, new in changed.items():
            _count(table, rows[key], new, done)
    return set(rows) if skip else set(pks)


def _changed(table: Table, rows: Iterable[tuple[Any, Values]], done: Done) -> Iterator[tuple[Any, Values]]:
    for pk, values in rows:
        try:
            new = _renewed(table, values)
        except InvalidTag as error:
            done.leave(table, f"does not open ({error or 'changed, or sealed with a key that is gone'})", pk)
            continue
        if new != values:
            yield pk, new


def _write(table: Table, changed: dict[Any, Values]) -> None:
    """One statement; neither version nor time of change moves on: the values are the same."""
    if not changed:
        return
    columns = (*table.sealed, *table.indexes)
    meta = table.model._meta
    assert meta.pk is not None
    names = [f"c{place}" for place in range(len(columns))]
    sets = ", ".join(f"{_name(column)} = v.{name}" for column, name in zip(columns, names, strict=True))
    arrays = f"%s::{meta.pk.rel_db_type(connection)}[]" + ", %s::bytea[]" * len(columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_table(table)} t SET {sets} FROM unnest({arrays}) AS v (pk, {', '.join(names)})"
            f" WHERE t.{_name(meta.pk)} = v.pk",
            [
                list(changed),
                *([values[place] for values in changed.values()] for place in range(len(columns))),
            ],
        )


def _count(table: Table, old: Values, new: Values, done: Done) -> None:
    differs = [one != other for one, other in zip(old, new, strict=True)]
    done.resealed += sum(differs[: len(table.sealed)])
    done.reindexed += sum(differs[len(table.sealed) :])


def _bytes(row: Iterable[Any]) -> Values:
    return tuple(None if value is None else bytes(value) for value in row)


def _table(table: Table) -> str:
    return connection.ops.quote_name(table.model._meta.db_table)


def _name(column: Any) -> str:
    return connection.ops.quote_name(str(column.column))
