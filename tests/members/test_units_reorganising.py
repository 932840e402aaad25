"""Carrying a reorganisation of units out, and taking it back: all or nothing, history kept."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.notices.models import Notice
from communities.organisations.actions import close_unit
from communities.organisations.models import Assignment
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import running
from huifeng.jobs.models import Job
from members.people.models import IdentityClaim
from members.units import actions, registry
from members.units.models import UnitMembership, UnitReorganisation
from tests.communities.factories import UserFactory, make_external_unit, make_unit
from tests.members.factories import RetireeFactory, make_member
from tests.members.reorganising import DAY, PAPER, carry_out, plan, units_over_time, work_off

pytestmark = pytest.mark.django_db
State = UnitReorganisation.State
NEXT_DAY = DAY + timedelta(days=1)


# merge, split, move, close


def test_a_merger_gives_everybody_of_both_units_to_the_third(unit, other, third, bureau_clerk):
    first, second = make_member(unit, original_post="科长"), make_member(other)

    done = carry_out(plan("merge", [unit, other], [third], by=bureau_clerk), by=bureau_clerk)

    since = date(2010, 4, 1)
    assert done.state == State.DONE
    assert units_over_time(first) == [(unit, since, NEXT_DAY), (third, NEXT_DAY, None)]
    assert units_over_time(second) == [(other, since, NEXT_DAY), (third, NEXT_DAY, None)]
    for old in (unit, other):
        old.refresh_from_db()
        assert (old.closed_on, old.successor) == (DAY, third)
    first.refresh_from_db()
    assert (first.original_unit, first.original_post) == ("青岛市第一研究所", "科长")


def test_the_paper_and_the_cause_stand_on_the_new_membership(unit, other, member, bureau_clerk):
    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    new = member.memberships.get(valid_until=None)
    assert (new.cause, new.document) == ("reorganised", PAPER)


def test_the_operation_and_every_person_are_audited(unit, other, bureau_clerk):
    people = [make_member(unit) for _ in range(3)]

    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    assert AuditEntry.objects.filter(action="reorganisation.done").count() == 1
    entries = AuditEntry.objects.filter(action="membership.reorganised").order_by("pk")
    assert {entry.target_id for entry in entries} == {str(person.pk) for person in people}
    entry = entries[0]
    assert (entry.target_type, entry.actor_id, entry.note) == (
        "members_people.retiree",
        bureau_clerk.pk,
        PAPER,
    )
    assert (entry.before, entry.organisation_id) == ({"unit": unit.pk}, other.pk)
    assert (entry.after["unit"], entry.after["on"]) == (other.pk, "2026-04-01")


def test_a_split_sends_the_chosen_one_way_and_the_rest_the_other(unit, other, third, bureau_clerk):
    first, second = make_member(unit), make_member(unit)
    made = plan("split", [unit], [other, third], closes=True, rest_to_id=third.pk, by=bureau_clerk)
    actions.assign(made.pk, [first.pk], other.pk, by=bureau_clerk)

    carry_out(made, by=bureau_clerk)

    unit.refresh_from_db()
    assert (actions.unit_of(first), actions.unit_of(second)) == (other, third)
    assert (unit.closed_on, unit.successor) == (DAY, third)


def test_a_move_leaves_the_unit_open_and_the_others_in_it(unit, other, unit_clerk, bureau_clerk):
    goes, stays = make_member(unit), make_member(unit)
    made = plan("move", [unit], [other], by=bureau_clerk)
    actions.assign(made.pk, [goes.pk], other.pk, by=bureau_clerk)

    carry_out(made, by=bureau_clerk)

    unit.refresh_from_db()
    assert (actions.unit_of(goes), actions.unit_of(stays), unit.closed_on) == (other, unit, None)
    assert Assignment.objects.get(user=unit_clerk).valid_until is None


def test_everybody_but_the_chosen_moves_when_the_plan_says_so(unit, other, bureau_clerk):
    goes, stays = make_member(unit), make_member(unit)
    made = plan("move", [unit], [other], rest_to_id=other.pk, by=bureau_clerk)
    actions.assign(made.pk, [stays.pk], unit.pk, by=bureau_clerk)

    carry_out(made, by=bureau_clerk)

    assert (actions.unit_of(goes), actions.unit_of(stays)) == (other, unit)


def test_people_of_a_unit_that_nobody_follows_go_to_the_bureau(city, unit, member, bureau_clerk):
    carry_out(plan("close", [unit], [], by=bureau_clerk), by=bureau_clerk)

    unit.refresh_from_db()
    assert actions.unit_of(member) == city.districts[0]
    assert (unit.closed_on, unit.successor) == (DAY, None)


def test_staff_of_a_closed_unit_end_with_it(unit, other, unit_clerk, member, bureau_clerk):
    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    assert Assignment.objects.get(user=unit_clerk).valid_until == DAY


def test_who_came_after_the_day_is_the_successors_from_the_day_they_came(unit, other, bureau_clerk):
    later = DAY + timedelta(days=9)
    person = make_member(unit, since=later)

    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    assert units_over_time(person) == [(other, later, None)]


def test_who_says_to_be_of_the_unit_and_who_waits_on_its_desk_follow(unit, other, member, bureau_clerk):
    claimant = RetireeFactory(standing="claimed", claimed_unit=unit)
    claim = IdentityClaim.objects.create(
        user=UserFactory(),
        retiree=member,
        desk=unit,
        name="王建国",
        birth_month="1950-03",
        phone="13900000000",
    )

    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    claimant.refresh_from_db()
    claim.refresh_from_db()
    assert (claimant.claimed_unit, claim.desk) == (other, other)


def test_a_unit_outside_has_no_desk_so_the_bureau_gets_the_claims(city, unit, member, bureau_clerk):
    outside = make_external_unit()
    claim = IdentityClaim.objects.create(
        user=UserFactory(),
        retiree=member,
        desk=unit,
        name="王建国",
        birth_month="1950-03",
        phone="13900000000",
    )

    carry_out(plan("merge", [unit], [outside], by=bureau_clerk), by=bureau_clerk)

    claim.refresh_from_db()
    assert (claim.desk.kind, actions.unit_of(member)) == ("bureau", outside)


def test_the_bureau_and_the_new_unit_are_told_once_each(city, unit, other, bureau_clerk):
    for _ in range(3):
        make_member(unit)

    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    told = dict(Notice.objects.filter(kind="units.reorganised").values_list("receiver", "words"))
    assert set(told) == {city.districts[0].pk, other.pk}
    assert "青岛市第一研究所并入青岛市第二中学" in told[other.pk]
    assert "3 人由你们管理" in told[other.pk]


def test_past_days_keep_the_unit_they_had(unit, other, member, bureau_clerk):
    def unit_on(day):
        return UnitMembership.objects.get(retiree=member, valid_from__lte=day, valid_until__gt=day).unit

    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    assert unit_on(DAY) == unit


def test_no_membership_inside_a_closed_month_is_touched(unit, other, member, bureau_clerk, monkeypatch):
    asked = []
    monkeypatch.setattr(registry, "closed_until", [lambda unit: asked.append(unit) or date(2026, 3, 31)])

    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    assert units_over_time(member)[0] == (unit, date(2010, 4, 1), date(2026, 4, 1))
    assert {unit, other} <= set(asked)


# starting


def test_what_was_not_looked_at_is_not_started(unit, other, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)

    with pytest.raises(RuleBroken) as refused:
        actions.carry_out(made.pk, by=bureau_clerk)
    assert refused.value.code == "not_ready"


def test_starting_twice_starts_one_job(unit, other, member, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)
    actions.preview(made.pk, by=bureau_clerk)

    first = actions.carry_out(made.pk, by=bureau_clerk)
    again = actions.carry_out(made.pk, by=bureau_clerk)

    assert first.job_id == again.job_id
    assert Job.objects.count() == 1
    assert AuditEntry.objects.filter(action="reorganisation.started").count() == 1


def test_the_job_done_again_finds_its_work_done(unit, other, member, bureau_clerk):
    made = carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)
    Job.objects.update(state="running", finished_at=None)

    job = work_off(made)

    assert (job.state, job.result["people"]) == ("done", 1)
    assert UnitMembership.objects.count() == 2


def test_a_stranger_starts_nothing(unit, other, member, bureau_clerk, stranger):
    made = plan("merge", [unit], [other], by=bureau_clerk)
    actions.preview(made.pk, by=bureau_clerk)

    with pytest.raises(PermissionDenied):
        actions.carry_out(made.pk, by=stranger)


@pytest.mark.parametrize("what", ["left", "came"])
def test_a_preview_that_is_out_of_date_is_refused_and_nothing_is_done(unit, other, third, bureau_clerk, what):
    first, second = make_member(unit), make_member(unit)
    made = plan("merge", [unit], [other], by=bureau_clerk)
    actions.preview(made.pk, by=bureau_clerk)
    if what == "left":
        actions.transfer(first.pk, third.pk, on=timezone.localdate(), by=bureau_clerk)
    else:
        make_member(unit)
    before = UnitMembership.objects.count()

    actions.carry_out(made.pk, by=bureau_clerk)
    job = work_off(made)

    unit.refresh_from_db()
    assert (job.state, made.state) == ("failed", State.FAILED)
    assert "重新预览" in job.error
    assert made.error == job.error
    assert (unit.closed_on, UnitMembership.objects.count()) == (None, before)
    assert actions.unit_of(second) == unit


def test_what_was_refused_is_looked_at_again_and_done(unit, other, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)
    actions.preview(made.pk, by=bureau_clerk)
    person = make_member(unit)
    actions.carry_out(made.pk, by=bureau_clerk)
    work_off(made)

    carry_out(made, by=bureau_clerk)

    assert made.state == State.DONE
    assert actions.unit_of(person) == other


def test_what_goes_wrong_half_way_leaves_nothing_behind(unit, other, member, bureau_clerk, monkeypatch):
    made = plan("merge", [unit], [other], by=bureau_clerk)
    actions.preview(made.pk, by=bureau_clerk)
    actions.carry_out(made.pk, by=bureau_clerk)
    monkeypatch.setattr(registry, "on_people_moved", [lambda *said: 1 / 0])

    job = work_off(made)

    unit.refresh_from_db()
    assert (job.state, made.state, unit.closed_on) == ("failed", State.FAILED, None)
    assert units_over_time(member) == [(unit, date(2010, 4, 1), None)]
    assert not AuditEntry.objects.filter(
        action__in=["membership.reorganised", "reorganisation.done"]
    ).exists()


def test_a_job_that_gave_up_lets_its_reorganisation_be_looked_at_again(unit, other, member, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)
    actions.preview(made.pk, by=bureau_clerk)
    actions.carry_out(made.pk, by=bureau_clerk)
    Job.objects.update(state="failed", finished_at=timezone.now())

    assert actions.preview(made.pk, by=bureau_clerk).state == State.READY


def test_a_job_of_before_does_not_do_what_was_started_anew(unit, other, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)
    actions.preview(made.pk, by=bureau_clerk)
    make_member(unit)
    actions.carry_out(made.pk, by=bureau_clerk)
    old = work_off(made)
    carry_out(made, by=bureau_clerk)
    Job.objects.filter(pk=old.pk).update(state="queued", finished_at=None)

    again = running.run(old.pk)

    made.refresh_from_db()
    assert (again.state, made.state) == ("failed", State.DONE)
    assert "另行办理" in again.error


# a closing without a plan


def test_a_unit_closed_by_the_act_alone_leaves_the_same_record(unit, other, member, bureau_clerk):
    close_unit(unit.pk, successor_id=other.pk, on=DAY, document=PAPER, by=bureau_clerk)

    made = UnitReorganisation.objects.get()
    assert (made.state, made.document, made.counts["people"]) == (State.DONE, PAPER, 1)
    assert made.moved().get().retiree == member


# size


def test_carrying_out_and_undoing_cost_the_same_for_any_number_of_people(city, bureau_clerk):
    counts = []
    for people in (2, 40):
        old, new = make_unit(place=city.districts[0].division), make_unit(place=city.districts[0].division)
        for _ in range(people):
            make_member(old)
        made = plan("merge", [old], [new], by=bureau_clerk)
        actions.preview(made.pk, by=bureau_clerk)
        actions.carry_out(made.pk, by=bureau_clerk)
        with CaptureQueriesContext(connection) as carrying:
            work_off(made)
        with CaptureQueriesContext(connection) as undoing:
            actions.undo_reorganisation(made.pk, by=bureau_clerk)
        counts.append((len(carrying), len(undoing)))

    assert counts[0] == counts[1]
    assert made.people.count() == 40
