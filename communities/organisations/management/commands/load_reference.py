from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Loads everything a new installation starts from: code lists, working days, places. Repeatable."

    def handle(self, *args: Any, **options: Any) -> None:
        for command in ("load_codes", "load_calendar", "load_divisions"):
            call_command(command, stdout=self.stdout)
