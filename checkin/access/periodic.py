from celery import shared_task

from . import actions


@shared_task
def raise_alerts() -> None:
    """Every ten minutes: unusual looks of the last day, each told once."""
    actions.raise_alerts()
