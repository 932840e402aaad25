"""The settings of a process that works on the database and Redis of the test that started it."""

import os

from tests.settings import *  # noqa: F403

MIDDLEWARE = MIDDLEWARE[1:]  # noqa: F405
DATABASES["default"]["NAME"] = os.environ["FAULTS_DATABASE"]  # noqa: F405
CELERY_BROKER_URL = CELERY_RESULT_BACKEND = os.environ["FAULTS_QUEUE"]
CACHES["default"]["LOCATION"] = os.environ["FAULTS_CACHE"]  # noqa: F405
