"""Requests that are still open at the end of the history: a draft, or on somebody's desk since some days."""

from datetime import date, timedelta

from checkin.record.models import Channel, CheckInEvent

from . import words
from .people import Person
from .stories import Stories

Move = CheckInEvent.Move


class Waiting(Stories):
    """Plans that end on a desk. `back`: working days ago at which the request came there."""

    def draft(self, person: Person, day: date) -> None:
        self.fill_in(
            self.case(person),
            day,
            channel=self._home_channel(person),
            community=self._community(person),
            submit=False,
        )

    def at_unit(self, person: Person, back: int) -> None:
        """Submitted with a correction, waiting for the unit; a claimed one without a correction."""
        case = self.case(person)
        correct = person.is_claimed
        self.fill_in(case, self.days.back(back), community=self._community(person), correct=correct)

    def at_community(self, person: Person, back: int) -> None:
        """Verified by the roster, waiting for the community since `back` working days."""
        channel = self._home_channel(person)
        self.fill_in(
            self.case(person), self.days.back(back), channel=channel, community=self._community(person)
        )

    def returned(self, person: Person, back: int, *, by_unit: bool, channel: Channel | None = None) -> None:
        community, case = self._community(person), self.case(person)
        self.fill_in(
            case,
            self.days.back(back + 2),
            channel=channel or self._home_channel(person),
            community=community,
            correct=not by_unit,
        )
        reason = "identity_mismatch" if by_unit else words.RETURN_REASONS.draw(self.chance)
        by = self.history.clerk(case.responsible if by_unit else community)
        at = self.days.office(self.chance, self.days.back(back))
        self.history.at(at, self.history.give_back, case, by, reason, words.RETURN_WORDS[reason])

    def resubmitted(self, person: Person, back: int) -> None:
        """Returned, mended and handed in again, waiting for the community."""
        community, case = self._community(person), self.case(person)
        by, _ = self.fill_in(case, self.days.back(back + 5), community=community)
        reason = words.RETURN_REASONS.draw(self.chance)
        at = self.days.office(self.chance, self.days.back(back + 3))
        clerk = self.history.clerk(community)
        self.history.at(at, self.history.give_back, case, clerk, reason, words.RETURN_WORDS[reason])
        again = self.days.home(self.chance, self.days.back(back))
        self.history.at(again, self.history.write_down, case, {"address": person.row.residence_address})
        self.history.at(again + timedelta(minutes=2), self.history.submit, case, by)

    def waiting_for_place(self, person: Person, back: int, *, with_district: bool = False) -> None:
        """Verified, and the street (or the district) has to find the community."""
        street = self._community(person).parent
        assert street is not None
        assert street.parent is not None
        area = street.parent.division if with_district else street.division
        self.fill_in(self.case(person), self.days.back(back), area=area)

    def placed(self, person: Person, back: int) -> None:
        community, case = self._community(person), self.case(person)
        street = community.parent
        assert street is not None
        self.fill_in(case, self.days.back(back + 2), area=street.division)
        at = self.days.office(self.chance, self.days.back(back))
        by = self.history.clerk(street)
        self.history.at(at, self.history.send_to, case, Move.PLACED, by, community, "按门牌核对")

    def forwarded(self, person: Person, back: int) -> None:
        assert person.home is not None
        case = self.case(person)
        wrong = self.homes.neighbour(self.chance, person.home).organisation
        self.fill_in(case, self.days.back(back + 2), community=wrong)
        at = self.days.office(self.chance, self.days.back(back))
        reason = self.chance.choice(words.FORWARD_WORDS)
        by = self.history.clerk(wrong)
        self.history.at(at, self.history.send_to, case, Move.FORWARDED, by, person.home.organisation, reason)

    def undone(self, person: Person, back: int) -> None:
        """Confirmed and taken back the same day: waiting for the community again."""
        community, case = self._community(person), self.case(person)
        self.fill_in(case, self.days.back(back + 1), community=community)
        at = self.days.office(self.chance, self.days.back(back))
        self.confirm(case, at, community)
        later = at + timedelta(minutes=self.chance.randrange(2, 30))
        by = self.history.clerk(community)
        self.history.at(later, self.history.undo, case, by, self.chance.choice(words.UNDO_WORDS))
