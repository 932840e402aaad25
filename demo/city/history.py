"""What the actions of `checkin.record` would have written, written in the order in which it happened.

One function a move, as in `checkin.record.actions`, on rows in memory: the same states, desks, clocks,
versions, numbers, events, audit entries, notices and texts. The steps of all people are sorted by time and
then run, so that numbers and ids rise with time as they do in life.
"""

from collections.abc import Callable
from datetime import date, datetime
from random import Random
from typing import Any

from django.utils import timezone

from checkin.record import consent, periods
from checkin.record.models import (
    Act,
    Ceremony,
    Channel,
    CheckIn,
    CheckInEvent,
    EndReason,
    NumberSeries,
    State,
)
from communities.divisions.models import Division
from communities.organisations.models import Organisation
from members.people.models import Helper, Retiree

from .case import Case
from .days import Days
from .staff import Staff
from .store import Store, new, point
from .traces import NOTICES_KEPT, Actor, Traces

Move = CheckInEvent.Move
PERIOD = {
    State.SUBMITTED: periods.UNIT_VERIFY,
    State.VERIFIED: periods.COMMUNITY_CONFIRM,
    State.RETURNED: periods.PERSON_AMEND,
}


type Step = tuple[datetime, int, Callable[..., None], tuple[Any, ...]]


class History(Traces):
    """Collects steps, then runs them in order of time."""

    def __init__(
        self, chance: Random, days: Days, store: Store, staff: Staff, bureaus: dict[str, Organisation]
    ):
        super().__init__(days, store)
        self.chance, self.staff = chance, staff
        self.bureaus = bureaus
        self.steps: list[Step] = []
        self.numbers: dict[int, int] = {}
        self.in_force: dict[int, Case] = {}
        self.system = Actor(staff.system, "系统")
        self._dates: dict[tuple[str, date], tuple[date, date, date, bool]] = {}

    # planning -----------------------------------------------------------------------------------------------

    def at(self, moment: datetime, do: Callable[..., None], *values: Any) -> None:
        """Let `do(moment, *values)` happen at `moment`, after what was planned before for the same moment."""
        assert moment < self.days.end, f"{moment} is not in the history"
        self.steps.append((moment, len(self.steps), do, values))

    def run(self) -> None:
        for moment, _, do, values in sorted(self.steps, key=lambda step: step[:2]):
            do(moment, *values)
        for year, last in sorted(self.numbers.items()):
            self.store.add(NumberSeries(year=year, last=last))

    # actors -------------------------------------------------------------------------------------------------

    def clerk(self, organisation: Organisation) -> Actor:
        return Actor(self.staff.clerk(organisation), organisation.get_kind_display(), organisation)

    # moves --------------------------------------------------------------------------------------------------

    def start(
        self, now: datetime, case: Case, channel: Channel, by: Actor, helper: Helper | None = None
    ) -> None:
        previous = self.in_force.get(case.person.row.pk)
        case.row = self._new(case, channel, by, now)
        case.row.previous = previous.row if previous else None
        case.row.helper = helper
        self._finish(now, case, Move.STARTED, by, from_state="", tell=False)

    def write_down(self, now: datetime, case: Case, fields: dict[str, Any]) -> None:
        """`fields` as for the action; "community" and "area" are rows."""
        row = case.row
        for name in ("address", "remarks", "data_correct", "declared"):
            if name in fields:
                setattr(row, name, fields[name])
        if "community" in fields:
            self._set_community(row, fields["community"])
        if "area" in fields and row.community is None:
            row.area = fields["area"]
        row.version += 1

    def submit(self, now: datetime, case: Case, by: Actor) -> None:
        row, person = case.row, case.person
        before = State(row.state)
        row.move(Act.SUBMIT)
        row.consent_text, row.consented_at = consent.VERSION, now
        if not row.number:
            row.number = self._number(timezone.localtime(now).year)
        if row.area is None:
            row.area = case.unit.division
        row.submitted_at = now
        self._start_clock(row, now)
        verified_before = row.verified_at is not None and row.data_correct is not False
        auto = verified_before or (
            person.row.standing == Retiree.Standing.ROSTER
            and row.data_correct is not False
            and case.unit.kind != Organisation.Kind.EXTERNAL_UNIT
        )
        self._finish(
            now,
            case,
            Move.SUBMITTED if before == State.DRAFT else Move.RESUBMITTED,
            by,
            from_state=before,
            words=row.remarks[:300],
            after={"address": row.address, "community": row.community_id, "declared": row.declared},
            tell=not auto,
        )
        if auto:
            self._auto_verify(now, case)

    def hand_over(
        self, now: datetime, case: Case, ceremony: Ceremony, by: Actor, community: Organisation
    ) -> None:
        """One person of a ceremony: submitted by the unit and verified by its roster at once."""
        row = case.row = self._new(case, Channel.CEREMONY, by, now)
        row.ceremony = ceremony
        row.data_correct = True
        self._set_community(row, community)
        row.move(Act.SUBMIT)
        row.consent_text, row.consented_at = consent.VERSION, now
        row.number = self._number(ceremony.held_on.year)
        row.submitted_at = now
        self._start_clock(row, now)
        words = f"荣退仪式 {ceremony.held_on}"
        self._finish(now, case, Move.SUBMITTED, by, from_state=State.DRAFT, words=words, tell=False)
        self._auto_verify(now, case)

    def verify(self, now: datetime, case: Case, by: Actor) -> None:
        case.row.move(Act.VERIFY)
        if case.person.is_claimed:
            self._vouch(now, case, by)
        case.row.verified_at = now
        self._start_clock(case.row, now)
        self._finish(now, case, Move.VERIFIED, by, from_state=State.SUBMITTED)

    def give_back(self, now: datetime, case: Case, by: Actor, reason: str, words: str) -> None:
        before = State(case.row.state)
        case.row.move(Act.RETURN)
        case.row.return_reason, case.row.return_words = reason, words
        self._start_clock(case.row, now)
        self._finish(now, case, Move.RETURNED, by, from_state=before, reason=reason, words=words)

    def send_to(
        self,
        now: datetime,
        case: Case,
        move: CheckInEvent.Move,
        by: Actor,
        community: Organisation,
        words: str,
    ) -> None:
        """Forwarded by the community, or placed by the street or bureau."""
        case.row.move(Act.SEND_ON)
        before = {"community": case.row.community_id}
        self._set_community(case.row, community)
        self._start_clock(case.row, now)
        after = {"community": community.pk}
        self._finish(now, case, move, by, from_state=State.VERIFIED, words=words, before=before, after=after)

    def confirm(self, now: datetime, case: Case, by: Actor, because: str = "") -> None:
        row = case.row
        row.move(Act.CONFIRM)
        old = self.in_force.pop(case.person.row.pk, None)
        if old is not None:
            old.row.move(Act.END)
            old.row.ended_at, old.row.end_reason = now, EndReason.MOVED
            self._finish(now, old, Move.ENDED, by, from_state=State.CONFIRMED, reason=EndReason.MOVED)
            row.previous = old.row
        row.confirmed_at, row.confirmed_by = now, by.user
        row.community_contact = by.user.display_name
        assert row.community is not None
        row.community_phone = row.community.phone
        self._settle(now, case, by)
        self.in_force[case.person.row.pk] = case
        after = {"community": row.community_id, "contact": row.community_contact}
        self._finish(now, case, Move.CONFIRMED, by, from_state=State.VERIFIED, words=because, after=after)

    def undo(self, now: datetime, case: Case, by: Actor, words: str) -> None:
        case.row.move(Act.UNDO)
        case.row.confirmed_at = case.row.confirmed_by = None
        self._set_dates(case.row)
        del self.in_force[case.person.row.pk]
        self._finish(now, case, Move.UNDONE, by, from_state=State.CONFIRMED, words=words)

    def withdraw(self, now: datetime, case: Case, by: Actor, words: str, reason: str = "") -> None:
        before = State(case.row.state)
        case.row.move(Act.WITHDRAW)
        self._finish(now, case, Move.WITHDRAWN, by, from_state=before, reason=reason, words=words)

    def end(self, now: datetime, case: Case, by: Actor, reason: EndReason, words: str = "") -> None:
        case.row.move(Act.END)
        case.row.ended_at, case.row.end_reason = now, reason
        del self.in_force[case.person.row.pk]
        self._finish(now, case, Move.ENDED, by, from_state=State.CONFIRMED, reason=reason, words=words)

    def restore(self, now: datetime, case: Case, by: Actor) -> None:
        case.row.move(Act.RESTORE)
        case.row.ended_at, case.row.end_reason = None, ""
        self.in_force[case.person.row.pk] = case
        self._finish(now, case, Move.RESTORED, by, from_state=State.ENDED, words="恢复在世")

    # what the moves share -----------------------------------------------------------------------------------

    def _new(self, case: Case, channel: Channel, by: Actor, now: datetime) -> CheckIn:
        row = new(
            CheckIn,
            retiree=case.person.row,
            channel=channel,
            unit=case.unit,
            created_by=by.user,
            created_at=now,
            address=case.person.row.residence_address,
            version=0,
            token=_token(self.chance),
        )
        return self.store.add(row)

    @staticmethod
    def _set_community(row: CheckIn, community: Organisation | None) -> None:
        point(row, "community", community)
        if community is not None:
            point(row, "area", community.division)

    def _number(self, year: int) -> str:
        self.numbers[year] = self.numbers.get(year, 0) + 1
        return f"FX-{year}-{self.numbers[year]:06d}"

    def _auto_verify(self, now: datetime, case: Case) -> None:
        case.row.move(Act.VERIFY)
        case.row.verified_at = case.row.submitted_at
        self._start_clock(case.row, now)
        self._finish(now, case, Move.AUTO_VERIFIED, self.system, from_state=State.SUBMITTED)

    def _start_clock(self, row: CheckIn, now: datetime) -> None:
        row.clock_started_at = now
        self._set_dates(row)

    def _set_dates(self, row: CheckIn) -> None:
        assert row.clock_started_at is not None
        key = (PERIOD[State(row.state)], timezone.localdate(row.clock_started_at))
        if key not in self._dates:
            clock = self.days.clock
            due = clock.deadline(key[0], row.clock_started_at)
            street = clock.calendar.add_working_days(due.day, clock.lengths[periods.ESCALATE_STREET].length)
            bureau = clock.calendar.add_working_days(due.day, clock.lengths[periods.ESCALATE_BUREAU].length)
            provisional = due.provisional or street.provisional or bureau.provisional
            self._dates[key] = (due.day, street.day, bureau.day, provisional)
        row.due_on, row.street_on, row.bureau_on, row.dates_provisional = self._dates[key]

    def _desk(self, case: Case) -> Organisation | None:
        row = case.row
        match row.state:
            case State.SUBMITTED:
                outside = case.unit.kind == Organisation.Kind.EXTERNAL_UNIT
                return self._receiver(case) if outside else case.responsible
            case State.VERIFIED:
                return self._receiver(case)
            case State.RETURNED:
                return row.desk
        return None

    def _receiver(self, case: Case) -> Organisation:
        row = case.row
        if row.community is None:
            assert row.area is not None
            return self.bureaus[row.area.area]
        if row.community.kind == Organisation.Kind.EXTERNAL_COMMUNITY:
            return case.responsible
        return row.community

    def _vouch(self, now: datetime, case: Case, by: Actor) -> None:
        """Somebody not on a roster is entered on the unit's, as `people.confirm_standing` does."""
        row, day = case.person.row, timezone.localdate(now)
        case.person.vouched_on = day
        joined = {"unit": case.unit.pk, "on": str(day), "cause": "verified"}
        self.audit(
            now, by, "membership.begun", row, before={"unit": None}, after=joined, organisation=case.unit
        )
        row.standing, row.claimed_unit = Retiree.Standing.ROSTER, None
        row.version += 1
        row.updated_at = now
        self.audit(
            now,
            by,
            "retiree.vouched",
            row,
            before={"standing": "claimed"},
            after={"standing": "roster"},
            organisation=case.unit,
        )

    def _settle(self, now: datetime, case: Case, by: Actor) -> None:
        """What was declared becomes the person's data, as `people.set_residence` does."""
        row, person = case.row, case.person.row
        assert row.community is not None
        division: Division | None = row.community.division  # None outside the city
        values = {
            **row.declared,
            "residence_address": row.address,
            "residence_id": division.pk if division else None,
        }
        values["elsewhere"] = _elsewhere(row.community)
        changed = {name: value for name, value in values.items() if getattr(person, name) != value}
        if not changed:
            return
        before = {name: getattr(person, name) for name in sorted(changed)}
        for name, value in changed.items():
            setattr(person, name, value)
        person.version += 1
        person.updated_at = now
        after = {name: changed[name] for name in sorted(changed)}
        self.audit(now, by, "retiree.settled", person, before=before, after=after, organisation=None)

    def _finish(
        self,
        now: datetime,
        case: Case,
        move: CheckInEvent.Move,
        by: Actor,
        *,
        from_state: str,
        reason: str = "",
        words: str = "",
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        tell: bool = True,
    ) -> None:
        row = case.row
        point(row, "desk", self._desk(case))
        if row.desk is None:
            row.due_on = row.street_on = row.bureau_on = None
            row.dates_provisional = False
        row.version += 1
        event = self.store.put(
            CheckInEvent,
            checkin_id=row.pk,
            move=move,
            from_state=from_state,
            to_state=row.state,
            at=now,
            actor_id=by.user.pk,
            actor_name=by.user.display_name,
            role=by.role,
            organisation_id=by.organisation.pk if by.organisation else None,
            reason=reason,
            words=words,
            before=before or {},
            after=after or {},
        )
        self.audit(
            now,
            by,
            f"checkin.{move}",
            row,
            before={"state": str(from_state), **(before or {})},
            after={"state": str(row.state), **(after or {})},
            note=words[:200],
        )
        if tell and now >= self.days.end - NOTICES_KEPT:
            said = CheckInEvent(
                pk=event, move=move, to_state=row.state, at=now, words=words, organisation=by.organisation
            )
            self._tell(now, row, said)


def _elsewhere(community: Organisation) -> str:
    """In or out of the province, for a community outside the city; "" for one inside."""
    if community.division_id is not None:
        return ""
    return Retiree.Elsewhere.PROVINCE if community.region.startswith("山东") else Retiree.Elsewhere.OUTSIDE


def _token(chance: Random) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return "".join(chance.choices(letters, k=22))
