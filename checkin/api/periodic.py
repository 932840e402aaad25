from celery import shared_task

from . import actions


@shared_task
def forget_old() -> None:
    """Every night: answers to requests of other systems are kept for a week. Safe to run twice at once."""
    actions.forget_old()
