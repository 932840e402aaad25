import csv
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from services.presets import actions
from services.presets.models import Preset


class Command(BaseCommand):
    help = "Take in the mechanisms of the four engines (data/presets.csv of their rooms). Safe to repeat."

    def handle(self, **options: Any) -> None:
        for model in apps.get_models():
            if issubclass(model, Preset):
                path = Path(apps.get_app_config(model._meta.app_label).path) / "data" / "presets.csv"
                with path.open(encoding="utf-8-sig", newline="") as file:
                    done = actions.load(model, csv.DictReader(file))
                self.stdout.write(
                    f"{model._meta.label}: {done.new} new, {done.changed} changed, {done.unchanged} unchanged"
                )
