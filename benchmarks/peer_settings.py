"""Our settings with the admin list in place of our pages."""

from huifeng.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.peer"
