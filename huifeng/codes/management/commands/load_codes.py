import csv
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandParser

from huifeng.codes import actions


class Command(BaseCommand):
    help = "Take in the code lists (data/codes.csv of every room, or the files named). Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path)

    def handle(self, *, files: list[Path], **options: Any) -> None:
        rooms = (Path(room.path) / "data" / "codes.csv" for room in apps.get_app_configs())
        for path in files or [path for path in rooms if path.exists()]:
            with path.open(encoding="utf-8-sig", newline="") as file:
                done = actions.load(csv.DictReader(file))
            self.stdout.write(f"{done.new} new, {done.changed} changed, {done.unchanged} unchanged")
