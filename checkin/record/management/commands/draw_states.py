from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from checkin.record.diagram import as_markdown


class Command(BaseCommand):
    help = "Draw the states of a check-in into docs/states.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=settings.BASE_DIR / "docs" / "states.md")

    def handle(self, *args: Any, out: Path, **options: Any) -> None:
        out.write_text(as_markdown(), encoding="utf-8")
        self.stdout.write(f"written: {out}")
