"""The Celery application. It finds `tasks.py` and `periodic.py` in every room."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifeng.settings")

app = Celery("huifeng")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="periodic")
app.conf.beat_scheduler = "huifeng.beat:Scheduler"
