"""What beat starts. Every entry calls one action, and may run twice."""

from celery import shared_task

from .actions import tell_what_is_due


@shared_task
def tell_due() -> dict[str, int]:
    """Tell bureaus each morning what month is to be submitted or closed; a step that was told is not told again."""
    return tell_what_is_due()
