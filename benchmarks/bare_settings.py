"""Our settings with the bare view for all there is."""

from huifeng.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.bare"
# django-allauth does not start without its own, which does next to nothing for a view that is not its own
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
