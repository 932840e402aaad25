"""October in a small world: people of one unit, of one outside the city, in two communities; reports in November."""

from dataclasses import dataclass
from typing import Any

import pytest

from checkin.feedback import actions, registry
from checkin.feedback.models import FeedbackMatter, FeedbackReport, Side
from checkin.record import actions as record
from checkin.statistics.months import Month
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.people.models import Retiree
from tests.checkin.statistics.conftest import on
from tests.checkin.world import World
from tests.communities.factories import UserFactory, make_external_unit, make_staff
from tests.members.factories import make_member

OCTOBER = Month(2026, 10)
MADE_ON = "2026-11-05"


@pytest.fixture(autouse=True)
def _without_rooms_above(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports as this room makes them: what the rooms above add is tested there."""
    monkeypatch.setattr(registry, "sections", {})
    monkeypatch.setattr(registry, "matters", {})


@dataclass(frozen=True)
class Fed:
    """`old` is with `here` since September, `new` came in October with a need and lives alone; `outer` is of a unit
    outside; `hidden` is restricted. `boss` works for the city's bureau.
    """

    world: World
    boss: User
    outside: Organisation
    old: Retiree
    new: Retiree
    outer: Retiree
    hidden: Retiree

    def make(self, *, send: bool = True) -> actions.Made:
        with on(MADE_ON):
            made = actions.make(OCTOBER, by=self.boss)
            if send:
                actions.send(OCTOBER, by=self.boss)
        return made

    def of_unit(self) -> FeedbackReport:
        return report_of(self.world.unit, Side.UNIT)

    def of_community(self) -> FeedbackReport:
        return report_of(self.world.here, Side.COMMUNITY)

    def of_outside(self) -> FeedbackReport:
        return report_of(self.outside, Side.UNIT)


def report_of(organisation: Organisation, side: Side) -> FeedbackReport:
    return FeedbackReport.objects.current().get(organisation=organisation, side=side)


def matter_of(report: FeedbackReport, **fields: Any) -> FeedbackMatter:
    return report.matters.get(**fields)


def answer_all(report: FeedbackReport, by: User) -> None:
    for matter in report.matters.filter(state="open"):
        actions.answer_matter(matter.pk, words="已联系", by=by)


@pytest.fixture
def fed(world: World) -> Fed:
    boss = make_staff(world.city.city, display_name="王局")
    with on("2026-09-10"):
        old, hidden = world.member(name="李老先"), world.member(name="保密人")
        world.confirmed(old)
        world.confirmed(hidden)
        Retiree.objects.filter(pk=hidden.pk).update(is_restricted=True)
    outside = make_external_unit("南京市机械研究所")
    with on("2026-10-12"):
        new = world.member(name="新来人", needs=["meals"], living_situation="alone")
        world.confirmed(new)
        outer = make_member(outside, name="外地人", user=UserFactory())
        asked = world.submitted(outer)
        record.verify(asked.pk, by=world.clerk)
        record.confirm(asked.pk, by=world.clerk)
    return Fed(world, boss, outside, old, new, outer, hidden)
