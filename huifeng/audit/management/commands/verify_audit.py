import sys
from json import dumps
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from huifeng.audit.anchoring import read_anchor
from huifeng.audit.verifying import verify


class Command(BaseCommand):
    help = "Check that no audit entry was changed, removed, reordered, sealed twice or left unsealed. Exit 1 if so."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor", action="append", default=[], metavar="NUMBER:HASH", help="as it was sent; repeatable"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object as the last line")

    def handle(self, *, anchor: list[str], json: bool, **options: Any) -> None:
        try:
            anchors = [read_anchor(written) for written in anchor]
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from None
        check = verify(anchors)
        figures = {
            "entries": check.entries,
            "sealed": check.sealed,
            "unsealed": check.unsealed,
            "seals": check.seals,
            "broken": check.broken,
            "seconds": check.seconds,
        }
        if json:
            self.stdout.write(dumps(figures))
        else:
            self.stdout.write(
                f"{check.entries} 条留痕，{check.seals} 个封存，{check.unsealed} 条待封存，{check.seconds} 秒"
            )
            for row in check.broken:
                self.stdout.write(f"封存 {row['seal'] or '—'}，留痕 {row['entry'] or '—'}：{row['what']}")
        if check.broken:
            sys.exit(1)
