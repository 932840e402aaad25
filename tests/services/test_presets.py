"""The mechanisms of the four engines: brought by a command, kept as a bureau names them, told of in one table."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from services.funds.models import FundPreset
from services.presets import actions
from services.presets.models import Preset
from tests.communities.factories import UserFactory

MECHANISMS = Path(__file__).resolve().parents[2] / "docs" / "mechanisms.md"
MODELS = [model for model in apps.get_models() if issubclass(model, Preset)]

pytestmark = pytest.mark.django_db


@pytest.fixture
def presets() -> list[Preset]:
    call_command("load_presets", verbosity=0)
    return [preset for model in MODELS for preset in model._default_manager.all()]


def test_every_engine_brings_its_mechanisms(presets: list[Preset]) -> None:
    assert {type(preset) for preset in presets} == set(MODELS)
    assert len(MODELS) == 5


def test_loading_again_changes_nothing_and_keeps_what_a_bureau_renamed(
    presets: list[Preset], capsys: pytest.CaptureFixture[str]
) -> None:
    FundPreset.objects.filter(key="hardship").update(name="暖心帮扶")
    capsys.readouterr()

    call_command("load_presets")

    said = capsys.readouterr().out
    assert set(re.findall(r"(\d+) new, (\d+) changed", said)) == {("0", "0")}
    assert FundPreset.objects.get(key="hardship").name == "暖心帮扶"


def test_what_is_edited_is_audited_once(presets: list[Preset]) -> None:
    preset = FundPreset.objects.get(key="hardship")
    preset.name = "暖心帮扶"

    for _ in range(2):
        actions.edit(preset, by=User.objects.system())

    assert AuditEntry.objects.get(action="preset.edited").after == {"name": "暖心帮扶"}
    with pytest.raises(PermissionDenied):
        actions.edit(preset, by=UserFactory())


def test_the_table_of_mechanisms_names_every_preset_and_no_other(presets: list[Preset]) -> None:
    """docs/mechanisms.md: the rows of the source documents, and what carries each."""
    rows = dict(
        re.findall(r"^\| (\d-\d+) \| .*? \| (.*) \|$", MECHANISMS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    names = {(seed, type(preset)._meta.app_label.removeprefix("services_"), preset.name)
             for preset in presets for seed in preset.seeds.split()}  # fmt: skip
    told = {
        (seed, room, name)
        for seed, carried in rows.items()
        for room, listed in re.findall(r"`services\.(\w+)`: ([^;]+)", carried)
        if room in {type(preset)._meta.app_label.removeprefix("services_") for preset in presets}
        for name in listed.strip().split("、")
    }

    assert len(rows) == 107
    assert told == names
    assert sum(carried != "—" for carried in rows.values()) == int(
        re.findall(r"(\d+) of 107", MECHANISMS.read_text(encoding="utf-8"))[0]
    )
