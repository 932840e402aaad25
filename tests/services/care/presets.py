"""The mechanisms as `load_presets` brings them."""

import csv
from pathlib import Path

from services.care.models import CarePreset
from services.presets.actions import load

PRESETS = Path(__file__).resolve().parents[3] / "services" / "care" / "data" / "presets.csv"


def load_presets() -> None:
    with PRESETS.open(encoding="utf-8", newline="") as file:
        load(CarePreset, csv.DictReader(file))
