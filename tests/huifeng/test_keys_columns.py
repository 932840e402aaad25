"""No column that depends on a key is forgotten when keys are changed."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, models, transaction

from huifeng.embedded import roles
from huifeng.keys import columns
from huifeng.sealed import BlindIndexField, KeyedHashField, SealedBytesField, SealedField

SAYS_ITSELF = (SealedField, SealedBytesField, BlindIndexField, KeyedHashField)
OF_NO_KEY = {  # SHA-256 of 256 random bits; of the entries of the audit
    "checkin_api.ApiToken.secret_hash",
    "audit.AuditSeal.marks",
    "audit.AuditSeal.previous",
    "audit.AuditSeal.hash",
    "audit.AuditAnchor.hash",
}
FLOORS = ("huifeng", "communities", "members", "checkin", "services", "demo")
OURS = [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_column_of_bytes_says_what_it_is(model: type[models.Model]) -> None:
    silent = {
        f"{model._meta.label}.{field.name}"
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and not isinstance(field, SAYS_ITSELF)
    }

    assert silent <= OF_NO_KEY


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_every_sealed_column_and_index_is_among_the_tables(model: type[models.Model]) -> None:
    found = {
        field.name
        for table in columns.tables()
        if table.model is model
        for field in (*table.sealed, *table.indexes)
    }
    fields = model._meta.local_concrete_fields

    assert found == {
        field.name for field in fields if isinstance(field, SealedField | SealedBytesField | BlindIndexField)
    }


@pytest.mark.parametrize("table", columns.tables(), ids=lambda table: table.label)
def test_a_table_can_be_sealed_again(table: columns.Table) -> None:
    sealed = {field.name: field for field in table.sealed}

    if getattr(table.model, "APPEND_ONLY", False):  # else the running role could not write it
        written = {(table.model._meta.db_table, field.column) for field in (*table.sealed, *table.indexes)}
        assert written <= set(roles.sealed_columns_of_append_only())
    assert all(field.context for field in table.sealed)
    assert all(index.of in sealed and index.kind for index in table.indexes)
    assert all(index.null for index in table.indexes)
    assert table.model._meta.local_concrete_fields[0].primary_key  # no parent table holds part of the row


def test_what_was_known_when_this_was_written_is_found() -> None:
    found = {
        f"{table.label}.{field.name}"
        for table in columns.tables()
        for field in (*table.sealed, *table.indexes)
    }

    assert {
        "members_people.Retiree.id_number",
        "members_people.Retiree.id_index",
        "members_roster.ImportRow.old_phone",
        "jobs.StoredFile.content",
        "texts.Text.words",
        "accounts.User.phone_index",
        "checkin_proposals.ChangeProposal.new_sealed",
        "checkin_sync.Webhook.old_secret",
    } <= found
    assert set(columns.fading()) == {
        "members_people.HelperRequest.code_hash",
        "checkin_api.IdempotentRequest.fingerprint",
    }


@pytest.mark.django_db
def test_of_an_append_only_table_the_running_role_writes_the_sealed_column_alone() -> None:
    written = roles.sealed_columns_of_append_only()

    assert written == [("members_exports_exportorder", "filters"), ("services_ledger_entry", "note")]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_exports_exportorder SET filters = filters")
    for column in ("purpose", "by_id", "revealing", "columns"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE members_exports_exportorder SET {column} = {column}")
