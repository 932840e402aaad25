from celery import shared_task

from .actions import helping


@shared_task
def expire_helper_requests() -> int:
    """Close requests to help whose time has passed. Safe to run twice."""
    return helping.expire_requests()
