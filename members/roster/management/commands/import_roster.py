import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from members.roster import actions, error_book, report
from members.roster.models import ImportBatch


class Command(BaseCommand):
    help = (
        "Read a roster for a unit and say what it would change; with --commit write it. Exit 2: not readable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help=".xlsx, .xls or .csv")
        parser.add_argument("--unit", required=True, metavar="CODE", help="code of the unit, or of a bureau")
        parser.add_argument("--commit", action="store_true", help="write it; without this nothing is changed")
        parser.add_argument(
            "--errors", type=Path, metavar="OUT.xlsx", help="refused rows, to mend and send again"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        unit = Organisation.objects.filter(code=options["unit"]).first()
        if unit is None:
            raise CommandError(f"There is no organisation with code {options['unit']}.")
        try:
            content = options["file"].read_bytes()
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}") from error
        by = User.objects.system()
        try:
            batch = actions.receive(content, options["file"].name, unit.pk, by=by, in_background=False)
        except RuleBroken as refused:
            self._say(options, report.refused(refused.message, began))
            raise SystemExit(2) from refused
        batch = actions.plan_now(batch.pk, by=by)
        if batch.state == ImportBatch.State.REFUSED:
            self._say(options, report.refused(batch.refused, began))
            raise SystemExit(2)
        found = report.of_plan(batch)
        if options["errors"]:
            try:
                options["errors"].write_bytes(error_book.make(batch))
            except OSError as error:
                raise CommandError(f"{options['errors']} cannot be written: {error.strerror}") from error
        if options["commit"] and report.has_something_to_write(batch):
            actions.write_now(batch.pk, by=by)
            found["written"] = batch.written
        elif not options["commit"]:
            actions.discard(batch.pk, by=by)
        self._say(options, {**found, "seconds": round(time.monotonic() - began, 3)})

    def _say(self, options: dict[str, Any], found: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for line in report.lines(found):
            self.stdout.write(line)
