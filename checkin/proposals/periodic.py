"""What beat starts. Every entry calls one action, and may run twice."""

from celery import shared_task

from .actions import forgetting, remind_overdue


@shared_task
def remind() -> dict[str, int]:
    """Remind about proposals nobody has answered in time, each working morning."""
    return remind_overdue()


@shared_task
def forget_old() -> int:
    """Every night: values and words of proposals answered long ago."""
    return forgetting.forget_old()
