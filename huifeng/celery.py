"""The Celery application. It finds `tasks.py` and `periodic.py` in every room."""

import os

from celery import Celery, Task

from huifeng.rowscope.scope import as_program

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifeng.settings")


class ProgramTask(Task):
    """Tasks are the program's: they see every row, under their name."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        with as_program(f"task {self.name}"):
            return super().__call__(*args, **kwargs)


app = Celery("huifeng", task_cls=ProgramTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(related_name="periodic")
app.conf.beat_scheduler = "huifeng.beat:Scheduler"
