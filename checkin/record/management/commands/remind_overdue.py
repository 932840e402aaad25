import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from checkin.record.actions import remind_overdue


class Command(BaseCommand):
    help = "Tell desks, streets and bureaus about overdue check-ins; each step once, however often it runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        counts = remind_overdue()
        self.stdout.write(json.dumps(counts) if options["json"] else f"overdue: {counts}")
