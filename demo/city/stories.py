"""How check-ins go, one function an outcome: from the first page to the end, with everybody who had a part.

Every function plans steps of one person into the history. Counts of days are working days; `back(1)` is the
last working day before today.
"""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from checkin.record.models import Channel, CheckInEvent, EndReason
from communities.organisations.models import Organisation
from members.people.fields import STARRED
from members.people.models import Helper

from . import words
from .case import Case
from .days import DAY, Days
from .families import Families
from .history import Actor, History
from .people import Person
from .places import Home, Homes
from .words import RELATION_WORDS

Move = CheckInEvent.Move
AT_THE_COUNTER = "窗口登记，资料随后补齐"
OLD_FILE = "老档案暂缺，已请单位补齐"


class Stories:
    """Plans what happens to people."""

    def __init__(self, chance: Random, days: Days, history: History, families: Families, homes: Homes):
        self.chance, self.days, self.history = chance, days, history
        self.families, self.homes = families, homes

    # the first half: up to the submission -------------------------------------------------------------------

    def case(self, person: Person, unit: Organisation | None = None) -> Case:
        """`unit`: who managed the person then, left out when it is the same as now."""
        unit = unit or person.unit
        return Case(person=person, responsible=unit, unit=unit)

    def channel(self, person: Person) -> Channel:
        """How somebody comes: the younger by phone, the older with the family or at home."""
        chance = self.chance.random()
        if person.era == 0:
            order = (
                (0.18, Channel.ONLINE),
                (0.30, Channel.FAMILY),
                (0.62, Channel.COUNTER),
                (0.75, Channel.PHONE),
            )
        else:
            order = (
                (0.58, Channel.ONLINE),
                (0.615, Channel.FAMILY),
                (0.92, Channel.COUNTER),
                (0.97, Channel.PHONE),
            )
        return next((channel for share, channel in order if chance < share), Channel.HOME_VISIT)

    def _who(
        self, person: Person, channel: Channel, at: datetime
    ) -> tuple[Actor, Channel, Helper | None] | None:
        """Who fills the form in at home; None when the person needs the counter."""
        if channel == Channel.ONLINE:
            user = self.families.account(person, at)
            return (Actor(user, "本人"), channel, None) if user else None
        helper = self.families.helper(person, at)
        return Actor(helper.user, f"家人帮办（{RELATION_WORDS[helper.relation]}）"), channel, helper

    def fill_in(
        self,
        case: Case,
        day: date,
        *,
        channel: Channel = Channel.ONLINE,
        community: Organisation | None = None,
        area: Any = None,
        address: str = "",
        correct: bool = True,
        submit: bool = True,
    ) -> tuple[Actor, datetime]:
        """The person or a relative fills in the form at home; without a phone the clerk does, at the counter.

        Returns who did, and when it was finished.
        """
        history, chance = self.history, self.chance
        now = self.days.home(chance, day)
        who = self._who(case.person, channel, now)
        if who is None:
            now = self.days.office(chance, self.days.on_or_before(day))
            local = community is not None and community.kind == Organisation.Kind.COMMUNITY
            clerk = history.clerk(
                community if community and local else self._some_home(case.person).organisation
            )
            who = clerk, Channel.COUNTER, None
        by, channel, helper = who
        history.at(now, history.start, case, channel, by, helper)
        parts = self._pages(case.person, community, area, address, correct)
        for part in parts if submit else parts[: chance.choice((1, 2))]:
            now += timedelta(seconds=chance.randrange(40, 400))
            history.at(now, history.write_down, case, part)
        if submit:
            now += timedelta(seconds=chance.randrange(30, 200))
            history.at(now, history.submit, case, by)
        return by, now

    def at_desk(
        self,
        case: Case,
        channel: Channel,
        day: date,
        community: Organisation,
        *,
        address: str = "",
    ) -> datetime:
        """The clerk writes it down, at the counter, on the phone or on a visit: one act as far as it goes."""
        history, chance = self.history, self.chance
        by = history.clerk(community)
        now = self.days.office(chance, day)
        history.at(now, history.start, case, channel, by)
        fields: dict[str, Any] = {}
        for part in self._pages(case.person, community, None, address, correct=True):
            fields |= part
        history.at(now, history.write_down, case, fields)
        history.at(now, history.submit, case, by)
        if case.unit.is_external:
            history.at(now, history.verify, case, by)
        history.at(now, history.confirm, case, by, AT_THE_COUNTER)
        return now

    def _pages(
        self, person: Person, community: Organisation | None, area: Any, address: str, correct: bool
    ) -> list[dict[str, Any]]:
        place: dict[str, Any] = {"address": address or person.row.residence_address}
        if community is not None:
            place["community"] = community
        elif area is not None:
            place["area"] = area
        remarks = "" if correct else self.chance.choice(words.REMARKS)
        return [
            {"data_correct": correct, "remarks": remarks},
            place,
            {"declared": self._declared(person)},
        ]

    def _declared(self, person: Person) -> dict[str, Any]:
        row = person.row
        said: dict[str, Any] = {
            "living_situation": row.living_situation,
            "health": row.health,
            "mobility": row.mobility,
            "skills": row.skills,
            "interests": row.interests or self.chance.sample(words.INTERESTS, 1),
            "needs": row.needs if self.chance.random() < 0.6 else [words.NEEDS.draw(self.chance)],
        }
        if row.political_status == "cpc" and self.chance.random() < 0.8:
            said["joins_community_party_life"] = self.chance.random() < 0.75
        return {name: value for name, value in said.items() if value not in (None, "", [])}

    def _some_home(self, person: Person) -> Home:
        return person.home or self.homes.all[0]

    # the second half: unit and community --------------------------------------------------------------------

    def office(self, day: date, after: int) -> datetime:
        """A moment `after` working days later; the caller left room for it."""
        later = self.days.after(day, after)
        assert later is not None, "the plan runs out of the history"
        return self.days.office(self.chance, later)

    def confirm(self, case: Case, at: datetime, community: Organisation) -> None:
        missing = any(not getattr(case.person.row, name) for name in STARRED)
        external = community.kind == Organisation.Kind.EXTERNAL_COMMUNITY
        by = self.history.clerk(case.responsible if external else community)
        self.history.at(at, self.history.confirm, case, by, OLD_FILE if missing else "")

    def verify(self, case: Case, at: datetime, community: Organisation) -> None:
        """By the unit; for people of a unit outside by the community, from the paper."""
        by = self.history.clerk(community if case.unit.is_external else case.responsible)
        self.history.at(at, self.history.verify, case, by)

    def settle(
        self,
        case: Case,
        day: date,
        community: Organisation,
        *,
        address: str = "",
        channel: Channel | None = None,
    ) -> date:
        """From nothing to confirmed, the usual way, within six working days; returns the last one."""
        channel = channel or self.channel(case.person)
        if channel not in (Channel.ONLINE, Channel.FAMILY) and community.kind == Organisation.Kind.COMMUNITY:
            self.at_desk(case, channel, day, community, address=address)
            return day
        correct = case.unit.is_external or self.chance.random() < 0.9
        at_home = channel if channel in (Channel.ONLINE, Channel.FAMILY) else Channel.ONLINE
        start = weekend(self.chance, self.days, day) if correct and not case.unit.is_external else day
        self.fill_in(case, start, channel=at_home, community=community, address=address, correct=correct)
        taken = 0
        if case.unit.is_external or not correct:
            taken = self.chance.choice((1, 1, 2, 3))
            self.verify(case, self.office(day, taken), community)
        taken += self.chance.choice((1, 1, 1, 2, 2, 3))
        self.confirm(case, self.office(day, taken), community)
        later = self.days.after(day, taken)
        assert later is not None
        return later

    # outcomes: confirmed ------------------------------------------------------------------------------------

    def confirmed(self, person: Person, day: date, unit: Organisation | None = None) -> tuple[Case, date]:
        """Needs up to 25 working days after `day`."""
        case, draw = self.case(person, unit), self.chance.random()
        community = self._community(person)
        if person.home is None or person.unit.is_external or draw < 0.86:
            return case, self.settle(case, day, community)
        if draw < 0.93:
            return case, self._returned_once(case, day, community)
        if draw < 0.975:
            return case, self._forwarded_once(case, day, community)
        if draw < 0.993:
            return case, self._placed_once(case, day, community)
        return case, self._undone_once(case, day, community)

    def _community(self, person: Person) -> Organisation:
        if person.home is not None:
            return person.home.organisation
        return self.chance.choice(self.elsewhere)

    elsewhere: list[Organisation] = []  # communities outside the city; given by the filler

    def _returned_once(self, case: Case, day: date, community: Organisation) -> date:
        history, chance = self.history, self.chance
        by_unit = chance.random() < 0.3
        by, _ = self.fill_in(
            case, day, channel=self._home_channel(case.person), community=community, correct=not by_unit
        )
        back = self.office(day, chance.choice((1, 2)))
        reason = "identity_mismatch" if by_unit else words.RETURN_REASONS.draw(chance)
        returner = history.clerk(case.responsible if by_unit else community)
        history.at(back, history.give_back, case, returner, reason, words.RETURN_WORDS[reason])
        taken = 2 + chance.choice((1, 2, 4, 6))
        again = self.office(day, taken)
        history.at(
            again,
            history.write_down,
            case,
            {"address": case.person.row.residence_address, "data_correct": True},
        )
        history.at(again + timedelta(minutes=3), history.submit, case, by)
        taken += chance.choice((1, 2, 3))
        self.confirm(case, self.office(day, taken), community)
        return self._day(day, taken)

    def _forwarded_once(self, case: Case, day: date, community: Organisation) -> date:
        assert case.person.home is not None
        wrong = self.homes.neighbour(self.chance, case.person.home).organisation
        self.fill_in(case, day, channel=self._home_channel(case.person), community=wrong)
        sent = self.office(day, 1)
        by = self.history.clerk(wrong)
        reason = self.chance.choice(words.FORWARD_WORDS)
        self.history.at(sent, self.history.send_to, case, Move.FORWARDED, by, community, reason)
        taken = 1 + self.chance.choice((1, 2, 3))
        self.confirm(case, self.office(day, taken), community)
        return self._day(day, taken)

    def _placed_once(self, case: Case, day: date, community: Organisation) -> date:
        street = community.parent
        assert street is not None
        assert street.division is not None
        self.fill_in(case, day, channel=Channel.ONLINE, area=street.division)
        sent = self.office(day, 1)
        by = self.history.clerk(street)
        self.history.at(sent, self.history.send_to, case, Move.PLACED, by, community, "按门牌核对")
        taken = 1 + self.chance.choice((1, 2, 3))
        self.confirm(case, self.office(day, taken), community)
        return self._day(day, taken)

    def vouched(self, person: Person, day: date) -> None:
        """Somebody not on a roster: the unit (or for one outside, the community) checks who it is first."""
        community, case = self._community(person), self.case(person)
        self.fill_in(case, day, community=community)
        self.verify(case, self.office(day, self.chance.choice((1, 2, 2, 3))), community)
        self.confirm(case, self.office(day, self.chance.choice((4, 4, 5))), community)

    def _undone_once(self, case: Case, day: date, community: Organisation) -> date:
        self.fill_in(case, day, channel=self._home_channel(case.person), community=community)
        first = self.office(day, 1)
        self.confirm(case, first, community)
        by = self.history.clerk(community)
        undone = first + timedelta(minutes=self.chance.randrange(3, 40))
        self.history.at(undone, self.history.undo, case, by, self.chance.choice(words.UNDO_WORDS))
        self.confirm(case, self.office(day, 2), community)
        return self._day(day, 2)

    def _day(self, day: date, taken: int) -> date:
        later = self.days.after(day, taken)
        assert later is not None
        return later

    def _home_channel(self, person: Person) -> Channel:
        return Channel.FAMILY if person.era == 0 and self.chance.random() < 0.4 else Channel.ONLINE

    # outcomes: what follows a confirmation ------------------------------------------------------------------

    def move_house(self, person: Person, day: date) -> None:
        """A second check-in with another community, to its confirmation; the first ends with it."""
        assert person.home is not None
        person.home = self.homes.neighbour(self.chance, person.home)
        address = person.home.address(self.chance)
        self.settle(self.case(person), day, person.home.organisation, address=address)

    def move_in(self, person: Person, address: str, back: int) -> None:
        """Asked `back` working days ago to check in at the present home; the former check-in is in force."""
        self.fill_in(
            self.case(person), self.days.back(back), community=self._community(person), address=address
        )

    def leave(self, case: Case, at: datetime, community: Organisation) -> None:
        """Ended because the person wants it, or for another reason."""
        by = self.history.clerk(community)
        if self.chance.random() < 0.7:
            self.history.at(at, self.history.end, case, by, EndReason.WITHDRAWN, "本人要求撤销报到")
        else:
            self.history.at(
                at, self.history.end, case, by, EndReason.OTHER, self.chance.choice(words.END_WORDS)
            )

    def withdrawn(self, person: Person, day: date) -> None:
        """Taken back before anybody confirmed; from a draft, or after the submission."""
        community = self._community(person)
        case = self.case(person)
        submit = self.chance.random() < 0.8
        by, now = self.fill_in(
            case, day, channel=self._home_channel(person), community=community, submit=submit
        )
        later = now + timedelta(hours=self.chance.randrange(1, 20), minutes=self.chance.randrange(60))
        if not 7 <= later.hour < 22:
            later = later.replace(hour=20)
        if later >= self.days.end or later <= now:
            later = now + timedelta(minutes=20)
        later = min(later, self.days.end - timedelta(seconds=30))
        self.history.at(later, self.history.withdraw, case, by, self.chance.choice(words.WITHDRAW_WORDS))


def weekend(chance: Random, days: Days, day: date) -> date:
    """People at home do not keep office days: on the eve of a day off it is sometimes that day."""
    later = day + DAY
    return later if later not in days.index and later < days.today and chance.random() < 0.5 else day
