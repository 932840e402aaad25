"""Verifying the whole chain: every entry, every seal, in constant memory (one chunk of seals at a time)."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from . import registry
from .canonical import CONTENT, MARK, hash_of, mark_of
from .models import AuditAnchor, AuditCheck, AuditSeal

logger = logging.getLogger(__name__)

LATE = timedelta(
    hours=1
)  # an entry older than this and in no seal was put in afterwards, or nothing is sealed
CHUNK = 20  # seals read at once: 20,000 entries at most
MOST_FOUND = 1000

CONTENTS = f"SELECT e.id, {CONTENT} FROM audit_auditentry e WHERE e.id = ANY(%s)"  # noqa: S608  # a constant
TWICE = """
    SELECT max(s.number), sealed.id FROM audit_auditseal s, unnest(s.entries) AS sealed (id)
    GROUP BY sealed.id HAVING count(*) > 1 ORDER BY 2 LIMIT %s
"""
ENTRIES = "SELECT count(*) FROM audit_auditentry"
OPEN = """
    SELECT count(*), (array_agg(e.id ORDER BY e.id) FILTER (WHERE e.at < %(late)s))[1:%(most)s]
    FROM audit_auditentry e
    WHERE NOT EXISTS (SELECT FROM (SELECT unnest(entries) AS id FROM audit_auditseal) AS sealed WHERE sealed.id = e.id)
"""


class What:
    """What can be wrong."""

    CHANGED, REMOVED, TWICE, UNSEALED = "changed", "removed", "sealed_twice", "unsealed"
    REORDERED, SEAL_CHANGED, SEAL_MISSING, CHAIN = "reordered", "seal_changed", "seal_missing", "chain_broken"
    ANCHOR = "anchor_differs"


@dataclass
class Findings:
    """What was found, the first MOST_FOUND of it."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, what: str, *, seal: int | None = None, entry: int | None = None) -> None:
        if len(self.rows) < MOST_FOUND:
            self.rows.append({"seal": seal, "entry": entry, "what": what})


def verify(anchors: list[tuple[int, str]] | None = None) -> AuditCheck:
    """Check every seal against its entries and the seal before it, and that each entry is sealed once.

    `anchors`: number and hash (hexadecimal) of seals as they were told to somebody outside; our own are compared too.
    The outcome is written down, and when something is broken the registered rooms are told. Changes nothing else.
    """
    began = time.monotonic()
    found = Findings()
    told = [(anchor.number, bytes(anchor.hash).hex()) for anchor in AuditAnchor.objects.order_by("number")]
    wanted: dict[int, set[str]] = {}
    for number, hash_ in [*told, *(anchors or [])]:
        wanted.setdefault(number, set()).add(hash_)
    seals, sealed = _chain(found, wanted)
    entries, unsealed = _entries(found)
    check = AuditCheck.objects.create(
        at=timezone.now(),
        entries=entries,
        sealed=sealed,
        unsealed=unsealed,
        seals=seals,
        broken=found.rows,
        seconds=round(time.monotonic() - began, 3),
    )
    for tell in registry.on_broken if check.broken else ():
        _tell(tell, check)
    return check


def _tell(tell: Callable[[AuditCheck], None], check: AuditCheck) -> None:
    """Whoever changed the database may have seen to it that telling fails: what was found is not lost with it."""
    try:
        with transaction.atomic():
            tell(check)
    except Exception:
        logger.exception("a broken audit could not be told")


def _chain(found: Findings, wanted: dict[int, set[str]]) -> tuple[int, int]:
    """Walk the seals in order; how many there are and how many of their entries exist."""
    number, previous, highest, seals, sealed = 0, AuditSeal.NOTHING_BEFORE, 0, 0, 0
    for chunk in _chunks():
        contents = _contents_of(chunk)
        for seal in chunk:
            number += 1
            for missing in range(number, min(seal.number, number + MOST_FOUND)):
                found.add(What.SEAL_MISSING, seal=missing)
            number = seal.number
            if bytes(seal.previous) != previous:
                found.add(What.CHAIN, seal=number)
            highest = max(highest, *seal.entries) if seal.entries else highest
            if seal.highest != highest:
                found.add(What.SEAL_CHANGED, seal=number)
            _look(seal, contents, found)
            if wanted.pop(number, set()) - {bytes(seal.hash).hex()}:
                found.add(What.ANCHOR, seal=number)
            previous, seals = bytes(seal.hash), seals + 1
            sealed += sum(pk in contents for pk in seal.entries)
    for number in sorted(wanted):
        found.add(What.ANCHOR, seal=number)
    return seals, sealed


def _chunks() -> Iterator[list[AuditSeal]]:
    after = 0
    while rows := list(AuditSeal.objects.filter(number__gt=after).order_by("number")[:CHUNK]):
        yield rows
        after = rows[-1].number


def _contents_of(seals: list[AuditSeal]) -> dict[int, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(CONTENTS, [[pk for seal in seals for pk in seal.entries]])
        return {pk: content.encode() for pk, content in cursor.fetchall()}


def _look(seal: AuditSeal, contents: dict[int, bytes], found: Findings) -> None:
    """Whether the hash of `seal` is still that of its entries; if not, which entry is to blame."""
    missing = [pk for pk in seal.entries if pk not in contents]
    for pk in missing:
        found.add(What.REMOVED, seal=seal.number, entry=pk)
    here = [contents[pk] for pk in seal.entries if pk in contents]
    if not missing and here and hash_of(bytes(seal.previous), here) == bytes(seal.hash):
        return
    marks = [bytes(seal.marks[at : at + MARK]) for at in range(0, len(seal.marks), MARK)]
    now = [mark_of(contents[pk]) if pk in contents else None for pk in seal.entries]
    if not missing and now != marks and sorted(filter(None, now)) == sorted(marks):
        found.add(What.REORDERED, seal=seal.number)
        return
    changed = [
        pk for pk, was, is_ in zip(seal.entries, marks, now, strict=False) if is_ is not None and was != is_
    ]
    for pk in changed:
        found.add(What.CHANGED, seal=seal.number, entry=pk)
    if not changed and not missing:
        found.add(What.SEAL_CHANGED, seal=seal.number)


def _entries(found: Findings) -> tuple[int, int]:
    """Each entry is in one seal, unless it is new; how many there are, and how many are in none."""
    with connection.cursor() as cursor:
        cursor.execute(TWICE, [MOST_FOUND])
        for number, pk in cursor.fetchall():
            found.add(What.TWICE, seal=number, entry=pk)
        cursor.execute(ENTRIES)
        (entries,) = cursor.fetchone()
        cursor.execute(OPEN, {"late": timezone.now() - LATE, "most": MOST_FOUND})
        unsealed, late = cursor.fetchone()
    for pk in late or []:
        found.add(What.UNSEALED, entry=pk)
    return entries, unsealed
