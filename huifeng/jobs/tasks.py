from celery import shared_task

from . import running


@shared_task
def run(job_id: int) -> None:
    """Do one job. Safe to run twice: the second finds it held or finished."""
    running.run(job_id)
