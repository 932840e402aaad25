"""What happens to whom: shares for the city at large, a programme for the demo communities."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import cycle, islice

from checkin.record.models import Channel
from members.people.models import Death

from .case import Case
from .ceremonies import Ceremonies
from .chance import Weighted
from .deaths import Deaths
from .people import Person
from .waiting import Waiting

LONGEST = 26  # working days from the first page to the confirmation, at most
IMPORTED_FOR = 45  # working days after the launch in which paper of before was typed in

SHARES = Weighted(
    [
        ("none", 37.0),
        ("draft", 0.8),
        ("at_unit", 0.5),
        ("at_unit_late", 0.1),
        ("at_community", 1.3),
        ("at_community_late", 0.3),
        ("returned", 0.5),
        ("returned_by_unit", 0.15),
        ("resubmitted", 0.12),
        ("waiting_for_place", 0.3),
        ("placed", 0.08),
        ("forwarded", 0.12),
        ("undone", 0.03),
        ("move_open", 0.25),
        ("withdrawn", 0.9),
        ("confirmed", 53.0),
        ("moved", 2.4),
        ("left", 0.9),
        ("again", 0.5),
    ]
)
# The working queue of a community with a ready account; numbers are working days since it came to the desk.
OPEN = (
    ("at_community", 1),
    ("at_community", 5),
    ("returned", 3),
    ("forwarded", 1),
    ("at_community", 7),
    ("at_unit", 1),
    ("move_open", 2),
    ("at_community", 2),
    ("resubmitted", 2),
    ("at_community", 12),
    ("placed", 1),
    ("undone", 1),
    ("at_unit", 5),
    ("at_community", 3),
    ("returned", 12),
    ("returned_by_unit", 2),
    ("at_community", 4),
)
CHANNELS = (
    Channel.ONLINE,
    Channel.COUNTER,
    Channel.FAMILY,
    Channel.PHONE,
    Channel.HOME_VISIT,
    Channel.IMPORT,
)
DONE = (
    "withdrawn",
    "moved",
    "left",
    "again",
    "dead",
    "undone_death",
    "dismissed_death",
    "reported_death",
    "draft",
)


class Plans:
    """Gives everybody a story."""

    def __init__(self, stories: Waiting, deaths: Deaths, ceremonies: Ceremonies):
        self.stories, self.deaths, self.ceremonies = stories, deaths, ceremonies
        self.chance, self.days = stories.chance, stories.days
        self.simple: dict[str, Callable[[Person], None]] = {
            "none": lambda person: None,
            "draft": lambda person: stories.draft(person, self.days.back(self.chance.randrange(1, 90))),
            "at_unit": lambda person: stories.at_unit(person, self.chance.choice((1, 2, 3))),
            "at_unit_late": lambda person: stories.at_unit(person, self.chance.randrange(4, 11)),
            "at_community": lambda person: stories.at_community(person, self.chance.choice((1, 2, 3, 4, 5))),
            "at_community_late": lambda person: stories.at_community(person, self.chance.randrange(6, 15)),
            "returned": lambda person: stories.returned(person, self.chance.randrange(1, 13), by_unit=False),
            "returned_by_unit": lambda person: stories.returned(
                person, self.chance.randrange(1, 11), by_unit=True
            ),
            "resubmitted": lambda person: stories.resubmitted(person, self.chance.randrange(1, 6)),
            "waiting_for_place": lambda person: stories.waiting_for_place(
                person, self.chance.randrange(1, 7), with_district=self.chance.random() < 0.25
            ),
            "placed": lambda person: stories.placed(person, self.chance.randrange(1, 5)),
            "forwarded": lambda person: stories.forwarded(person, self.chance.randrange(1, 6)),
            "undone": lambda person: stories.undone(person, self.chance.randrange(1, 5)),
        }

    # the city at large --------------------------------------------------------------------------------------

    def everybody(self, people: list[Person]) -> None:
        for person in people:
            self.somebody(person)

    def somebody(self, person: Person) -> None:
        if self.deaths.befall(person) and not person.is_claimed:
            self.dead(person)
        elif person.is_claimed:
            self.claimed(person)
        elif self.ceremonies.invite(person):
            return
        elif person.home is None:
            if person.row.phone and self.chance.random() < 0.4:
                self.confirmed(person)
        else:
            self.outcome(person, SHARES.draw(self.chance))

    def claimed(self, person: Person) -> None:
        """Who registered alone came to check in: most were vouched for since, some wait, a few gave it up."""
        assert person.home is not None
        draw = self.chance.random()
        if draw < 0.2:
            self.stories.at_unit(person, self.chance.randrange(1, 6))
        elif draw < 0.9:
            day = self.start(person)
            if day is not None:
                self.stories.vouched(person, day)

    def outcome(self, person: Person, name: str) -> None:
        if person.unit.is_external and name not in ("none", "draft", "withdrawn", "at_community", "at_unit"):
            name = "confirmed"
        if person.unit.is_external and name == "at_community":
            name = "at_unit"  # the community has the paper to check
        if name in self.simple:
            self.simple[name](person)
        else:
            getattr(self, name)(person)

    def start(self, person: Person, room: int = LONGEST, last: date | None = None) -> date | None:
        """A working day to begin on, with `room` working days to come before `last`; None when there is none.

        More begin later than earlier: word gets about.
        """
        first = self.days.index[self.days.on_or_before(max(self.days.launch, self._retired(person)))]
        end = self.days.index[self.days.on_or_before(last)] if last else len(self.days.working) - 1
        span = end - room - first
        if span <= 0:
            return None
        return self.days.working[first + int(span * self.chance.random() ** 0.75)]

    def _retired(self, person: Person) -> date:
        said = person.row.retired_on or "1990"
        year, month = int(said[:4]), int(said[5:7] or 1)
        return date(year, month, 1)

    def confirmed(self, person: Person, last: date | None = None) -> None:
        if self.chance.random() < 0.12 and last is None:  # lately, quickly
            day = self.days.back(self.chance.randrange(8, 30))
            if self._retired(person) >= day:
                return
            self.stories.settle(self.stories.case(person), day, self.stories._community(person))
            return
        begin = self.start(person, last=last)
        if begin is not None:
            self.begin(person, begin)

    def begin(self, person: Person, day: date) -> tuple[Case, date]:
        early = (
            self.days.index[day] < self.days.index[self.days.on_or_before(self.days.launch)] + IMPORTED_FOR
        )
        closed = _closed(person)
        unit = person.former if closed > day + timedelta(days=60) else None
        if early and person.home is not None and self.chance.random() < 0.5:
            case = self.stories.case(person, unit)
            done = self.stories.settle(case, day, person.home.organisation, channel=Channel.IMPORT)
            return case, done
        if unit is None and day <= closed:
            day = self.days.working[self.days.index[self.days.on_or_before(closed)] + 2]
        return self.stories.confirmed(person, day, unit)

    def moved(self, person: Person) -> None:
        day = self.start(person, room=LONGEST + 60)
        if day is None:
            return
        _, done = self.begin(person, day)
        again = self.days.index[done] + self.chance.randrange(5, 40)
        self.stories.move_house(person, self.days.working[again])

    def move_open(self, person: Person, back: int = 0) -> None:
        """Checked in at a former home, and has asked for the community of the present one."""
        day = self.start(person, room=LONGEST + 60)
        if day is None:
            return
        assert person.home is not None
        home, address = person.home, person.row.residence_address
        person.home = self.stories.homes.neighbour(self.chance, home)
        person.row.residence_address = person.home.address(self.chance)
        self.begin(person, day)
        person.home = home
        self.stories.move_in(person, address, back or self.chance.randrange(1, 6))

    def left(self, person: Person) -> None:
        day = self.start(person, room=LONGEST + 60)
        if day is None:
            return
        case, done = self.begin(person, day)
        assert person.home is not None
        at = self.stories.office(done, self.chance.randrange(5, 50))
        self.stories.leave(case, at, person.home.organisation)

    def withdrawn(self, person: Person) -> None:
        day = self.start(person, room=2)
        if day is not None and day > _closed(person):
            self.stories.withdrawn(person, day)

    def again(self, person: Person) -> None:
        """Taken back at first, and confirmed some weeks later."""
        day = self.start(person, room=LONGEST + 30)
        if day is not None and person.former is None:
            self.stories.withdrawn(person, day)
            later = self.days.working[self.days.index[day] + self.chance.randrange(4, 25)]
            self.stories.confirmed(person, later)

    def dead(self, person: Person, outcome: Death.State | None = None) -> None:
        died_on = self.deaths.day()
        if outcome == Death.State.REPORTED:
            died_on = self.days.back(4)
        draw = self.chance.random()
        if outcome is None and draw < 0.012:
            outcome = Death.State.UNDONE if draw < 0.005 else Death.State.DISMISSED
        case = None
        if person.home is not None and (outcome is not None or self.chance.random() < 0.55):
            day = self.start(person, last=died_on)
            if day is not None and person.former is None:
                case, _ = self.begin(person, day)
        self.deaths.record(person, died_on, case, outcome=outcome)

    # the communities with ready accounts --------------------------------------------------------------------

    def programme(self, people: list[Person], open_cases: int) -> None:
        """`open_cases` people wait on a desk, some have a past, the rest get a share of everything."""
        plain = [person for person in people if not (person.is_claimed or person.unit.is_external)]
        others = [person for person in people if person.is_claimed or person.unit.is_external]
        waiting = iter(plain)
        for (name, back), person in zip(cycle(OPEN), islice(waiting, open_cases), strict=False):
            self._open(person, name, back)
        for channel, person in zip(CHANNELS, waiting, strict=False):
            day = self.start(person) or self.days.back(LONGEST)
            if channel == Channel.IMPORT:
                day = self.days.on_or_before(self.days.launch + timedelta(days=12))
            assert person.home is not None
            self.stories.settle(self.stories.case(person), day, person.home.organisation, channel=channel)
        for name, person in zip(DONE, waiting, strict=False):
            self._done(person, name)
        for person in [*waiting, *others]:
            self.somebody(person)

    def _open(self, person: Person, name: str, back: int) -> None:
        stories = self.stories
        match name:
            case "returned" | "returned_by_unit":
                stories.returned(person, back, by_unit=name == "returned_by_unit")
            case "move_open":
                self.move_open(person, back)
            case _:
                getattr(stories, name)(person, back)

    def _done(self, person: Person, name: str) -> None:
        states = {
            "dead": Death.State.CONFIRMED,
            "undone_death": Death.State.UNDONE,
            "dismissed_death": Death.State.DISMISSED,
            "reported_death": Death.State.REPORTED,
        }
        if name in states:
            self.dead(person, states[name])
        else:
            self.outcome(person, name)


def _closed(person: Person) -> date:
    """When the former unit closed; long ago when there is none."""
    former = person.former
    return former.closed_on if former is not None and former.closed_on is not None else date.min
