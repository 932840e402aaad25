from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from huifeng.accounts.models import User
from huifeng.audit import actions as audit
from huifeng.errors import require

from .models import Preset
from .permissions import may_edit

KEPT = ("name", "hint", "is_active")  # what a bureau may have changed, and a file does not change back


@dataclass(frozen=True)
class Loaded:
    """What a file of presets changed."""

    new: int
    changed: int
    unchanged: int


@transaction.atomic
def load[P: Preset](model: type[P], rows: Iterable[Mapping[str, str]]) -> Loaded:
    """Take in the presets of one engine: a column a field, in screen order; an empty cell is the field's default.

    Adds what is missing and follows the file in all settings, but never in `KEPT`. Never deletes; repeating it
    changes nothing. Raises ValidationError for a row the model refuses, and nothing is written.
    """
    have = {preset.key: preset for preset in model._default_manager.select_for_update()}
    new = changed = unchanged = 0
    for order, row in enumerate(rows, start=1):
        known = have.get(row["key"])
        preset = known or model(key=row["key"])
        before = _values(preset)
        for name, text in {**row, "order": str(order * 10)}.items():
            if known is None or name not in KEPT:
                field = preset._meta.get_field(name)
                setattr(preset, name, field.to_python(text) if text else field.get_default())  # type: ignore[union-attr]
        if known is not None and _values(preset) == before:
            unchanged += 1
            continue
        preset.full_clean()
        preset.save()
        new, changed = new + (known is None), changed + (known is not None)
    return Loaded(new, changed, unchanged)


@transaction.atomic
def edit(preset: Preset, *, by: User) -> None:
    """Save what the administration changed. Saving the same again changes nothing. Raises PermissionDenied."""
    require(may_edit(by, preset))
    known = type(preset)._default_manager.select_for_update().get(pk=preset.pk)
    before, after = _values(known), _values(preset)
    if before == after:
        return
    preset.save()
    changed = {name for name in after if before[name] != after[name]}
    audit.record(
        "preset.edited", preset, by=by,
        before={name: before[name] for name in changed}, after={name: after[name] for name in changed},
    )  # fmt: skip


def _values(preset: Preset) -> dict[str, object]:
    return {field.attname: getattr(preset, field.attname) for field in preset._meta.concrete_fields}
