"""Verify, return, forward, place, confirm, undo: what the desks do."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from checkin.record import actions
from checkin.record.models import CheckIn, EndReason, State
from communities.notices.models import Notice
from huifeng.audit.actions import entries_about
from huifeng.errors import AlreadyDone, RuleBroken
from members.people.models import Retiree
from tests.checkin.world import World, again, moves
from tests.communities.factories import UserFactory, make_staff
from tests.members.factories import RetireeFactory

Act = Callable[[World, CheckIn], CheckIn]

ACTS: dict[str, Act] = {
    "verify": lambda world, checkin: actions.verify(checkin.pk, by=world.unit_clerk),
    "return": lambda world, checkin: actions.return_to_person(checkin.pk, by=world.clerk, reason="other"),
    "forward": lambda world, checkin: actions.forward(
        checkin.pk, by=world.clerk, community_id=world.there.pk
    ),
    "confirm": lambda world, checkin: actions.confirm(checkin.pk, by=world.clerk),
    "undo": lambda world, checkin: actions.undo_confirm(checkin.pk, by=world.clerk),
    "withdraw": lambda world, checkin: actions.withdraw(checkin.pk, by=world.person or checkin.retiree.user),
    "end": lambda world, checkin: actions.end(
        checkin.pk, by=world.clerk, reason=EndReason.OTHER, words="长期失联"
    ),
}
MADE: dict[str, Callable[[World], CheckIn]] = {
    "draft": lambda world: world.draft(),
    "submitted": lambda world: world.waiting_for_unit(),
    "verified": lambda world: world.submitted(),
    "returned": lambda world: world.returned(),
    "confirmed": lambda world: world.confirmed(),
    "withdrawn": lambda world: actions.withdraw(world.submitted().pk, by=world.clerk),
    "ended": lambda world: actions.end(
        world.confirmed().pk, by=world.clerk, reason=EndReason.OTHER, words="失联"
    ),
}
FROM_TO = {
    "verify": {"submitted": "verified"},
    "return": {"verified": "returned"},
    "forward": {"verified": "verified"},
    "confirm": {"verified": "confirmed"},
    "undo": {"confirmed": "verified"},
    "withdraw": {
        "draft": "withdrawn",
        "submitted": "withdrawn",
        "verified": "withdrawn",
        "returned": "withdrawn",
    },
    "end": {"confirmed": "ended"},
}


# Every state an act does not start from, but for the one it leads to, made by the same person: that is a repetition.
WRONG = [
    (act, old)
    for act, table in FROM_TO.items()
    for old in MADE
    if old not in table
    and (act, old) not in {("confirm", "confirmed"), ("return", "returned"), ("end", "ended")}
]


@pytest.mark.parametrize(
    ("act", "old", "new"), [(a, o, n) for a, table in FROM_TO.items() for o, n in table.items()]
)
def test_an_act_moves_and_is_written_down(world: World, act: str, old: str, new: str) -> None:
    checkin = MADE[old](world)
    before = entries_about(checkin).count()

    ACTS[act](world, checkin)

    moved = again(checkin)
    last = moved.events.order_by("-pk").first()
    assert moved.state == new
    assert (last.from_state, last.to_state) == (old, new)
    assert entries_about(checkin).count() == before + 1


@pytest.mark.parametrize(("act", "old"), [(a, o) for a, table in FROM_TO.items() for o in table])
def test_an_act_twice_is_once(world: World, act: str, old: str) -> None:
    checkin = MADE[old](world)

    ACTS[act](world, checkin)
    once = moves(checkin)
    ACTS[act](world, checkin)

    assert moves(checkin) == once


@pytest.mark.parametrize(("act", "old"), WRONG)
def test_an_act_from_a_wrong_state_is_refused_and_changes_nothing(world: World, act: str, old: str) -> None:
    checkin = MADE[old](world)
    before = CheckIn.objects.filter(pk=checkin.pk).values().get()

    with pytest.raises((RuleBroken, PermissionDenied)):
        ACTS[act](world, checkin)

    assert CheckIn.objects.filter(pk=checkin.pk).values().get() == before


@pytest.mark.parametrize(("act", "old"), [(a, o) for a, table in FROM_TO.items() for o in table])
@pytest.mark.parametrize("stranger", ["clerk_there", "street_clerk", "bureau_clerk"])
def test_an_act_by_the_wrong_person_is_refused(world: World, act: str, old: str, stranger: str) -> None:
    checkin = MADE[old](world)
    someone = getattr(world, stranger)
    acting = dict.fromkeys(("clerk", "unit_clerk", "person"), someone)
    imposed = World(**(world.__dict__ | acting))
    before = moves(checkin)

    with pytest.raises(PermissionDenied):
        ACTS[act](imposed, checkin)

    assert moves(checkin) == before


def test_a_colleague_reads_who_confirmed_and_when(world: World) -> None:
    checkin = world.confirmed()
    colleague = make_staff(world.here)

    with pytest.raises(AlreadyDone, match="李敏") as refused:
        actions.confirm(checkin.pk, by=colleague)

    assert refused.value.at == checkin.events.order_by("-pk").first().at


def test_a_page_from_before_a_return_cannot_confirm(world: World) -> None:
    checkin = world.submitted()
    actions.return_to_person(checkin.pk, by=world.clerk, reason="other")

    with pytest.raises(AlreadyDone, match="请补充"):
        actions.confirm(checkin.pk, by=world.clerk, version=checkin.version)


def test_verification_enters_a_claimed_person_on_the_roster(world: World) -> None:
    retiree = RetireeFactory(standing=Retiree.Standing.CLAIMED, claimed_unit=world.unit, user=UserFactory())
    checkin = world.submitted(retiree)
    assert (checkin.state, checkin.desk) == (State.SUBMITTED, world.unit)

    actions.verify(checkin.pk, by=world.unit_clerk)

    retiree.refresh_from_db()
    assert retiree.standing == Retiree.Standing.ROSTER


def test_a_return_needs_a_reason(world: World) -> None:
    checkin = world.submitted()

    with pytest.raises(RuleBroken, match="原因"):
        actions.return_to_person(checkin.pk, by=world.clerk, reason="")


def test_a_returned_request_stays_on_the_desk_that_returned_it(world: World) -> None:
    checkin = world.returned()

    assert checkin.desk == world.here
    assert list(CheckIn.objects.at_desk(world.here)) == [checkin]


def test_the_unit_may_return_what_it_was_asked_to_verify(world: World) -> None:
    checkin = world.waiting_for_unit()

    returned = actions.return_to_person(checkin.pk, by=world.unit_clerk, reason="identity_mismatch")

    assert (returned.state, returned.desk) == (State.RETURNED, world.unit)


def test_after_a_return_by_the_community_the_unit_is_not_asked_again(world: World) -> None:
    checkin = world.returned()
    actions.write_down(checkin.pk, by=checkin.retiree.user, address="云霄路 12 号 3 单元 503")

    again_submitted = actions.submit(checkin.pk, by=checkin.retiree.user)

    assert (again_submitted.state, again_submitted.desk) == (State.VERIFIED, world.here)
    assert again_submitted.number == checkin.number


def test_forwarding_starts_the_clock_again_and_keeps_the_history(world: World) -> None:
    with time_machine.travel("2026-11-09 10:00+08:00", tick=False):
        checkin = world.submitted()
    with time_machine.travel("2026-11-18 10:00+08:00", tick=False):
        forwarded = actions.forward(checkin.pk, by=world.clerk, community_id=world.there.pk)

    assert forwarded.desk == world.there
    assert forwarded.due_on > checkin.due_on
    assert moves(checkin)[-2:] == ["auto_verified", "forwarded"]
    assert Notice.objects.filter(receiver=world.there, kind="checkin.forwarded").exists()


def test_the_street_places_somebody_who_asked_for_it(world: World) -> None:
    checkin = world.submitted(community_id=None, area_id=world.city.streets[0].division_id)

    placed = actions.place(checkin.pk, by=world.street_clerk, community_id=world.there.pk)

    assert (placed.state, placed.desk, placed.community) == (State.VERIFIED, world.there, world.there)


def test_nobody_is_confirmed_without_a_community(world: World) -> None:
    checkin = world.submitted(community_id=None, area_id=world.city.streets[0].division_id)

    with pytest.raises(RuleBroken, match="社区"):
        actions.confirm(checkin.pk, by=world.street_clerk)


def test_confirming_makes_what_was_declared_the_persons_data(world: World) -> None:
    checkin = world.confirmed(address="云霄路 7 号", interests=["calligraphy"], living_situation="alone")

    retiree = Retiree.objects.get(pk=checkin.retiree_id)
    assert (retiree.residence, retiree.residence_address) == (world.here.division, "云霄路 7 号")
    assert (retiree.interests, retiree.living_situation) == (["calligraphy"], "alone")


def test_missing_data_needs_a_word_at_confirmation(world: World) -> None:
    checkin = world.submitted(world.member(rank=""))

    with pytest.raises(RuleBroken, match="职级"):
        actions.confirm(checkin.pk, by=world.clerk)
    confirmed = actions.confirm(checkin.pk, by=world.clerk, incomplete_because="档案在外地，正在调取")

    assert confirmed.state == State.CONFIRMED
    assert confirmed.events.order_by("-pk").first().words == "档案在外地，正在调取"


def test_moving_house_ends_the_old_check_in_in_the_same_act(world: World) -> None:
    old = world.confirmed()
    new = world.submitted(old.retiree, community_id=world.there.pk, address="浮山所路 1 号")
    assert again(old).state == State.CONFIRMED

    actions.confirm(new.pk, by=world.clerk_there)

    old = again(old)
    assert (old.state, old.end_reason) == (State.ENDED, EndReason.MOVED)
    assert again(new).previous == old
    assert Notice.objects.filter(receiver=world.here, kind="checkin.ended").exists()


def test_moving_to_the_same_community_is_refused(world: World) -> None:
    old = world.confirmed()

    with pytest.raises(RuleBroken, match="没有变"):
        world.submitted(old.retiree)


def test_undoing_a_move_puts_the_old_check_in_back(world: World) -> None:
    old = world.confirmed()
    new = world.submitted(old.retiree, community_id=world.there.pk)
    actions.confirm(new.pk, by=world.clerk_there)

    actions.undo_confirm(new.pk, by=world.clerk_there)

    assert again(old).state == State.CONFIRMED
    assert again(new).state == State.VERIFIED
    assert Retiree.objects.get(pk=old.retiree_id).residence == world.here.division


def test_undo_is_refused_after_24_hours(world: World) -> None:
    checkin = world.confirmed()

    with (
        time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)),
        pytest.raises(RuleBroken, match="时间"),
    ):
        actions.undo_confirm(checkin.pk, by=world.clerk)


def test_undo_does_not_give_the_community_a_new_deadline(world: World) -> None:
    with time_machine.travel("2026-11-09 10:00+08:00", tick=False):
        checkin = world.submitted()
    with time_machine.travel("2026-11-12 10:00+08:00", tick=False):
        actions.confirm(checkin.pk, by=world.clerk)
        undone = actions.undo_confirm(checkin.pk, by=world.clerk)

    assert undone.due_on == checkin.due_on


def test_a_batch_confirms_what_it_can_and_names_the_rest(world: World) -> None:
    good, gone = world.submitted(), world.submitted()
    actions.withdraw(gone.pk, by=gone.retiree.user)
    foreign = world.submitted(community_id=world.there.pk)

    outcomes = actions.confirm_many([good.pk, gone.pk, foreign.pk], by=world.clerk)

    assert [bool(outcome.refusal) for outcome in outcomes] == [False, True, True]
    assert again(good).state == State.CONFIRMED


def test_a_batch_takes_fifty_at_most(world: World) -> None:
    with pytest.raises(RuleBroken, match="50"):
        actions.confirm_many(list(range(51)), by=world.clerk)


def test_a_batch_leaves_what_somebody_should_look_at(world: World) -> None:
    moving = world.submitted(world.confirmed().retiree, community_id=world.there.pk)

    outcome = actions.confirm_many([moving.pk], by=world.clerk_there)[0]

    assert outcome.refusal == f"要单独核对：从{world.here}迁入"
    assert again(moving).state == State.VERIFIED


def test_of_a_restricted_person_bureaus_alone_hear(world: World) -> None:
    retiree = world.member(is_restricted=True)

    confirmed = actions.confirm(world.submitted(retiree).pk, by=world.bureau_clerk)

    assert confirmed.state == "confirmed"
    told = Notice.objects.filter(person=retiree.pk).values_list("receiver__kind", flat=True)
    assert set(told) <= {"bureau"}
