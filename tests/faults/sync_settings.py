"""The settings of the workers and beats of test_sync_survives: as in production, only that everything comes sooner."""

from tests.settings import *  # noqa: F403

DATABASES["default"]["CONN_MAX_AGE"] = 60  # noqa: F405
CELERY_WORKER_CONCURRENCY = 2

_EVERY = {
    "huifeng.jobs.periodic.take_up": 0.8,
    "checkin.sync.periodic.relay_notices": 0.4,
    "checkin.sync.periodic.send_webhooks": 0.4,
    "checkin.feedback.periodic.daily": 2,
}
CELERY_BEAT_SCHEDULE = {
    name: entry | {"schedule": _EVERY[entry["task"]]}
    for name, entry in CELERY_BEAT_SCHEDULE.items()  # noqa: F405
    if entry["task"] in _EVERY
}
