"""Who died in the two years, and how it became known: reported by somebody, confirmed by the unit's side."""

from datetime import date, datetime, timedelta

from checkin.record.models import EndReason
from communities.notices.models import Notice
from members.people.models import Death

from .case import Case
from .history import NOTICES_KEPT, Actor, History
from .people import Person
from .stories import Stories

# Share of each generation that died in the two years.
SHARE = {0: 0.085, 1: 0.02, 2: 0.007}
CAUSES = ("因病", "因病", "因病", "年老", "突发疾病")


class Deaths:
    """Plans deaths; a check-in in force ends when the death is confirmed."""

    def __init__(self, stories: Stories, history: History):
        self.stories, self.history = stories, history
        self.chance, self.days = stories.chance, stories.days

    def befall(self, person: Person) -> bool:
        return self.chance.random() < SHARE[person.era]

    def day(self) -> date:
        """Any day of the history that leaves time for a check-in before it."""
        span = (self.days.today - self.days.launch).days
        return self.days.launch + timedelta(days=self.chance.randrange(70, span - 1))

    def record(
        self, person: Person, died_on: date, case: Case | None, *, outcome: Death.State | None = None
    ) -> None:
        """Report the death a few days later; the unit's side decides one to three working days after that.

        `outcome`: how it ended; left out, it is confirmed when there is time for it, else still open.
        """
        chance, days, history = self.chance, self.days, self.history
        told = days.on_or_before(min(died_on + timedelta(days=chance.randrange(1, 6)), days.working[-1]))
        if told < died_on:
            return
        reported_at = days.office(chance, told)
        reporter = self._reporter(person)
        death = history.store.add(
            Death(
                retiree=person.row,
                died_on=died_on,
                cause=chance.choice(CAUSES),
                reported_by=reporter.user,
                reported_at=reported_at,
            )
        )
        history.at(reported_at, self._report, death, person, reporter)
        decided = days.after(told, chance.choice((1, 1, 2, 3)))
        if decided is None or outcome == Death.State.REPORTED:
            return
        decider = self._decider(person)
        death.decided_by, death.decided_at = decider.user, days.office(chance, decided)
        death.state = outcome or Death.State.CONFIRMED
        if death.state == Death.State.DISMISSED:
            death.words = "已和本人通过电话，身体健康"
            history.at(death.decided_at, self._decide, death, decider, Death.State.DISMISSED, None)
            return
        history.at(death.decided_at, self._decide, death, decider, Death.State.CONFIRMED, case)
        if death.state == Death.State.UNDONE:
            again = days.after(decided, chance.choice((1, 2, 4)))
            if again is None:
                death.state = Death.State.CONFIRMED
                return
            death.words, death.undone_by = "同名同姓，登记错了人", decider.user
            death.undone_at = days.office(chance, again)
            history.at(death.undone_at, self._undo, death, decider, case)

    def _reporter(self, person: Person) -> Actor:
        if person.home is not None:
            return self.history.clerk(person.home.organisation)
        return self.history.clerk(person.unit)

    def _decider(self, person: Person) -> Actor:
        """The unit; for people of a unit outside the community that looks after them."""
        if person.unit.is_external:
            return self._reporter(person)
        return self.history.clerk(person.unit)

    def _report(self, now: datetime, death: Death, person: Person, by: Actor) -> None:
        after = {"died_on": str(death.died_on)}
        self.history.audit(now, by, "death.reported", death, after=after, organisation=None)
        receiver = person.unit
        if now > self.days.end - NOTICES_KEPT and not receiver.is_external:
            words = (
                f"收到{death.retiree.name}同志去世的消息（{death.died_on:%Y年%-m月%-d日}），请核实并确认。"
            )
            self.history.store.add(
                Notice(
                    receiver=receiver,
                    key=f"death-{death.pk}-reported",
                    kind="death_reported",
                    words=words,
                    person=death.retiree_id,
                    created_at=now,
                )
            )

    def _decide(self, now: datetime, death: Death, by: Actor, state: Death.State, case: Case | None) -> None:
        after = {"state": state.value, "died_on": str(death.died_on)}
        before = {"state": Death.State.REPORTED.value}
        self.history.audit(
            now, by, f"death.{state.value}", death, before=before, after=after, organisation=None
        )
        if state != Death.State.CONFIRMED:
            return
        person = death.retiree
        person.died_on, person.updated_at = death.died_on, now
        person.version += 1
        if case is not None:
            words = f"去世登记（{death.died_on:%Y-%m-%d}）"
            self.history.end(now, case, by, EndReason.DEATH, words)

    def _undo(self, now: datetime, death: Death, by: Actor, case: Case | None) -> None:
        person = death.retiree
        person.died_on, person.updated_at = None, now
        person.version += 1
        states = {
            "before": {"state": Death.State.CONFIRMED.value},
            "after": {"state": Death.State.UNDONE.value},
        }
        self.history.audit(now, by, "death.undone", death, organisation=None, **states)
        if case is not None:
            self.history.restore(now, case, by)
