from celery import shared_task

from . import actions


@shared_task
def take_up() -> None:
    """Every quarter of a minute: go on with jobs whose worker was killed. Safe to run twice at once."""
    actions.take_up()


@shared_task
def forget_old() -> None:
    """Every night: files are kept for a week, longer where their maker says so."""
    actions.forget_old()
