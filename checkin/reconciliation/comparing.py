"""What a check is, and what it finds. The checks themselves: checks/."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

# Findings of one check in one run. A run that reaches it says so; the next one goes on behind what was settled.
LIMIT = 2000


@dataclass(frozen=True)
class Finding:
    """`subject` is the row the repair needs: its kind is the check's own affair. `field` names no value."""

    field: str
    person: int | None = None
    organisation: int | None = None
    expected: str = ""
    found: str = ""
    subject: int | None = None


@dataclass(frozen=True)
class Check:
    """`find()` asks in a constant number of statements; `repair(findings)` mends what needs nobody's decision.

    A repair may be run twice and by two at once: what it writes has a key. None: somebody must look.
    """

    key: str
    title: str
    sentence: str
    find: Callable[[], list[Finding]]
    repair: Callable[[list[Finding]], None] | None = field(default=None)


def ask(sql: str, **params: Any) -> Iterator[Mapping[str, Any]]:
    """The rows of one statement, as mappings by column. It is cut at `LIMIT`; values are parameters."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) AS found LIMIT %(most)s", params | {"most": LIMIT})  # noqa: S608 -- our own
        names = [column.name for column in cursor.description]
        rows = cursor.fetchall()
    return (dict(zip(names, row, strict=True)) for row in rows)
