import time
from dataclasses import asdict
from json import dumps
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from checkin.sync import lines
from checkin.sync.actions import send_digests
from checkin.sync.relay import relay


class Command(BaseCommand):
    help = "Deliver what is due now: number notices, send them to webhooks, owe digests. Safe beside workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *, json: bool, **options: Any) -> None:
        began = time.monotonic()
        relayed = relay(seconds=3600)
        webhooks = lines.serve(seconds=600)
        found: dict[str, Any] = {"relayed": relayed, "webhooks": asdict(webhooks), "digests": send_digests()}
        found["seconds"] = round(time.monotonic() - began, 3)
        self.stdout.write(dumps(found) if json else f"{found}")
