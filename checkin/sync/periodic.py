import contextlib
from collections.abc import Iterator

from celery import shared_task
from django.db import connection

from communities.notices import actions as notices

from . import actions, lines, relay

WEBHOOKS = 370203  # advisory: one worker serves the webhooks, so that slow receivers never fill the queue


@shared_task
def relay_notices() -> None:
    """Every ten seconds: number what is owed. Safe to run twice at the same time."""
    relay.relay()


@shared_task
def send_webhooks() -> None:
    """Every ten seconds: send what is due to organisations' own systems. Safe to run twice: the second does nothing."""
    with _only_one(WEBHOOKS) as first:
        if first:
            lines.serve()


@shared_task
def remind_unsigned() -> None:
    """Every morning: receipts that are overdue go up. Safe to run twice: told once a day."""
    actions.remind_unsigned()


@shared_task
def send_digests() -> None:
    """Every morning: to whoever asked for it, what waits. Safe to run twice: owed once a day."""
    actions.send_digests()


@contextlib.contextmanager
def _only_one(lock: int) -> Iterator[bool]:
    """Whether nobody else is at it. The server frees the lock when a killed worker's session ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [lock])
        first = bool(cursor.fetchone()[0])
    try:
        yield first
    finally:
        if first:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [lock])


@shared_task
def forget_old() -> int:
    """Every night: what old notices about people say."""
    return notices.forget_old()
