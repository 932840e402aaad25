from celery import shared_task

from . import actions


@shared_task
def forget_old() -> None:
    """Every night: plans of imports are kept for a month."""
    actions.forget_old()
