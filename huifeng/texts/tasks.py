from celery import shared_task

from . import delivery


@shared_task
def deliver(text_id: int) -> None:
    """Send one text now. Safe to run twice, see delivery; `deliver_due` picks up what this leaves."""
    text = delivery.claim(text_id)
    if text is not None:
        delivery.attempt(text)
