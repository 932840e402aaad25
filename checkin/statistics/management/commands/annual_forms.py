import json
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checkin.statistics.facts import city_area
from checkin.statistics.papers import yearly
from checkin.statistics.papers.annual import year_of
from huifeng.errors import RuleBroken


class Command(BaseCommand):
    help = "Write the annual forms of an area as a workbook, as of 31 December."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", help="2026")
        parser.add_argument("--area", help="code prefix: 370202; the whole city if left out")
        parser.add_argument("--out", type=Path, metavar="FILE.xlsx", help="where the workbook goes")
        parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            year = yearly.Year(year_of(options["year"]), options["area"] or city_area())
        except RuleBroken as refused:
            raise CommandError(refused.message) from refused
        if options["out"]:
            options["out"].write_bytes(yearly.workbook(year))
        if options["json"]:
            found = year.as_json() | {"seconds": round(time.monotonic() - began, 3)}
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for kind, lines in year.changes.items():
            for line in lines:
                self.stdout.write(
                    f"{kind} {line.name}: {line.before} + {line.retired} - {line.died} = {line.due}, "
                    f"{line.after} ({line.difference:+d}) {line.words}"
                )
