import logging

from celery import shared_task

from huifeng.accounts.models import User
from huifeng.errors import RuleBroken

from . import actions

logger = logging.getLogger(__name__)


@shared_task
def reconcile() -> None:
    """Every night: compare both sides, send again what was lost. Beside another run it does nothing."""
    try:
        actions.reconcile(by=User.objects.system(), repair=True)
    except RuleBroken as refused:
        logger.info("not reconciled: %s", refused.code)


@shared_task
def forget_old() -> None:
    """Every night: runs of more than a year ago, postings of more than a month ago."""
    actions.forget_old()
