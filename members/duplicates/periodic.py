from celery import shared_task

from .finding import search


@shared_task
def search_for_duplicates() -> int:
    """Every night: look through the whole register. Safe to run twice, also at once."""
    return search()
