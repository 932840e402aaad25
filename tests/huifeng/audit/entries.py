"""Entries to seal, and acts of somebody who has the owner's password."""

import json
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.audit.models import AuditEntry
from huifeng.embedded.roles import as_owner
from tests.communities.factories import UserFactory


def write(count: int, by: User | None = None) -> list[int]:
    """`count` entries about one account; their keys."""
    actor = by or UserFactory()
    audit.record_each("test.done", User, [actor.pk] * count, by=actor, note="试")
    return list(AuditEntry.objects.order_by("pk").values_list("pk", flat=True))


def as_intruder(statement: str, *params: Any) -> None:
    """Run a statement as the owner of the tables, whom nothing stops. Only in transactional tests."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(statement, params)


def verify(*arguments: str) -> tuple[dict[str, Any], int]:
    """What `manage.py verify_audit --json` prints as its last line, and its exit code."""
    out = StringIO()
    try:
        call_command("verify_audit", "--json", *arguments, stdout=out)
    except SystemExit as end:
        return json.loads(out.getvalue().splitlines()[-1]), int(end.code or 0)
    return json.loads(out.getvalue().splitlines()[-1]), 0


def whats(figures: dict[str, Any]) -> set[tuple[Any, str]]:
    """The findings as pairs of entry and what."""
    return {(row["entry"], row["what"]) for row in figures["broken"]}
