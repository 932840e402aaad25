from django.apps import AppConfig


class BareAccounts(AppConfig):
    """The accounts without what listens to django-allauth, which does not start without its middleware."""

    name = "huifeng.accounts"
    label = "accounts"
