"""Writing as many rows as there are in one statement (INSERT … SELECT), for acts on thousands of people."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet


def insert_from(model: type[Model], fields: Sequence[str], rows: QuerySet[Any, Any]) -> int:
    """Insert what `rows`, a values_list in the order of `fields`, finds; returns how many.

    No row comes to Python, so defaults of `fields` left out do not apply: name every column that is needed.
    Audit and events written this way stand in the caller's transaction like any other.
    """
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(model._meta.get_field(name).column)) for name in fields)  # type: ignore[union-attr]
    try:
        query, params = rows.query.sql_with_params()
    except EmptyResultSet:  # a condition nothing can meet, such as pk__in=[]
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {query}", params)
        return int(cursor.rowcount)


@contextlib.contextmanager
def copied(table: str, columns: Sequence[str] = ()) -> Iterator[Any]:
    """A COPY into `table`, all its columns if none are named: `with copied(…) as out: out.write_row(…)`.

    PostgreSQL does not COPY into a table under row-level security: the rows go to a table of this session first and
    are inserted from there, in one statement, under the scope of the caller. Needs a transaction.
    """
    quote = connection.ops.quote_name
    names = ", ".join(map(quote, columns))
    beside, listed = quote(f"copied_{table}"), f"({names})" if names else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE {beside} AS SELECT {names or '*'} FROM {quote(table)} WITH NO DATA"
        )
        with cursor.copy(f"COPY {beside} FROM STDIN") as out:
            yield out
        cursor.execute(f"INSERT INTO {quote(table)} {listed} SELECT * FROM {beside}")
        cursor.execute(f"DROP TABLE {beside}")
