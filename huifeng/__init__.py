"""The platform: knows no retiree."""

from huifeng.celery import app as celery_app

__all__ = ["celery_app"]
