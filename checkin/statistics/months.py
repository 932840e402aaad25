"""A month of the statistics: its days, and the moments it lies between in Shanghai."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from huifeng.errors import RuleBroken

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, order=True)
class Month:
    """One calendar month. `str()` is 2026-10, `words` 2026年10月."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Month":
        """The month that "2026-10" names. Raises RuleBroken for anything else."""
        match = re.fullmatch(r"(\d{4})-(\d{2})", text.strip())
        if match is not None:
            year, month = int(match[1]), int(match[2])
            if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12:
                return cls(year, month)
        raise RuleBroken("月份请写成 2026-10 这样。", code="month_unreadable")

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @classmethod
    def current(cls) -> "Month":
        return cls.of(timezone.localdate())

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def words(self) -> str:
        return f"{self.year}年{self.month}月"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Month":
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def previous(self) -> "Month":
        return Month.of(self.first - timedelta(days=1))

    @property
    def last_year(self) -> "Month":
        return Month(self.year - 1, self.month)

    @property
    def start(self) -> datetime:
        """The first moment of the month (aware, Shanghai)."""
        return timezone.make_aware(datetime(self.year, self.month, 1))

    @property
    def end(self) -> datetime:
        """The first moment after the month."""
        return self.next.start

    @property
    def is_over(self) -> bool:
        return timezone.localdate() > self.last

    @property
    def as_of(self) -> date:
        """The day the month is counted as of: its last day, or today while it lasts."""
        return min(self.last, timezone.localdate())


def require_begun(month: Month) -> None:
    """Raise RuleBroken for a month of which nothing can be known yet."""
    if month > Month.current():
        raise RuleBroken(f"{month.words}还没有到，请选本月或以前的月份。", code="month_in_future")
