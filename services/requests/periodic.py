"""What beat starts. Every entry calls one action, and may run twice."""

from celery import shared_task

from .actions import escalate


@shared_task
def tell_overdue() -> dict[str, int]:
    """Tell street and bureau of requests nobody answered in time, each night."""
    done = escalate()
    return {"receivers": done.receivers, "told": done.told}
