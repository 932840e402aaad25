"""What beat starts. Every entry calls one action, and may run twice."""

from celery import shared_task

from .actions import remind_tomorrow


@shared_task
def remind() -> int:
    """Remind of tomorrow's activities, each afternoon; who was told of this time is not told again."""
    return remind_tomorrow()
