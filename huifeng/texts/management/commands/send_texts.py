from dataclasses import asdict
from json import dumps
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from huifeng.texts import actions


class Command(BaseCommand):
    help = "Send the texts that are due now, without waiting for a worker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *, json: bool, **options: Any) -> None:
        result = actions.deliver_due(most=100_000, seconds=3600)
        if json:
            self.stdout.write(dumps(asdict(result)))
        else:
            self.stdout.write(f"{result.sent} sent, {result.not_sent} not sent, {result.waiting} waiting")
