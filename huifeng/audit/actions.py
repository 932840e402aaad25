from collections.abc import Iterable
from typing import Any

from django.db import models

from huifeng.accounts.models import User
from huifeng.middleware import request_id

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


def record_each(
    action: str,
    model: type[models.Model],
    keys: Iterable[object],
    *,
    by: User,
    organisation_id: int | None = None,
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
            note=note,
            request_id=request_id.get(),
        )
        for key in keys
    ]
    AuditEntry.objects.bulk_create(entries, batch_size=2000)


def entries_about(target: models.Model) -> models.QuerySet[AuditEntry]:
    """What was done to `target` or seen of it, newest first."""
    return AuditEntry.objects.filter(target_type=target._meta.label_lower, target_id=str(target.pk)).order_by(
        "-at"
    )
