"""What beat starts. Every entry calls one action, and may run twice."""

from celery import shared_task

from .actions import make_all_due, remind_late


@shared_task
def make() -> dict[str, int]:
    """Make what is due, each night."""
    return make_all_due()


@shared_task
def remind() -> int:
    """Tell organisations of late visits, each Monday morning."""
    return remind_late()
