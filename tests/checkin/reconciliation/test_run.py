"""A run: nothing found where nothing is wrong, one at a time, written down, told of, and cheap.

`test_two_at_once_are_one` was seen to fail with the advisory lock taken out of `_alone`.
"""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checkin.proposals import actions as proposals
from checkin.reconciliation import actions, periodic
from checkin.reconciliation.actions import reconciling
from checkin.reconciliation.models import Drift, PostedDigest, ReconciliationRun
from checkin.record import actions as record
from checkin.record.models import CheckIn, CheckInEvent, EndReason
from communities.divisions import actions as divisions
from communities.notices.models import Notice
from communities.organisations.actions import close_unit
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import running
from huifeng.jobs.models import Job
from members.people import actions as people
from members.people.models import Retiree
from members.units import actions as units
from tests.checkin.proposals.said import of_community, of_person
from tests.checkin.world import World, again, make_world
from tests.communities.factories import make_external_unit, make_staff, make_unit
from tests.members.factories import make_member
from tests.members.racing import race
from tests.members.reorganising import carry_out, plan

from . import planting
from .planting import enrolled, found, run, settle


def live(world: World) -> None:
    """Something of everything that happens to people, units and communities."""
    boss, other = make_staff(world.city.city), make_unit("青岛市第二研究院")
    world.returned(enrolled(world.unit))
    world.waiting_for_unit(enrolled(world.unit))
    withdrawn = world.submitted(enrolled(world.unit))
    record.withdraw(withdrawn.pk, by=withdrawn.retiree.user)
    moved = world.confirmed(enrolled(world.unit)).retiree
    record.confirm(world.submitted(moved, community_id=world.there.pk).pk, by=world.clerk_there)
    undone = world.confirmed(enrolled(world.unit))
    record.undo_confirm(undone.pk, by=world.clerk)
    forwarded = world.submitted(enrolled(world.unit))
    record.forward(forwarded.pk, by=world.clerk, community_id=world.there.pk)
    ended = world.confirmed(enrolled(world.unit))
    record.end(ended.pk, by=world.clerk, reason=EndReason.WITHDRAWN)
    dead = world.confirmed(enrolled(world.unit)).retiree
    of_community(world, dead, original_unit="青岛第二棉纺织厂")
    people.confirm_death(
        people.report_death(dead.pk, died_on=date(2026, 11, 1), by=world.clerk).pk, by=world.unit_clerk
    )
    for start in (world.confirmed, world.waiting_for_unit, world.returned):
        handed = start(enrolled(world.unit)).retiree
        of_person(world, handed)
        units.transfer(handed.pk, other.pk, on=date(2026, 11, 1), by=world.unit_clerk)
    for start in (world.confirmed, world.waiting_for_unit, world.returned):
        start(enrolled(other))
    third = make_unit("青岛市第三研究院")
    carry_out(plan("merge", [other], [third], by=boss, closes=True), by=boss)
    answered = of_person(world, enrolled(third))
    proposals.accept(answered.pk, by=make_staff(third))
    outside = make_external_unit()
    asked = world.submitted(make_member(outside, user=User.objects.create(username="outer")))
    record.verify(asked.pk, by=world.clerk)
    record.confirm(asked.pk, by=world.clerk)


def test_a_world_in_which_everything_happened_is_clean(world: World) -> None:
    live(world)
    settle()

    done = run()

    assert list(Drift.objects.filter(run=done).values_list("check_key", "field", "expected", "found")) == []
    assert CheckInEvent.objects.filter(move="redirected").exists()
    assert not Notice.objects.filter(kind="reconciliation.drift").exists()


def test_a_closed_unit_and_a_closed_community_leave_nothing(world: World) -> None:
    boss, unit = make_staff(world.city.city), make_unit("青岛市第四研究院")
    world.waiting_for_unit(enrolled(unit))
    world.confirmed(enrolled(unit))
    world.submitted(enrolled(unit))
    close_unit(
        unit.pk, successor_id=world.unit.pk, on=date(2026, 11, 1), document="青编办〔2026〕1号", by=boss
    )
    divisions.merge(world.here.division_id, into=world.there.division_id, on=date(2026, 11, 1), by=boss)
    settle()

    done = run()

    assert list(Drift.objects.filter(run=done).values_list("check_key", "field", "expected", "found")) == []


def test_a_clean_run_asks_as_much_of_ten_people_as_of_one(world: World) -> None:
    world.confirmed(enrolled(world.unit))
    settle()
    run()
    with CaptureQueriesContext(connection) as one:
        run()
    for _ in range(4):
        world.confirmed(enrolled(world.unit))
        of_person(world, enrolled(world.unit))
    settle()

    with CaptureQueriesContext(connection) as ten:
        assert found(run()) == {}

    assert len(ten) == len(one) <= 35


def test_a_run_is_written_down_and_audited(world: World) -> None:
    planting.people.membership_edited(world)()

    done = actions.reconcile(by=world.bureau_clerk)

    assert (done.found, done.repaired, done.left, done.repairs) == (1, 0, 1, False)
    entry = AuditEntry.objects.get(action="reconciliation.run")
    assert (entry.actor_id, entry.after) == (
        world.bureau_clerk.pk,
        {"found": 1, "repaired": 0, "repairs": False},
    )


def test_the_city_bureau_hears_once_a_run_of_what_is_left(world: World) -> None:
    planting.people.membership_edited(world)()

    first, second = run(repair=True), run(repair=True)

    told = Notice.objects.filter(kind="reconciliation.drift").order_by("pk")
    assert [(notice.receiver, notice.key) for notice in told] == [
        (world.city.city, f"reconciliation:{first.pk}"),
        (world.city.city, f"reconciliation:{second.pk}"),
    ]
    assert "还有 1 处要人处理" in told[0].words


def test_a_repaired_notice_is_the_one_that_was_lost_and_comes_once(world: World) -> None:
    checkin = world.confirmed(enrolled(world.unit))
    lost = Notice.objects.get(receiver=world.unit, kind="checkin.confirmed")
    Notice.objects.filter(pk=lost.pk).delete()

    for _ in range(2):
        run(repair=True)

    again_there = Notice.objects.get(receiver=world.unit, kind="checkin.confirmed")
    fields = ("key", "words", "person", "link", "data", "sender_id")
    assert [getattr(again_there, name) for name in fields] == [getattr(lost, name) for name in fields]
    assert again_there.person == checkin.retiree_id


def test_without_repair_nothing_is_mended(world: World) -> None:
    checkin = world.confirmed(enrolled(world.unit))
    Notice.objects.filter(receiver=world.unit, kind="checkin.confirmed").delete()

    run()

    assert not Notice.objects.filter(receiver=world.unit, kind="checkin.confirmed").exists()
    assert again(checkin).state == "confirmed"


def test_a_correction_says_the_right_state_in_codes_and_no_name(world: World) -> None:
    planting.outside.outside_has_another_state(world)()

    run(repair=True)

    notice = Notice.objects.get(kind="reconciliation.correction")
    checkin = CheckIn.objects.get()
    assert notice.receiver == world.unit
    assert notice.data == {
        "drift": "state",
        "ours": True,
        "version": checkin.retiree.version,
        "checkin": checkin.number,
        "state": "confirmed",
        "community": world.here.code,
        "died": False,
    }
    assert checkin.retiree.name not in notice.words


def test_of_a_stranger_an_outside_system_hears_only_that(world: World) -> None:
    person = planting.outside.outside_has_somebody_else(world)()

    run(repair=True)

    notice = Notice.objects.get(kind="reconciliation.correction")
    assert (notice.person, notice.data) == (person, {"drift": "extra", "ours": False})


def test_what_changed_after_a_posting_is_no_drift(world: World) -> None:
    alone, _, right = planting.outside.holding(world)
    planting.outside.posted(world, right)
    people.update_unit_fields(alone.pk, {"original_post": "副处长"}, by=world.unit_clerk)
    settle()

    assert found(run()) == {}


def test_the_newest_posting_counts(world: World) -> None:
    alone, _, right = planting.outside.holding(world)
    planting.outside.posted(world, right)
    settle()
    later = {pk: said for pk, said in right.items() if pk != alone.pk}
    actions.keep_digest(world.unit, later, run="later", by=world.unit_clerk)

    assert found(run()) == {"outside": 1}


def test_keeping_a_digest_is_audited_and_refused_to_strangers(world: World) -> None:
    kept = actions.keep_digest(world.unit, {1: {"version": 1}}, run="r", by=world.unit_clerk)

    assert AuditEntry.objects.get(action="digest.posted").target_id == str(kept.pk)
    with pytest.raises(PermissionDenied):
        actions.keep_digest(world.unit, {1: {"version": 1}}, run="r", by=world.clerk)
    assert PostedDigest.objects.count() == 1


@pytest.mark.parametrize("who", ["clerk", "unit_clerk", "street_clerk"])
def test_only_bureaus_reconcile(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied):
        actions.reconcile(by=getattr(world, who))
    with pytest.raises(PermissionDenied):
        actions.start(repair=False, by=getattr(world, who))

    assert not ReconciliationRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world()
    planting.people.membership_edited(world)()
    by = User.objects.system()
    slow = reconciling._look

    def slowly(*args: Any, **more: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        return slow(*args, **more)

    monkeypatch.setattr(reconciling, "_look", slowly)
    answers = race(2, lambda number: actions.reconcile(by=by, repair=True))

    refused = [answer for answer in answers if isinstance(answer, RuleBroken)]
    assert [error.code for error in refused] == ["running"]
    assert ReconciliationRun.objects.count() == 1
    assert actions.reconcile(by=by).found == 1


def test_the_command_prints_one_object_last(world: World) -> None:
    planting.people.membership_edited(world)()
    output = StringIO()

    call_command("reconcile", "--repair", "--json", stdout=output)

    said = json.loads(output.getvalue().splitlines()[-1])
    assert (said["found"], said["repaired"], said["left"]) == (1, 0, 1)
    assert {key: number for key, number in said["checks"].items() if number} == {"memberships": 1}
    assert said["seconds"] > 0


def test_the_command_in_words(world: World) -> None:
    planting.people.membership_edited(world)()
    output = StringIO()

    call_command("reconcile", stdout=output)

    assert output.getvalue().startswith("现管单位与留痕不符：1\n1 处差异，已补好 0 处")


def test_every_night_what_was_lost_is_issued_again(world: World) -> None:
    world.confirmed(enrolled(world.unit))
    Notice.objects.filter(receiver=world.unit, kind="checkin.confirmed").delete()

    periodic.reconcile()

    assert Notice.objects.filter(receiver=world.unit, kind="checkin.confirmed").exists()
    assert ReconciliationRun.objects.get().by == User.objects.system()


def test_the_job_of_a_bureau_does_it_and_is_asked_for_once(world: World) -> None:
    planting.notices.outbox_row_stuck(world)()

    first = actions.start(repair=True, by=world.bureau_clerk)
    second = actions.start(repair=True, by=world.bureau_clerk)

    assert first.pk == second.pk
    done = running.run(first.pk)
    assert done is not None
    assert (done.state, done.result["found"], done.result["repaired"]) == (Job.State.DONE, 1, 1)


def test_a_transfer_takes_the_open_request_along(world: World) -> None:
    other = make_unit()
    waiting, returned = (
        world.waiting_for_unit(enrolled(world.unit)),
        world.waiting_for_unit(enrolled(world.unit)),
    )
    record.return_to_person(returned.pk, by=world.unit_clerk, reason="address_unclear")

    for checkin in (waiting, returned):
        units.transfer(checkin.retiree_id, other.pk, on=date(2026, 11, 1), by=world.unit_clerk)

    assert [(again(c).unit, again(c).desk) for c in (waiting, returned)] == [(other, other), (other, other)]
    assert Notice.objects.filter(receiver=other, kind="checkin.redirected").count() == 2
    assert Retiree.objects.count() == 2
