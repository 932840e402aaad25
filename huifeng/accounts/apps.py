from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "huifeng.accounts"
    label = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from huifeng.keys import registry
        from huifeng.rowscope import policies

        from . import logins, resealing

        logins.listen()
        registry.resealing.append(resealing.reseal_second_factors)
        policies.also("django_admin_log", policies.is_user("user_id"))  # a model of Django's
