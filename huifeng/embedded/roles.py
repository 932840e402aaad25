"""Two database roles: the owner changes the schema, `huifeng_app` runs and can change rows only.

The application role owns nothing, passes under row-level security (huifeng/rowscope), and may only add rows to
tables whose model says `APPEND_ONLY = True`.
"""

import contextlib
from collections.abc import Iterable, Iterator

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.utils import CursorWrapper

from huifeng.embedded.engines import APP
from huifeng.rowscope import policies
from huifeng.sealed import SealedField

EXTENSIONS = ("pg_trgm", "btree_gist")  # both trusted: the owner of the database may create them


@contextlib.contextmanager
def as_owner() -> Iterator[None]:
    """Let this thread's `default` connection be the owner's for the length of the block.

    For what changes the schema. Raises ImproperlyConfigured where the owner's address is not known (the
    running web and workers have no business knowing it), TransactionManagementError inside a transaction.
    """
    if "owner" not in connections:
        raise ImproperlyConfigured(
            "This command needs OWNER_DATABASE_URL, the database address of the owner."
        )
    application = connections[DEFAULT_DB_ALIAS]
    application.validate_no_atomic_block()
    settings = connections["owner"].settings_dict | {"NAME": application.settings_dict["NAME"]}
    owner = type(application)(settings, DEFAULT_DB_ALIAS)
    connections[DEFAULT_DB_ALIAS] = owner
    try:
        yield
    finally:
        owner.close()
        connections[DEFAULT_DB_ALIAS] = application


def create_extensions() -> None:
    """Create the extensions every room may rely on; safe to repeat. Runs as the owner."""
    with as_owner(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        for name in EXTENSIONS:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")


def append_only_tables() -> list[str]:
    """Tables of the models that say `APPEND_ONLY = True`."""
    return sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "APPEND_ONLY", False))


def sealed_columns_of_append_only() -> list[tuple[str, str]]:
    """(table, column) of sealed values in append-only tables: the same value must be sealed again with a new key.

    The one exception to append-only. Who uses it without a key of ours can make a value unreadable, not another one
    of their own.
    """
    return sorted(
        (model._meta.db_table, str(field.column))
        for model in apps.get_models()
        if getattr(model, "APPEND_ONLY", False)
        for field in model._meta.local_concrete_fields
        if isinstance(field, SealedField)
    )


def erasures() -> list[str]:
    """Functions by which the running role empties columns of append-only rows, and can write nothing of its own.

    A model says `ERASED`: column -> the SQL of what becomes of it. `erase_<table>(ids)` does it. Only a person whose
    data is erased by law is a reason to call it (docs/security.md, Erasure).
    """
    made = []
    for model in apps.get_models():
        table, erased = model._meta.db_table, getattr(model, "ERASED", None)
        if not erased:
            continue
        sets = ", ".join(f"{column} = {value}" for column, value in erased.items())
        made += [
            f"CREATE OR REPLACE FUNCTION erase_{table}(ids bigint[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER"
            f" SET search_path = public, pg_temp AS $$BEGIN UPDATE {table} SET {sets} WHERE id = ANY(ids); END$$",
            f"REVOKE ALL ON FUNCTION erase_{table} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION erase_{table} TO {APP}",
        ]
    return made


def grant_app_role() -> list[str]:
    """Give the application role what it needs on every table that is there now, and the policies that say which
    rows; safe to repeat.

    Runs as the owner, in one transaction. Returns the append-only tables.
    """
    with as_owner(), transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP}")
        tables = append_only_tables()
        for parts in _with_partitions(cursor, tables).values():
            for table in parts:
                cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {APP}")
        for table, column in sealed_columns_of_append_only():
            cursor.execute(f"GRANT UPDATE ({column}) ON {table} TO {APP}")
        for statement in erasures():
            cursor.execute(statement)
        for statement in policies.statements(_with_partitions(cursor, policies.conditions()), APP):
            cursor.execute(statement)
    return tables


def _with_partitions(cursor: CursorWrapper, tables: Iterable[str]) -> dict[str, list[str]]:
    """The tables that are there, each with its partitions, which have rights and policies of their own."""
    cursor.execute(
        "SELECT named, array_agg(DISTINCT part) FROM unnest(%s::text[]) AS named,"
        " LATERAL (SELECT to_regclass(quote_ident(named))::text UNION"
        "  SELECT relid::regclass::text FROM pg_partition_tree(to_regclass(quote_ident(named)))) AS parts(part)"
        " WHERE part IS NOT NULL GROUP BY named",
        [list(tables)],
    )
    return dict(cursor.fetchall())
