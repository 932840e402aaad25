import time
from json import dumps
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checkin.reconciliation import actions
from checkin.reconciliation.checks import BY_KEY
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken


class Command(BaseCommand):
    help = (
        "Compare what each side should know with what it was told, and what is stored with its own history."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="issue again what was lost; nothing is decided"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *, repair: bool, json: bool, **options: Any) -> None:
        began = time.monotonic()
        try:
            run = actions.reconcile(by=User.objects.system(), repair=repair)
        except RuleBroken as refused:
            raise CommandError(refused.message) from refused
        seconds = round(time.monotonic() - began, 3)
        found = {
            "seconds": seconds,
            "run": run.pk,
            "found": run.found,
            "repaired": run.repaired,
            "left": run.left,
        }
        if json:
            self.stdout.write(dumps(found | {"checks": run.counts}))
            return
        for key, number in run.counts.items():
            if number:
                self.stdout.write(f"{BY_KEY[key].title}：{number}")
        self.stdout.write(f"{run.found} 处差异，已补好 {run.repaired} 处，{seconds} 秒")
