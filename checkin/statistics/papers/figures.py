"""How a figure of the catalogue stands in a cell."""

from checkin.statistics import catalogue
from checkin.statistics.counting import Row

from . import look


def format_of(key: str) -> str:
    """How a figure is shown."""
    ratio = catalogue.ratio(key)
    if ratio is None:
        return look.NUMBER
    return look.SHARE if ratio.is_share else look.DAYS


def shown(row: Row, key: str) -> float | None:
    """The value of a cell: shares as a fraction of one, since their format says per cent."""
    value, ratio = row.value(key), catalogue.ratio(key)
    return value / 100 if value is not None and ratio is not None and ratio.is_share else value
