from datetime import timedelta

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "huifeng.accounts"
    label = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from huifeng import retention
        from huifeng.keys import registry
        from huifeng.rowscope import policies

        from . import logins, resealing

        logins.listen()
        registry.resealing.append(resealing.reseal_second_factors)
        policies.also("django_admin_log", policies.is_user("user_id"))  # a model of Django's
        from . import actions

        retention.declare(
            retention.Kept(
                "login digits", actions.CODE_STAYS, "they ended", "huifeng.accounts.periodic.forget_codes"
            ),
            retention.Kept(
                "accounts that never logged in",
                actions.STRANGER_STAYS,
                "they were made",
                "huifeng.accounts.periodic.forget_strangers",
            ),
            retention.Kept(
                "sessions", timedelta(0), "they ended", "huifeng.accounts.periodic.forget_sessions"
            ),
        )
