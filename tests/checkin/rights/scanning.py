"""Everything that is kept, as text: every column of every table, sealed ones opened, sessions, and every file."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from pypdf import PdfReader

from huifeng.accounts.sessions import SessionStore
from huifeng.sealed import SealedBytesField, SealedField, unseal_bytes


def everything() -> Iterator[tuple[str, str]]:
    """(where, text) of all there is."""
    yield from _tables()
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, SealedField | SealedBytesField):
                yield from _sealed(model, field)
    for data in _column("accounts_session", "session_data"):
        yield "accounts_session.session_data", str(SessionStore().decode(data))
    for path in Path(settings.FILES).rglob("*"):
        if path.is_file():
            yield str(path), text_of(path.read_bytes())


def found(*texts: str) -> list[str]:
    """Where one of `texts` stands."""
    looked_for = [(text, text.encode().hex()) for text in texts if text]
    return sorted(
        {
            f"{where}: {text}"
            for where, content in everything()
            for text, as_hex in looked_for
            if text in content or as_hex in content
        }
    )


def _tables() -> Iterator[tuple[str, str]]:
    """Tables as PostgreSQL knows them, not as our models do: what nobody thought of is read too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        columns = cursor.fetchall()
    for table, column in columns:
        for value in _column(table, column):
            yield f"{table}.{column}", str(value)


def _column(table: str, column: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
        return [value for (value,) in cursor.fetchall()]


def _sealed(model: Any, field: Any) -> Iterator[tuple[str, str]]:
    where = f"{model._meta.db_table}.{field.column} (opened)"
    for value in model._base_manager.values_list(field.name, flat=True):
        if not value:
            continue
        yield where, value if isinstance(value, str) else text_of(unseal_bytes(bytes(value), field.context))


def text_of(content: bytes) -> str:
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    if content[:5] == b"%PDF-":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode("utf-8", "replace")
