"""Every row of the database as plain values, to say that an undo left nothing behind."""

from typing import Any

from django.apps import apps

# Stories are added to and never taken back; whoever has an undo keeps it on record.
STORIES = {
    "audit.auditentry",
    "communities_notices.notice",
    "texts.text",
    "checkin_record.checkinevent",
    "members_duplicates.personmerge",
    "sessions.session",
}
COUNTERS = {"version", "updated_at"}


def every_row() -> dict[tuple[str, Any], dict[str, Any]]:
    """The values of each row by (model, key), but for stories, and for counters, which only count on."""
    return {
        (model._meta.label_lower, row.pk): {
            field.attname: _plain(getattr(row, field.attname))
            for field in model._meta.concrete_fields
            if field.name not in COUNTERS
        }
        for model in apps.get_models()
        if model._meta.label_lower not in STORIES and model._meta.managed
        for row in model._default_manager.all()
    }


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
