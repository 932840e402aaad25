"""Dates of which only the year, or year and month, may be known: "1978", "1978-07", "1978-07-01".

Kept as text, so what was not said is not made up; they sort in time order among equals of precision.
"""

import re
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

PATTERN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


def check_partial_date(text: str) -> None:
    """Raise ValidationError unless `text` is a real year, month or day between 1900 and 2100."""
    match = PATTERN.fullmatch(text)
    if match is None:
        raise ValidationError("请填年份，或年月，或年月日，例如 1978、1978-07、1978-07-01")
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        raise ValidationError("没有这一天，请看看年月日") from None
    if not 1900 <= year <= 2100:
        raise ValidationError("年份不对，请填 1900 到 2100 之间的年份")


def in_words(text: str) -> str:
    """ "1978-07" → "1978年7月"; "" stays ""."""
    match = PATTERN.fullmatch(text)
    if match is None:
        return text
    units = zip(match.groups(), "年月日", strict=True)
    return "".join(f"{int(part)}{unit}" for part, unit in units if part)


class PartialDateField(models.CharField):
    """A CharField that holds a partial date; "" when unknown."""

    default_validators = [check_partial_date]

    def __init__(self, *args: Any, **kwargs: Any):
        kwargs.update(max_length=10, blank=True)
        super().__init__(*args, **kwargs)
