"""What beat starts. Every entry calls one action, and may run twice."""

from celery import shared_task

from .actions import remind_overdue


@shared_task
def remind() -> dict[str, int]:
    """Remind about overdue check-ins, each working morning; a step that was told is not told again."""
    return remind_overdue()
