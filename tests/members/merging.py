"""Two rows of one person, and every row of the database as plain values, to say that an undo left nothing behind."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps

from communities.organisations.models import Organisation
from members.people.models import Retiree
from tests.members.factories import make_member

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


@pytest.fixture
def kept(unit: Organisation) -> Retiree:
    return make_member(unit, since=date(2012, 1, 1), original_post="处长")


@pytest.fixture
def other(unit: Organisation) -> Retiree:
    return make_member(unit, since=date(2011, 1, 1), original_post="科长", skills="书法")


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)
