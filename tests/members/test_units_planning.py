"""Planning a reorganisation of units and looking at it: nothing moves, and what cannot be is said."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.units import actions, registry
from members.units.models import UnitReorganisation
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import RetireeFactory, make_member
from tests.members.reorganising import DAY, carry_out, plan

pytestmark = pytest.mark.django_db
State = UnitReorganisation.State


# planning


def test_a_plan_is_a_draft_and_moves_nobody(unit, other, member, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)

    assert (made.state, made.closes, made.rest_to) == (State.DRAFT, True, other)
    assert actions.unit_of(member) == unit
    assert AuditEntry.objects.filter(action="reorganisation.planned").count() == 1


def test_the_same_plan_twice_is_one_draft(unit, other, bureau_clerk):
    first = plan("merge", [unit], [other], by=bureau_clerk)

    assert plan("merge", [unit], [other], by=bureau_clerk) == first


def test_a_unit_that_nobody_follows_goes_to_the_bureau_above(city, unit, bureau_clerk):
    assert plan("close", [unit], [], by=bureau_clerk).rest_to == city.districts[0]


def test_who_is_not_chosen_stays_unless_the_plan_says_otherwise(unit, other, bureau_clerk):
    assert plan("move", [unit], [other], by=bureau_clerk).rest_to == unit
    assert plan("move", [unit], [other], rest_to_id=other.pk, by=bureau_clerk).rest_to == other


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("merge", {"document": " "}, "no_document"),
        ("close", {"document": ""}, "no_document"),
        ("merge", {"effective_on": timezone.localdate() + timedelta(days=1)}, "future_date"),
        ("split", {"closes": True}, "rest_missing"),
        ("move", {"rest_to_id": 0}, "bad_rest"),
    ],
)
def test_a_plan_that_does_not_hold_is_refused(unit, other, bureau_clerk, kind, fields, code):
    with pytest.raises(RuleBroken) as refused:
        plan(kind, [unit], [other], by=bureau_clerk, **fields)

    assert refused.value.code == code


def test_units_that_do_not_fit_are_refused(city, unit, other, third, bureau_clerk):
    gone = make_unit(place=city.districts[0].division, closed_on=DAY)
    attempts = {
        "sources": [("merge", [], [other]), ("move", [unit, third], [other])],
        "targets": [("merge", [unit], []), ("move", [unit], [other, third]), ("split", [unit], [])],
        "same_unit": [("merge", [unit, other], [other])],
        "not_a_unit": [("close", [city.districts[0]], [])],
        "bad_target": [("move", [unit], [city.communities[0]])],
        "unit_closed": [("merge", [unit], [gone]), ("merge", [gone], [unit])],
    }
    for code, tries in attempts.items():
        for kind, sources, targets in tries:
            with pytest.raises(RuleBroken) as refused:
                plan(kind, sources, targets, by=bureau_clerk)
            assert refused.value.code == code


@pytest.mark.parametrize("who", ["unit", "other_district", "street", "receiver"])
def test_only_a_bureau_above_the_old_units_plans(city, unit, other, who):
    of = {"unit": unit, "other_district": city.districts[1], "street": city.streets[0], "receiver": other}[
        who
    ]

    with pytest.raises(PermissionDenied):
        plan("merge", [unit], [other], by=make_staff(of, "lead"))


def test_one_unit_of_another_district_among_them_is_one_too_many(city, unit, other, bureau_clerk):
    elsewhere = make_unit(place=city.districts[1].division)

    with pytest.raises(PermissionDenied):
        plan("merge", [unit, elsewhere], [other], by=bureau_clerk)


def test_a_changed_plan_is_looked_at_again_and_drops_choices_that_no_longer_fit(
    unit, other, third, member, bureau_clerk
):
    made = plan("move", [unit], [other], by=bureau_clerk)
    actions.assign(made.pk, [member.pk], other.pk, by=bureau_clerk)
    actions.preview(made.pk, by=bureau_clerk)

    said = actions.Plan("move", (unit.pk,), (third.pk,), DAY)
    changed = actions.change_plan(made.pk, said, by=bureau_clerk)

    assert (changed.state, changed.fingerprint) == (State.DRAFT, "")
    assert not changed.people.exists()


def test_a_done_plan_is_not_changed(unit, other, member, bureau_clerk):
    made = carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    for act in (
        lambda: actions.change_plan(
            made.pk, actions.Plan("move", (unit.pk,), (other.pk,), DAY), by=bureau_clerk
        ),
        lambda: actions.assign(made.pk, [member.pk], other.pk, by=bureau_clerk),
        lambda: actions.preview(made.pk, by=bureau_clerk),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.code == "not_planned"


# closed months


@pytest.fixture
def march_is_closed(monkeypatch):
    monkeypatch.setattr(registry, "closed_until", [lambda unit: date(2026, 3, 31)])


@pytest.mark.usefixtures("march_is_closed")
@pytest.mark.parametrize("day", [date(2026, 2, 1), date(2026, 3, 30)])
def test_a_day_whose_change_falls_into_a_closed_month_is_refused(unit, other, bureau_clerk, day):
    with pytest.raises(RuleBroken, match="2026年3月31日") as refused:
        plan("merge", [unit], [other], effective_on=day, by=bureau_clerk)

    assert refused.value.code == "closed_month"


@pytest.mark.usefixtures("march_is_closed")
def test_the_last_day_of_the_closed_month_changes_only_the_next(unit, other, bureau_clerk):
    assert plan("merge", [unit], [other], effective_on=date(2026, 3, 31), by=bureau_clerk).pk


def test_a_month_closed_between_plan_and_preview_is_a_problem(unit, other, member, bureau_clerk, monkeypatch):
    made = plan("merge", [unit], [other], effective_on=date(2026, 3, 15), by=bureau_clerk)
    monkeypatch.setattr(registry, "closed_until", [lambda unit: date(2026, 3, 31)])

    looked = actions.preview(made.pk, by=bureau_clerk)

    assert looked.state == State.DRAFT
    assert "结账" in looked.counts["problems"][0]


# choosing people


def test_people_are_told_where_to_go_and_may_be_told_otherwise(unit, other, third, bureau_clerk):
    first, second = make_member(unit), make_member(unit)
    made = plan("split", [unit], [other, third], by=bureau_clerk)

    actions.assign(made.pk, [first.pk, second.pk], other.pk, by=bureau_clerk)
    actions.assign(made.pk, [second.pk], third.pk, by=bureau_clerk)
    actions.assign(made.pk, [first.pk], None, by=bureau_clerk)

    assert list(made.people.values_list("retiree", "target")) == [(second.pk, third.pk)]
    assert AuditEntry.objects.filter(action="reorganisation.assigned").count() == 3


def test_somebody_of_another_unit_cannot_be_chosen(unit, other, bureau_clerk):
    made = plan("move", [unit], [other], by=bureau_clerk)

    actions.assign(made.pk, [make_member(other).pk, RetireeFactory().pk], other.pk, by=bureau_clerk)

    assert not made.people.exists()


def test_people_are_not_told_to_go_to_a_unit_that_receives_nobody(unit, other, third, member, bureau_clerk):
    made = plan("move", [unit], [other], by=bureau_clerk)

    with pytest.raises(RuleBroken) as refused:
        actions.assign(made.pk, [member.pk], third.pk, by=bureau_clerk)
    assert refused.value.code == "bad_target"


def test_nobody_is_chosen_in_a_merger(unit, other, member, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)

    with pytest.raises(RuleBroken) as refused:
        actions.assign(made.pk, [member.pk], other.pk, by=bureau_clerk)
    assert refused.value.code == "everyone"


def test_a_stranger_neither_chooses_nor_looks(unit, other, member, bureau_clerk, stranger):
    made = plan("move", [unit], [other], by=bureau_clerk)

    for act in (
        lambda: actions.assign(made.pk, [member.pk], other.pk, by=stranger),
        lambda: actions.preview(made.pk, by=stranger),
    ):
        with pytest.raises(PermissionDenied):
            act()


# the preview


def test_the_preview_counts_what_would_happen(unit, other, bureau_clerk):
    make_member(unit)
    make_member(unit, is_restricted=True)
    make_member(unit, since=DAY + timedelta(days=5))
    make_member(unit, died_on=date(2025, 1, 1))
    RetireeFactory(standing="claimed", claimed_unit=unit)
    make_staff(unit)

    looked = actions.preview(plan("merge", [unit], [other], by=bureau_clerk).pk, by=bureau_clerk)

    counts = looked.counts
    assert looked.state == State.READY
    assert counts["targets"] == [[other.pk, 4]]
    assert {name: counts[name] for name in ("people", "late", "restricted", "dead", "claimants", "staff")} == {
        "people": 4, "late": 1, "restricted": 1, "dead": 1, "claimants": 1, "staff": 1,
    }  # fmt: skip
    assert counts["notices"] == 2  # the bureau of the old unit, and the new unit


def test_looking_again_counts_again(unit, other, member, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)
    actions.preview(made.pk, by=bureau_clerk)
    make_member(unit)

    assert actions.preview(made.pk, by=bureau_clerk).counts["people"] == 2


def test_a_split_counts_each_way_and_who_stays(unit, other, third, bureau_clerk):
    people = [make_member(unit) for _ in range(4)]
    made = plan("split", [unit], [other, third], by=bureau_clerk)
    actions.assign(made.pk, [people[0].pk], other.pk, by=bureau_clerk)
    actions.assign(made.pk, [people[1].pk], third.pk, by=bureau_clerk)
    actions.assign(made.pk, [people[2].pk], unit.pk, by=bureau_clerk)

    counts = actions.preview(made.pk, by=bureau_clerk).counts

    assert counts["targets"] == [[other.pk, 1], [third.pk, 1]]
    assert counts["stay"] == 2


def test_a_target_that_was_closed_is_a_problem(unit, other, member, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)
    other.closed_on = DAY
    other.save()

    looked = actions.preview(made.pk, by=bureau_clerk)

    assert looked.state == State.DRAFT
    assert looked.counts["problems"] == ["“青岛市第二中学”已经撤销，请重新选单位。"]


def test_a_unit_that_stays_does_not_give_away_who_came_after_the_day(unit, other, bureau_clerk):
    make_member(unit, since=DAY + timedelta(days=1))
    made = plan("move", [unit], [other], rest_to_id=other.pk, by=bureau_clerk)

    looked = actions.preview(made.pk, by=bureau_clerk)

    assert "1 人是这一天以后" in looked.counts["problems"][0]


def test_a_move_of_nobody_is_a_problem(unit, other, member, bureau_clerk):
    looked = actions.preview(plan("move", [unit], [other], by=bureau_clerk).pk, by=bureau_clerk)

    assert looked.counts["problems"] == ["还没有人要转，请先选人员。"]
