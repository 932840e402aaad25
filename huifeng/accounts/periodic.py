from celery import shared_task
from django.core.management import call_command

from . import actions


@shared_task
def forget_strangers() -> None:
    """Every night: accounts made for phones that never logged in go after a week."""
    actions.forget_strangers()


@shared_task
def forget_sessions() -> None:
    """Every night: sessions that have ended."""
    call_command("clearsessions")


@shared_task
def forget_codes() -> None:
    """Every night: login digits that ended."""
    actions.forget_codes()
