from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "huifeng.accounts"
    label = "accounts"
    verbose_name = "账号"
