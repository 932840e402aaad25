"""How long things may take. The room that needs a period declares it with its default; the bureau may change
it.

    CONFIRM = periods.declare("checkin.confirm", title="社区确认", length=5, unit=Unit.WORKING_DAYS)
    due, provisional = periods.deadline(CONFIRM, submitted_at)

Counting starts the day after the start. Days that end on a day off run to the next working day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone

from .days import Calendar, Deadline, load, load_with_period
from .models import Period

Unit = Period.Unit


class Length(NamedTuple):
    """So many of a unit."""

    length: int
    unit: str


@dataclass(frozen=True)
class Declared:
    """A period as its room declared it."""

    key: str
    title: str
    default: Length
    basis: str


declared: dict[str, Declared] = {}


def declare(key: str, *, title: str, length: int, unit: Period.Unit, basis: str = "") -> str:
    """Make a period known, with its default and what it rests on. Returns `key`. For a room's `periods.py`.

    Raises ValueError when the key is declared with other values.
    """
    period = Declared(key, title, Length(length, str(unit)), basis)
    if declared.setdefault(key, period) != period:
        raise ValueError(f"period {key} is declared twice")
    return key


def length_of(key: str) -> Length:
    """What holds now: as the bureau set it, else the default. One query. Raises KeyError for an undeclared
    key.
    """
    default = declared[key].default
    row = Period.objects.filter(pk=key).values_list("length", "unit").first()
    return Length(*row) if row else default


def deadline(key: str, start: datetime) -> Deadline:
    """The last day (Shanghai) for what began at `start` (aware), and whether it is provisional. One query.

    Raises KeyError for an undeclared key. For many deadlines at once use Clock.
    """
    default = declared[key].default
    calendar, row = load_with_period(timezone.localdate(start), key)
    return _last_day(calendar, Length(*row) if row else default, start)


def moment(key: str, start: datetime) -> datetime:
    """`start` (aware) plus a period of hours, to the second. One query. ValueError for another unit."""
    length, unit = length_of(key)
    if unit != Unit.HOURS:
        raise ValueError(f"{key} is not counted in hours")
    return start + timedelta(hours=length)


class Clock:
    """Calendar and periods read once (two queries), for as many deadlines as needed: a demo city, a
    recomputation.
    """

    def __init__(self) -> None:
        self.calendar = load()
        rows = {row.key: Length(row.length, row.unit) for row in Period.objects.all()}
        self.lengths = {key: rows.get(key, period.default) for key, period in declared.items()}

    def deadline(self, key: str, start: datetime) -> Deadline:
        """As deadline() above, without a query."""
        return _last_day(self.calendar, self.lengths[key], start)


def _last_day(calendar: Calendar, length: Length, start: datetime) -> Deadline:
    if length.unit == Unit.HOURS:
        first, last = timezone.localdate(start), timezone.localdate(start + timedelta(hours=length.length))
        return Deadline(last, calendar.is_provisional(first, last))
    first = timezone.localdate(start)
    if length.unit == Unit.WORKING_DAYS:
        return calendar.add_working_days(first, length.length)
    return calendar.add_days(first, length.length)
