"""The settings of the program in a test: engines in a data folder of their own, or the servers given."""

import os
from pathlib import Path

os.environ["HUIFENG_MODE"] = "test"
if not os.environ.get("DATABASE_URL"):
    os.environ["HUIFENG_DATA"] = str(Path(__file__).resolve().parent.parent / ".test-data")

from huifeng.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "zeal"]  # noqa: F405
MIDDLEWARE = ["tests.n_plus_one.reading_is_watched", *MIDDLEWARE]  # noqa: F405
