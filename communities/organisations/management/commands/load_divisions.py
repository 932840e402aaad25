import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from communities.divisions import actions as divisions
from communities.divisions.register import DATA, QINGDAO, read_aliases, read_register
from communities.organisations import actions
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken


class Command(BaseCommand):
    """Lives with the organisations, the higher of the two rooms it fills."""

    help = (
        "Loads a register of divisions (青岛市 if no file is named), the aliases, an organisation for every "
        "place. Reports what was added, renamed and vanished; again, it changes nothing and undoes nothing "
        "done by hand."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=QINGDAO, metavar="FILE")
        parser.add_argument(
            "--json", action="store_true", help="print the whole report as JSON on the last line"
        )

    @transaction.atomic
    def handle(self, *, file: Path, json: bool, **options: Any) -> None:  # the option's name
        by = User.objects.system()
        try:
            with file.open(encoding="utf-8-sig", newline="") as lines:
                report = divisions.load(read_register(lines), by=by)
        except (OSError, UnicodeDecodeError, RuleBroken) as error:
            raise CommandError(str(error)) from error
        with (DATA / "aliases.csv").open(encoding="utf-8", newline="") as lines:
            aliases = divisions.load_aliases(read_aliases(lines), by=by)
        organisations = actions.ensure_place_organisations(by=by)
        for word, rows in (("renamed", report.renamed), ("vanished", report.vanished), ("kept", report.kept)):
            for row in rows:
                self.stdout.write(f"{word}: {' '.join(row.values())}")
        self.stdout.write(
            f"{len(report.added)} added, {len(report.renamed)} renamed, {len(report.vanished)} vanished, "
            f"{len(report.kept)} kept as changed by hand, {report.unchanged} unchanged; {aliases} aliases, "
            f"{organisations.created} organisations added"
        )
        if json:
            self.stdout.write(_as_line(report.as_json() | {"organisations": organisations.as_json()}))


def _as_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
