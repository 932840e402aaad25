from celery import shared_task

from .actions import claims, helping


@shared_task
def expire_helper_requests() -> int:
    """Close requests to help whose time has passed. Safe to run twice."""
    return helping.expire_requests()


@shared_task
def forget_old() -> None:
    """Every night: requests to help and claims that are over. Safe to run twice."""
    helping.forget_old_requests()
    claims.forget_old_claims()
