from typing import Any

from django.core.management.base import BaseCommand

from huifeng.embedded.roles import grant_app_role


class Command(BaseCommand):
    help = "Give the application role its rights on every table; `migrate` does it by itself."

    def handle(self, *args: Any, **options: Any) -> None:
        tables = grant_app_role()
        self.stdout.write(
            f"huifeng_app may change rows everywhere; only add them in: {', '.join(tables) or 'no table'}"
        )
