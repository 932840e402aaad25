from celery import shared_task

from . import anchoring, sealing, verifying


@shared_task
def seal() -> None:
    """Every minute: seal what was written down since."""
    sealing.seal()


@shared_task
def verify() -> None:
    """Every night: check the whole chain; whoever is registered is told when it is broken."""
    verifying.verify()


@shared_task
def anchor() -> None:
    """Every morning: tell where the chain stands to somebody outside the database."""
    anchoring.anchor()
