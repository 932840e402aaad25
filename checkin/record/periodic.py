"""What beat starts. Every entry calls one action, and may run twice."""

from celery import shared_task

from huifeng.accounts.models import User

from . import actions
from .actions import remind_overdue


@shared_task
def remind() -> dict[str, int]:
    """Remind about overdue check-ins, each working morning; a step that was told is not told again."""
    return remind_overdue()


@shared_task
def forget_old() -> dict[str, int]:
    """Every night: drafts nobody handed in, photographs no row names."""
    return actions.forget_old(by=User.objects.system())
