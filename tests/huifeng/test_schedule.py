"""What beat starts."""

from huifeng.celery import app
from huifeng.schedule import SCHEDULE


def test_every_periodic_task_is_on_the_schedule_and_nothing_else_is():
    app.loader.import_default_modules()

    periodic = {name for name in app.tasks if ".periodic." in name}

    assert periodic == {str(line["task"]) for line in SCHEDULE.values()}
