"""Retirement ceremonies (荣退+报到): who retired from one unit in one month is handed over on one day."""

from datetime import date, datetime

from checkin.record.models import Ceremony

from .chance import Weighted
from .history import Actor, History
from .people import Person
from .stories import Stories

ROOMS = Weighted([("单位会议室", 6), ("老干部活动室", 3), ("机关礼堂", 1), ("党群服务中心", 1)])
SHARE = 0.5  # of those who retired since the launch


class Ceremonies:
    """Plans ceremonies."""

    def __init__(self, stories: Stories, history: History):
        self.stories, self.history = stories, history
        self.chance, self.days = stories.chance, stories.days
        self.groups: dict[tuple[int, date], list[Person]] = {}

    def invite(self, person: Person) -> bool:
        """Put a person who retired since the launch on the list of the unit; False for anybody else."""
        held_on = self._day(person)
        if held_on is None or self.chance.random() > SHARE:
            return False
        self.groups.setdefault((person.unit.pk, held_on), []).append(person)
        return True

    def _day(self, person: Person) -> date | None:
        retired = person.row.retired_on
        if len(retired) < 7 or person.unit.is_external or person.is_claimed or person.home is None:
            return None
        tenth = date(int(retired[:4]), int(retired[5:7]), 10)
        if not self.days.launch < tenth < self.days.working[-1]:
            return None
        return self.days.on_or_before(tenth)

    def hold(self) -> None:
        for (_, held_on), people in self.groups.items():
            unit = people[0].unit
            by = self.history.clerk(unit)
            at = self.days.office(self.chance, held_on)
            ceremony = self.history.store.add(
                Ceremony(
                    unit=unit,
                    held_on=held_on,
                    place=ROOMS.draw(self.chance),
                    created_by=by.user,
                    created_at=at,
                )
            )
            for person in people:
                assert person.home is not None
                case = self.stories.case(person)
                community = person.home.organisation
                self.history.at(at, self.history.hand_over, case, ceremony, by, community)
                later = self.days.after(held_on, self.chance.choice((1, 1, 2, 3, 4)))
                if later is not None:
                    self.stories.confirm(case, self.days.office(self.chance, later), community)
            self.history.at(at, self._note, ceremony, by, len(people))

    def _note(self, now: datetime, ceremony: Ceremony, by: Actor, people: int) -> None:
        self.history.audit(now, by, "ceremony.held", ceremony, after={"people": people})
