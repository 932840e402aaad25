from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from django.db import connection, models, transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Now

from huifeng.accounts.models import User
from huifeng.middleware import request_id
from huifeng.rowscope.scope import as_program, current
from huifeng.setwise import insert_from

from .models import AuditEntry


def record(
    action: str,
    target: models.Model,
    *,
    by: User,
    organisation_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
) -> AuditEntry:
    """Write down who did `action` to `target`, in the caller's transaction: if the act fails, so does the entry.

    `before` and `after` hold only what changed and never an ID number or phone in full.
    Calling it twice writes two entries; callers return early when nothing changed.
    """
    with _eyes_for(by):
        return AuditEntry.objects.create(
            actor_id=by.pk,
            actor=by.display_name,
            organisation_id=organisation_id,
            action=action,
            target_type=target._meta.label_lower,
            target_id=str(target.pk),
            before=before,
            after=after,
            note=note,
            request_id=request_id.get(),
        )


def _eyes_for(by: User) -> AbstractContextManager[None]:
    """Everybody sees entries of their own; others, as at a login, are the program's to write."""
    return (
        nullcontext()
        if current().user_id == by.pk
        else as_program("what is written down about somebody else")
    )


@contextmanager
def of_looks() -> Iterator[None]:
    """Around entries that say only that somebody looked, on pages that write nothing else: COMMIT does not wait for
    the disk, which would cost a page more than all its queries. What a crash of the database may take is the last
    half second of looks; a seal is waited for, and with it everything before. Inside a transaction it changes nothing.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")
        yield


def record_each(
    action: str,
    model: type[models.Model],
    keys: Iterable[object],
    *,
    by: User,
    organisation_id: int | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
) -> None:
    """The same act on many rows of `model`: an entry for each, in the caller's transaction, in few statements."""
    entries = [
        AuditEntry(
            actor_id=by.pk,
            actor=by.display_name,
            organisation_id=organisation_id,
            action=action,
            target_type=model._meta.label_lower,
            target_id=str(key),
            after=after,
            note=note,
            request_id=request_id.get(),
        )
        for key in keys
    ]
    with _eyes_for(by):
        AuditEntry.objects.bulk_create(entries, batch_size=2000)


def record_from(
    action: str, target: type[models.Model], rows: QuerySet[Any, Any], *, by: User, note: str = ""
) -> int:
    """Write one entry for each of `rows` in one statement, as `record` does for one; returns how many.

    `rows`: a queryset annotated with `entry_target` (key of a `target`), `entry_organisation`, `entry_before`
    and `entry_after` (JSON objects).
    """
    everywhere = {
        "at": Now(),
        "actor_id": Value(by.pk),
        "actor": Value(by.display_name),
        "action": Value(action),
        "target_type": Value(target._meta.label_lower),
        "note": Value(note),
        "request_id": Value(request_id.get()),
    }
    named = {f"entry_{name}": value for name, value in everywhere.items()}
    found = rows.annotate(entry_target_id=Cast("entry_target", CharField()), **named)
    kept = {"organisation_id": "organisation", "before": "before", "after": "after", "target_id": "target_id"}
    fields = [*everywhere, *kept]
    columns = [*named, *(f"entry_{name}" for name in kept.values())]
    return insert_from(AuditEntry, fields, found.order_by().values_list(*columns))


def entries_about(target: models.Model) -> models.QuerySet[AuditEntry]:
    """What was done to `target` or seen of it, newest first."""
    return AuditEntry.objects.filter(target_type=target._meta.label_lower, target_id=str(target.pk)).order_by(
        "-at"
    )
