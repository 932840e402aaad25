import json
import os
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checkin.statistics import actions, catalogue, counting
from checkin.statistics.months import Month
from checkin.statistics.papers import monthly
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken

EXPLANATION = "由系统命令封存"


class Command(BaseCommand):
    help = (
        "Write the monthly statement of an area as a workbook; --close freezes the month of the whole city."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="2026-10")
        parser.add_argument("--area", required=True, help="code prefix: 3702, 370202, 370202001")
        parser.add_argument("--out", type=Path, metavar="FILE.xlsx", help="where the workbook goes")
        parser.add_argument(
            "--close", action="store_true", help="close the month first, as the system, for the whole city"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object on the last line")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            found = self._found(options)
        except RuleBroken as refused:
            raise CommandError(refused.message) from refused
        found["seconds"] = round(time.monotonic() - began, 3)
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        for key, figure in found["totals"].items():
            self.stdout.write(f"{catalogue.title(key)}: {figure}")
        for identity in found["identities"]:
            self.stdout.write(f"{'OK ' if identity['holds'] else 'NOT'} {identity['name']}")

    def _found(self, options: dict[str, Any]) -> dict[str, Any]:
        month, area = Month.parse(options["month"]), options["area"]
        if options["close"]:
            actions.close(month, by=User.objects.system(), explanation=EXPLANATION)
        table = counting.table(month, area)
        if options["out"]:
            _write(options["out"], monthly.workbook(month, area))
        checks = counting.identities(month, area)
        return {
            "month": str(month),
            "area": area,
            "name": table.area_name,
            "state": table.statement.state if table.statement else "open",
            "closed": table.is_closed,
            "rows": len(table.rows),
            "totals": {
                key: table.total.value(key) for key in dict.fromkeys((*table.keys, *table.total.figures))
            },
            "identities": [check.as_json() for check in checks],
            "out": str(options["out"]) if options["out"] else None,
        }


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: whoever is killed here leaves the old file, or none."""
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    except OSError as error:
        raise CommandError(f"{path} 写不进去，请换一个位置（{error.strerror}）。") from error
