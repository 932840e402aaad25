import json
import time
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checkin.feedback import actions
from checkin.statistics.months import Month
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken


class Command(BaseCommand):
    help = "Make the feedback reports of a month, for every unit and community; --send sends them. Repeating is safe."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="2026-10")
        parser.add_argument(
            "--send", action="store_true", help="send what is not sent yet, and tell the receivers"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        began, system = time.monotonic(), User.objects.system()
        try:
            month = Month.parse(options["month"])
            made = actions.make(month, by=system)
            sent = actions.send(month, by=system) if options["send"] else 0
        except RuleBroken as refused:
            raise CommandError(refused.message) from refused
        found = {
            "month": str(month),
            **asdict(made),
            "sent": sent,
            "seconds": round(time.monotonic() - began, 3),
        }
        if options["json"]:
            self.stdout.write(json.dumps(found))
            return
        self.stdout.write("; ".join(f"{key}: {value}" for key, value in found.items()))
