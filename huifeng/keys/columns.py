"""Every column that depends on a key, read off the models, so that a new one cannot be forgotten.

`tests/huifeng/test_keys_columns.py` walks the models too and refuses a column of bytes that says nothing of itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db import models

from huifeng.sealed import BlindIndexField, KeyedHashField, SealedBytesField, SealedField


@dataclass(frozen=True)
class Table:
    """The columns of one model that are sealed, and those that are blind indexes of them."""

    model: type[models.Model]
    sealed: tuple[SealedField | SealedBytesField, ...]
    indexes: tuple[BlindIndexField, ...]

    @property
    def label(self) -> str:
        return str(self.model._meta.label)


def tables() -> list[Table]:
    """Upper floors first: a set statement that carries values down (the plan of a roster) finds them done."""
    found = []
    for model in reversed(list(_models())):
        fields = model._meta.local_concrete_fields
        table = Table(
            model,
            tuple(f for f in fields if isinstance(f, SealedField | SealedBytesField)),
            tuple(f for f in fields if isinstance(f, BlindIndexField)),
        )
        if table.sealed:
            found.append(table)
    return found


def fading() -> dict[str, timedelta]:
    """Hashes that cannot be made anew, and how long each lives: as long the key before is needed."""
    return {
        f"{model._meta.label}.{field.name}": field.lives
        for model in _models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, KeyedHashField)
    }


def _models() -> Iterator[type[models.Model]]:
    return (model for model in apps.get_models() if model._meta.managed and not model._meta.proxy)
