"""When things happen: offices in working hours on working days, people at home on any day."""

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from communities.calendar.periods import Clock

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
YEARS_BACK = 2


class Days:
    """The calendar of the city and the end of its history: the midnight before `today`."""

    def __init__(self, today: date):
        self.today = today
        self.end = datetime.combine(today, time(), SHANGHAI)
        self.clock = Clock()
        self.launch = today - timedelta(days=365 * YEARS_BACK)
        first = self.launch - timedelta(days=60)
        every = (first + n * DAY for n in range((today - first).days))
        self.working = [day for day in every if self.clock.calendar.is_working_day(day)]
        self.index = {day: place for place, day in enumerate(self.working)}

    def back(self, count: int) -> date:
        """The working day `count` working days before today; 1 is the last one of the history."""
        return self.working[-count]

    def on_or_before(self, day: date) -> date:
        """The last working day not after `day`, within the history."""
        day = min(day, self.working[-1])
        while day not in self.index:
            day -= DAY
        return day

    def after(self, day: date, count: int) -> date | None:
        """`count` working days after `day`; None when that is not in the history any more."""
        if day > self.working[-1]:
            return None
        place = self.index[self.on_or_before(day)] + count
        return self.working[place] if place < len(self.working) else None

    def office(self, chance: Random, day: date) -> datetime:
        """A moment of `day` in office hours."""
        minutes = chance.randrange(30, 330)
        start = time(8, 30) if minutes < 180 else time(13, 30)
        if minutes >= 180:
            minutes -= 180
        return self._at(chance, day, start, minutes)

    def home(self, chance: Random, day: date) -> datetime:
        """A moment of `day` when people at home use their phones."""
        return self._at(chance, day, time(7, 0), int(chance.triangular(0, 830, 180)))

    @staticmethod
    def _at(chance: Random, day: date, start: time, minutes: int) -> datetime:
        spread = timedelta(
            minutes=minutes, seconds=chance.randrange(60), microseconds=chance.randrange(10**6)
        )
        return datetime.combine(day, start, SHANGHAI) + spread
