"""Check-ins of people whose unit was merged, split or handed over: open ones go along, confirmed ones stay."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checkin.record import actions, desks
from checkin.record.models import CheckIn, State
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.units import actions as units
from members.units.models import UnitReorganisation
from tests.checkin.world import World, again, moves
from tests.communities.factories import OrganisationFactory, make_external_unit, make_staff, make_unit
from tests.members.factories import RetireeFactory
from tests.members.reorganising import carry_out, plan, work_off


@pytest.fixture
def boss(world: World):
    return make_staff(world.city.city)


@pytest.fixture
def other(world: World) -> Organisation:
    return make_unit("青岛市自然资源研究院")


def move(world: World, other: Organisation, boss, *people) -> UnitReorganisation:
    made = plan("move", [world.unit], [other], by=boss)
    units.assign(made.pk, [person.pk for person in people], other.pk, by=boss)
    return carry_out(made, by=boss)


def test_a_request_on_the_units_desk_goes_along(world: World, other, boss) -> None:
    goes, stays = world.waiting_for_unit(), world.waiting_for_unit()

    move(world, other, boss, goes.retiree)

    after = again(goes)
    assert (after.unit, after.desk, after.state) == (other, other, State.SUBMITTED)
    assert (after.version, after.due_on) == (goes.version + 1, goes.due_on)
    assert again(stays).desk == world.unit
    event = goes.events.latest("pk")
    assert (event.move, event.actor, event.before, event.after) == (
        "redirected", boss, {"unit": world.unit.pk}, {"unit": other.pk, "told": False},
    )  # fmt: skip
    assert AuditEntry.objects.filter(action="checkin.redirected", target_id=str(goes.pk)).count() == 1


def test_the_new_unit_can_act_on_it_and_the_old_cannot(world: World, other, boss) -> None:
    request = world.waiting_for_unit()
    clerk = make_staff(other)

    move(world, other, boss, request.retiree)

    assert CheckIn.objects.at_desk(world.unit).count() == 0
    assert actions.verify(request.pk, by=clerk).state == State.VERIFIED


def test_a_request_at_the_community_stays_there_under_the_new_unit(world: World, other, boss) -> None:
    request = world.submitted()

    move(world, other, boss, request.retiree)

    assert (again(request).unit, again(request).desk) == (other, world.here)


def test_a_draft_names_the_new_unit(world: World, other, boss) -> None:
    draft = world.draft()

    move(world, other, boss, draft.retiree)

    assert (again(draft).unit, again(draft).desk) == (other, None)


def test_what_the_old_unit_returned_comes_back_to_the_new_one(world: World, other, boss) -> None:
    request = world.waiting_for_unit()
    actions.return_to_person(request.pk, by=world.unit_clerk, reason="address_unclear", words="门牌号")

    move(world, other, boss, request.retiree)

    assert again(request).desk == other


def test_a_confirmed_check_in_keeps_the_unit_of_its_time(world: World, other, boss) -> None:
    confirmed = world.confirmed()

    move(world, other, boss, confirmed.retiree)

    assert again(confirmed).unit == world.unit
    assert moves(confirmed)[-1] == "confirmed"


def test_a_restricted_persons_request_stays_with_the_bureau(world: World, other, boss) -> None:
    request = world.waiting_for_unit(world.member(is_restricted=True))
    bureau = again(request).desk

    move(world, other, boss, request.retiree)

    assert (again(request).unit, again(request).desk) == (other, bureau)


def test_a_community_outside_is_still_reached_by_the_unit(world: World, other, boss) -> None:
    outside = OrganisationFactory(
        kind="external_community", code="W1", name="天涯区海坡社区", division=None, region="海南省三亚市"
    )
    request = world.submitted(community_id=outside.pk)

    move(world, other, boss, request.retiree)

    assert again(request).desk == other


@pytest.mark.parametrize("goal", ["unit", "bureau", "outside"])
def test_every_desk_is_the_one_that_must_act_next(world: World, other, boss, goal: str) -> None:
    requests = [world.waiting_for_unit(), world.submitted(), world.returned()]
    requests.append(world.waiting_for_unit(world.member(is_restricted=True)))
    requests.append(
        world.submitted(world.member(), community_id=None, area_id=world.city.streets[0].division_id)
    )
    targets = {"unit": [other], "bureau": [], "outside": [make_external_unit()]}[goal]
    kind = "close" if goal == "bureau" else "merge"

    carry_out(plan(kind, [world.unit], targets, by=boss), by=boss)

    for request in requests:
        now = again(request)
        assert now.desk == desks.next_desk(now)
        assert not now.desk.is_external
        assert moves(request)[-1] == "redirected"


def test_who_only_claims_the_unit_goes_along_when_it_ends(world: World, other, boss) -> None:
    retiree = RetireeFactory(standing="claimed", claimed_unit=world.unit, user=make_staff(world.there))
    request = world.submitted(retiree)
    world.member()

    made = carry_out(plan("merge", [world.unit], [other], by=boss), by=boss)
    assert (again(request).unit, again(request).desk) == (other, other)

    units.undo_reorganisation(made.pk, by=boss)
    assert (again(request).unit, again(request).desk) == (world.unit, world.unit)


def test_a_community_is_told_once_of_all_its_people(world: World, other, boss) -> None:
    people = [world.confirmed().retiree, world.submitted().retiree]
    people.append(world.waiting_for_unit(world.member(is_restricted=True)).retiree)
    world.confirmed()

    move(world, other, boss, *people)

    told = Notice.objects.filter(receiver=world.here, kind="units.reorganised").get()
    assert "2 位老同志" in told.words
    assert told.person is None


def test_the_preview_says_how_many_requests_go_along(world: World, other, boss) -> None:
    world.waiting_for_unit()
    world.submitted()
    world.confirmed()

    counts = units.preview(plan("merge", [world.unit], [other], by=boss).pk, by=boss).counts

    assert (counts["checkins"], counts["desk"], counts["communities"]) == (2, 1, 1)


def test_undoing_brings_requests_back(world: World, other, boss) -> None:
    at_unit, at_community = world.waiting_for_unit(), world.submitted()
    made = carry_out(plan("merge", [world.unit], [other], by=boss), by=boss)

    units.undo_reorganisation(made.pk, by=boss)

    assert (again(at_unit).unit, again(at_unit).desk) == (world.unit, world.unit)
    assert (again(at_community).unit, again(at_community).desk) == (world.unit, world.here)
    assert moves(at_unit)[-2:] == ["redirected", "redirected"]
    assert Notice.objects.filter(receiver=world.here, key__endswith=":undone").count() == 1


def test_undoing_a_dissolved_unit_brings_requests_back_from_the_bureau(world: World, boss) -> None:
    request = world.waiting_for_unit()
    made = carry_out(plan("close", [world.unit], [], by=boss), by=boss)
    assert again(request).desk.kind == "bureau"

    units.undo_reorganisation(made.pk, by=boss)

    assert again(request).desk == world.unit


def test_what_the_new_unit_decided_since_is_not_undone(world: World, other, boss) -> None:
    request = world.waiting_for_unit()
    made = carry_out(plan("merge", [world.unit], [other], by=boss), by=boss)
    actions.verify(request.pk, by=make_staff(other))

    with pytest.raises(RuleBroken, match="1 件报到"):
        units.undo_reorganisation(made.pk, by=boss)


def test_requests_cost_the_same_number_of_queries_whatever_their_number(world: World, boss) -> None:
    counts = []
    for people in (1, 12):
        for _ in range(people):
            world.waiting_for_unit()
        goal = make_unit()
        made = plan("move", [world.unit], [goal], rest_to_id=goal.pk, by=boss)
        units.preview(made.pk, by=boss)
        units.carry_out(made.pk, by=boss)
        with CaptureQueriesContext(connection) as queries:
            work_off(made)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert CheckIn.objects.at_desk(goal).count() == 12
