"""Taking a reorganisation of units back within a day, while nothing was built on it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.notices.models import Notice
from communities.organisations.actions import close_unit
from communities.organisations.models import Assignment
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.units import actions, registry
from members.units.models import UnitReorganisation
from tests.members.factories import RetireeFactory, make_member
from tests.members.reorganising import DAY, carry_out, plan, units_over_time

pytestmark = pytest.mark.django_db
State = UnitReorganisation.State
NEXT_DAY = DAY + timedelta(days=1)


def test_undoing_gives_everything_back(unit, other, unit_clerk, bureau_clerk):
    first, later = make_member(unit), make_member(unit, since=DAY + timedelta(days=9))
    claimant = RetireeFactory(standing="claimed", claimed_unit=unit)
    made = carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    undone = actions.undo_reorganisation(made.pk, by=bureau_clerk)

    unit.refresh_from_db()
    claimant.refresh_from_db()
    assert (undone.state, unit.closed_on, unit.successor, claimant.claimed_unit) == (
        State.UNDONE,
        None,
        None,
        unit,
    )
    assert units_over_time(first) == [(unit, date(2010, 4, 1), None)]
    assert units_over_time(later) == [(unit, DAY + timedelta(days=9), None)]
    assert Assignment.objects.get(user=unit_clerk).valid_until is None
    assert AuditEntry.objects.filter(action="membership.restored").count() == 2
    assert Notice.objects.filter(key__endswith=":undone").count() == 3


def test_undoing_twice_is_once(unit, other, member, bureau_clerk):
    made = carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    actions.undo_reorganisation(made.pk, by=bureau_clerk)
    actions.undo_reorganisation(made.pk, by=bureau_clerk)

    assert AuditEntry.objects.filter(action="reorganisation.undone").count() == 1


def test_what_was_undone_can_be_done_with_the_same_day(unit, other, third, member, bureau_clerk):
    made = carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)
    actions.undo_reorganisation(made.pk, by=bureau_clerk)

    carry_out(plan("merge", [unit], [third], by=bureau_clerk), by=bureau_clerk)

    assert units_over_time(member) == [(unit, date(2010, 4, 1), NEXT_DAY), (third, NEXT_DAY, None)]


def test_after_a_day_it_is_too_late(unit, other, member, bureau_clerk):
    made = carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    with (
        time_machine.travel(timezone.now() + timedelta(hours=24, minutes=1)),
        pytest.raises(RuleBroken) as refused,
    ):
        actions.undo_reorganisation(made.pk, by=bureau_clerk)
    assert refused.value.code == "too_late"


def test_what_is_not_done_is_not_undone(unit, other, member, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)

    with pytest.raises(RuleBroken):
        actions.undo_reorganisation(made.pk, by=bureau_clerk)


def test_a_stranger_undoes_nothing(unit, other, member, bureau_clerk, stranger):
    made = carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    with pytest.raises(PermissionDenied):
        actions.undo_reorganisation(made.pk, by=stranger)


@pytest.mark.parametrize("what", ["transferred", "target_closed", "month_closed"])
def test_what_changed_since_is_named_and_nothing_is_undone(
    unit, other, third, member, bureau_clerk, monkeypatch, what
):
    made = carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)
    if what == "transferred":
        actions.transfer(member.pk, third.pk, on=timezone.localdate(), by=bureau_clerk)
    elif what == "target_closed":
        close_unit(other.pk, successor_id=third.pk, by=bureau_clerk)
    else:
        monkeypatch.setattr(registry, "closed_until", [lambda unit: date(2026, 4, 30)])
    words = {"transferred": "1 人后来", "target_closed": "后来又撤销", "month_closed": "已经结账"}[what]

    with pytest.raises(RuleBroken, match=words) as refused:
        actions.undo_reorganisation(made.pk, by=bureau_clerk)

    unit.refresh_from_db()
    assert (refused.value.code, unit.closed_on) == ("changed_since", DAY)
