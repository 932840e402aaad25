import logging

from celery import shared_task

from huifeng.accounts.models import User

from . import actions

logger = logging.getLogger(__name__)


@shared_task
def erase_what_is_over() -> None:
    """Every night: people whose time is over (docs/retention.md), one transaction each."""
    erased = actions.erase_what_is_over(by=User.objects.system())
    if erased:
        logger.info("erased because their time is over: %s", erased)
