from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "huifeng.accounts"
    label = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from . import logins

        logins.listen()
