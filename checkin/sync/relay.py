"""Numbering: the step from "owed" to "delivered", for thousands of notices in a few statements.

A batch is the oldest pending notices. The mailboxes of their receivers are locked; those another relay holds are
left to it. Then, in a new statement, so that it sees what was committed before the lock was given, every notice of
a locked mailbox takes the receiver's next number in order of ids. One COMMIT a batch: a relay that is killed has
numbered a batch or nothing of it, and the next one goes on.

Order of one person's facts: acts about a person wait for each other at the person's lock, so ids of what they owe
ascend as they are committed. A batch must therefore begin at the oldest pending notice of a receiver, always: a
relay that remembered how far it came would pass over a notice committed late and number a later one before it.
Holes: none, a number is given with its row in one transaction. See docs/decisions/0007.
"""

import time
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from communities.notices.models import Mailbox, Notice

from . import receipts

BATCH = 5000
NOTICE, MAILBOX = Notice._meta.db_table, Mailbox._meta.db_table

_NUMBER = f"""
WITH oldest AS MATERIALIZED (
  SELECT id, receiver_id FROM {NOTICE} WHERE state = 'pending' ORDER BY id LIMIT %(batch)s
), numbered AS (
  SELECT oldest.id, mailbox.last_number
    + row_number() OVER (PARTITION BY oldest.receiver_id ORDER BY oldest.id) AS number
  FROM oldest JOIN {MAILBOX} mailbox ON mailbox.organisation_id = oldest.receiver_id
  WHERE oldest.receiver_id = ANY(%(held)s::bigint[])
), given AS (
  UPDATE {NOTICE} notice
  SET number = numbered.number, state = 'delivered', delivered_at = %(at)s,
    receipt_due_on = CASE WHEN notice.kind = ANY(%(kinds)s) THEN %(due_on)s::date END
  FROM numbered WHERE notice.id = numbered.id
  RETURNING notice.receiver_id, notice.number
)
UPDATE {MAILBOX} mailbox SET last_number = last.number
FROM (SELECT receiver_id, max(number) AS number, count(*) AS size FROM given GROUP BY receiver_id) last
WHERE mailbox.organisation_id = last.receiver_id
RETURNING last.size
"""  # noqa: S608 -- names of two tables; values are parameters


def relay(*, seconds: float = 50, batch: int = BATCH) -> int:
    """Number what is pending, batch by batch, until nothing is left, others hold the rest, or time is up.

    Returns how many were numbered. Any number may run at once.
    """
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        numbered = number_batch(batch, at=timezone.now())
        done += numbered
        if not numbered:
            break
    return done


@transaction.atomic
def number_batch(batch: int, *, at: datetime) -> int:
    """Number those of the `batch` oldest pending notices whose mailboxes nobody else holds; how many."""
    held = _hold(batch)
    if not held:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _NUMBER,
            {
                "batch": batch,
                "held": held,
                "at": at,
                "kinds": sorted(receipts.KINDS),
                "due_on": receipts.due_on(at),
            },
        )
        return sum(size for (size,) in cursor.fetchall())


def _hold(batch: int) -> list[int]:
    """The receivers of the oldest pending notices, their mailboxes locked for this transaction."""
    pending = Notice.objects.filter(state=Notice.State.PENDING).order_by("pk")
    receivers = set(pending.values_list("receiver_id", flat=True)[:batch])
    mailboxes = Mailbox.objects.filter(pk__in=receivers)
    missing = receivers - set(mailboxes.values_list("pk", flat=True))
    Mailbox.objects.bulk_create([Mailbox(pk=pk) for pk in sorted(missing)], ignore_conflicts=True)
    return list(mailboxes.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True))
