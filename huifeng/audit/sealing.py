"""Sealing what is committed and not sealed yet. Inserting an entry takes no lock and knows nothing of this.

Which entries are open is found without looking at the whole table, and without losing one that commits late. Ids
are handed out in order, so a transaction that is younger than WINDOW holds only ids above every id that was sealed
more than WINDOW ago. What lies above that id and in none of the seals made since is open. An entry below the
highest sealed id that also says it is older than WINDOW was not late but put in afterwards: it stays open, and
verifying finds it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import batched

from django.db import connection, transaction
from django.utils import timezone

from .canonical import CONTENT, hash_of, mark_of
from .models import AuditSeal

LOCK = 370206  # advisory: one sealing at a time
WINDOW = timedelta(hours=24)  # no transaction of ours lives longer: Celery ends its tasks after 30 minutes
MOST = 1000  # entries of a seal
SEALS_AT_ONCE = 20  # seals written by one statement

OPEN = f"""
    SELECT e.id, {CONTENT} FROM audit_auditentry e
    WHERE e.id > %(floor)s AND (e.id > %(highest)s OR e.at >= %(since)s)
      AND NOT EXISTS (SELECT FROM (SELECT unnest(entries) AS id FROM audit_auditseal WHERE number > %(floor_number)s)
                      AS sealed WHERE sealed.id = e.id)
    ORDER BY e.id
"""  # noqa: S608  # a constant


@transaction.atomic
def seal(at: datetime | None = None) -> int:
    """Seal what is open, in order of ids; returns how many entries. Beside another sealing it does nothing.

    Everything in one transaction, streamed: killed, it has written nothing, and the next run begins where this did.
    `at`: now, if left out.
    """
    now = at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
    last = AuditSeal.objects.order_by("-number").first()
    now = (
        max(now, last.at) if last else now
    )  # a clock that was set back: times of seals ascend with their numbers
    count = 0
    for seals in batched(_seals(last, now), SEALS_AT_ONCE, strict=False):
        AuditSeal.objects.bulk_create(seals)
        count += sum(len(row.entries) for row in seals)
    return count


def _seals(last: AuditSeal | None, now: datetime) -> Iterator[AuditSeal]:
    number, previous = (last.number, bytes(last.hash)) if last else (0, AuditSeal.NOTHING_BEFORE)
    highest = last.highest if last else 0
    for rows in batched(_open(highest, now), MOST, strict=False):
        entries = [pk for pk, _ in rows]
        contents = [content.encode() for _, content in rows]
        number, highest = number + 1, max(highest, entries[-1])
        made = hash_of(previous, contents)
        yield AuditSeal(
            number=number,
            at=now,
            entries=entries,
            highest=highest,
            marks=b"".join(map(mark_of, contents)),
            previous=previous,
            hash=made,
        )
        previous = made


def _open(highest: int, now: datetime) -> Iterable[tuple[int, str]]:
    """Id and content of each open entry, read through a cursor of the server: memory stays the same."""
    since = now - WINDOW
    settled = AuditSeal.objects.filter(at__lt=since).order_by("-number").only("number", "highest").first()
    wanted: dict[str, int | datetime] = {
        "floor": settled.highest if settled else 0,
        "floor_number": settled.number if settled else 0,
        "highest": highest,
        "since": since,
    }
    with connection.chunked_cursor() as cursor:
        cursor.execute(OPEN, wanted)
        yield from cursor
