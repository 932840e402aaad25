"""Our settings with the bare view for all there is."""

from huifeng.settings import *  # noqa: F403
from huifeng.settings import INSTALLED_APPS as OURS

ROOT_URLCONF = "benchmarks.bare"
MIDDLEWARE: list[str] = []
LEFT_OUT = ("allauth", "django.contrib.admin", "huifeng.accounts")
INSTALLED_APPS = [
    *(name for name in OURS if not name.startswith(LEFT_OUT)),
    "benchmarks.bare_apps.BareAccounts",
]
