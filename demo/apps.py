from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
    label = "demo"
    verbose_name = "演示"

    def ready(self) -> None:
        """Show the ready accounts on the login page."""
        from huifeng.accounts import hooks

        from . import accounts

        hooks.ready_accounts.append(accounts.for_login_page)
