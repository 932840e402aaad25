"""A field's value as a proposal keeps it (packed: what JSON can hold), and as people read it."""

from datetime import date
from typing import Any

from django.db import models

from huifeng.codes import labels
from huifeng.display import words
from members.people import fields
from members.people.models import Retiree
from members.people.partial_dates import PartialDateField

NUMBERS = fields.SEALED | {"landline"}  # shown masked; each full look is written down


def packed(value: Any) -> Any:
    """A date as text; everything else as it is. `fields.clean` reads it back."""
    return value.isoformat() if isinstance(value, date) else value


def of(retiree: Retiree, name: str) -> Any:
    """What the record says of the field `name` now, packed."""
    return packed(getattr(retiree, name))


def say(name: str, value: Any, *, in_full: bool = False) -> str:
    """The packed value in Chinese, "没有填" for none. Numbers are masked unless `in_full`."""
    if value in ("", None, []):
        return "没有填"
    if name in NUMBERS and not in_full:
        return words.mask_id(value) if name == "id_number" else words.mask_phone(value)
    if name in fields.CODE_LISTS:
        codes = [value] if isinstance(value, str) else value
        return "、".join(labels.label(fields.CODE_LISTS[name], code) for code in codes)
    column = Retiree._meta.get_field(name)
    if isinstance(column, models.BooleanField):
        return "是" if value else "否"
    if isinstance(column, models.DateField | PartialDateField):
        return words.day(value)
    choices = dict(getattr(column, "flatchoices", ()))
    return str(choices.get(value, value))
