"""The peer of `sync`: a real Celery worker with one task a notice, which does to it what the relay does."""

import os

from celery import Celery

from huifeng.rowscope.scope import as_program

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifeng.settings")
QUEUE = "benchmark-peer"

app = Celery("benchmarks")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = None
app.conf.worker_prefetch_multiplier = 64  # to its advantage


@app.task
@as_program("a task")
def relay_one(notice_id: int) -> None:
    """Number one notice under its receiver's lock. Safe to run twice."""
    from django.db import transaction
    from django.utils import timezone

    from checkin.sync import receipts
    from communities.notices.models import Mailbox, Notice

    now = timezone.now()
    with transaction.atomic():
        notice = Notice.objects.get(pk=notice_id)
        mailbox, _ = Mailbox.objects.select_for_update().get_or_create(pk=notice.receiver_id)
        mailbox.last_number += 1
        numbered = Notice.objects.filter(pk=notice_id, state=Notice.State.PENDING).update(
            state=Notice.State.DELIVERED,
            number=mailbox.last_number,
            delivered_at=now,
            receipt_due_on=receipts.due_on(now) if notice.kind in receipts.KINDS else None,
        )
        if numbered:
            mailbox.save(update_fields=["last_number"])
