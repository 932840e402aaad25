from celery import shared_task

from . import actions


@shared_task
def deliver_due() -> None:
    """Every half minute: send what is owed and was not sent at once. Safe to run twice at the same time."""
    actions.deliver_due()


@shared_task
def forget_old() -> None:
    """Every night: texts are kept half a year."""
    actions.forget_old()
