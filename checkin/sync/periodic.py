from celery import shared_task

from . import relay


@shared_task
def relay_notices() -> None:
    """Every ten seconds: number what is owed. Safe to run twice at the same time."""
    relay.relay()
