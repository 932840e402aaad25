"""An import as the command does it, step by step, for tests."""

from io import StringIO
from typing import Any

from django.core.management import call_command

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.roster import actions, report
from members.roster.models import ImportBatch, ImportRow


def plan(content: bytes, organisation: Organisation, *, by: User | None = None) -> ImportBatch:
    """Received and planned; nothing is written."""
    by = by or User.objects.system()
    batch = actions.receive(content, "花名册.xlsx", organisation.pk, by=by, in_background=False)
    return actions.plan_now(batch.pk, by=by)


def bring(content: bytes, organisation: Organisation, *, by: User | None = None) -> ImportBatch:
    """Planned, and written when there is something to write."""
    by = by or User.objects.system()
    batch = plan(content, organisation, by=by)
    return actions.write_now(batch.pk, by=by) if report.has_something_to_write(batch) else batch


def rows_of(batch: ImportBatch) -> list[ImportRow]:
    return list(batch.rows.order_by("pk"))


def codes_of(row: ImportRow) -> list[str]:
    """What is said about a row."""
    return [note["code"] for note in row.notes or []]


def adds_up(found: dict[str, Any]) -> bool:
    """Whether each row of the file is counted once."""
    parts = ("new", "changed", "unchanged", "rejected", "duplicates")
    return bool(found["rows"] == sum(found[name] for name in parts))


def command(*words: object) -> str:
    """What `import_roster` prints."""
    out = StringIO()
    call_command("import_roster", *map(str, words), stdout=out)
    return out.getvalue()
