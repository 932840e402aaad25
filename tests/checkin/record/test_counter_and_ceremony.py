"""Registered by somebody else: at the counter, and at a retirement ceremony."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from checkin.record import actions
from checkin.record.models import Ceremony, Channel, CheckIn, State
from huifeng.errors import RuleBroken
from members.people.models import Retiree
from tests.checkin.world import World, again, moves
from tests.communities.factories import make_external_unit
from tests.members.factories import make_member


def register(world: World, retiree: Retiree, **changes: object) -> CheckIn:
    told: dict = {
        "by": world.clerk,
        "channel": Channel.COUNTER,
        "community_id": world.here.pk,
        "address": "云霄路 12 号",
    }
    return actions.register(retiree.pk, **(told | changes))


def test_at_the_own_counter_a_roster_person_is_confirmed_on_the_spot(world: World) -> None:
    checkin = register(world, world.member(user=None))

    assert (checkin.state, checkin.channel) == (State.CONFIRMED, Channel.COUNTER)
    assert moves(checkin) == ["started", "submitted", "auto_verified", "confirmed"]


def test_the_counter_notes_missing_data_only_where_some_is_missing(world: World) -> None:
    complete = register(world, world.member(user=None))
    incomplete = register(world, world.member(user=None, rank=""))

    noted = [checkin.events.order_by("-pk").first().words for checkin in (complete, incomplete)]

    assert noted == ["", "窗口登记，资料随后补齐"]


def test_a_person_of_a_unit_outside_is_verified_from_the_paper(world: World) -> None:
    checkin = register(world, make_member(make_external_unit(), user=None))

    assert checkin.state == State.CONFIRMED
    assert "verified" in moves(checkin)


def test_somebody_of_another_community_waits_there(world: World) -> None:
    checkin = register(world, world.member(user=None), community_id=world.there.pk)

    assert (checkin.state, checkin.desk) == (State.VERIFIED, world.there)


def test_the_counter_finds_a_request_under_way(world: World) -> None:
    open_request = world.submitted()

    with pytest.raises(RuleBroken, match=open_request.number):
        register(world, open_request.retiree)


def test_the_counter_takes_over_a_draft(world: World) -> None:
    draft = world.draft()

    checkin = register(world, draft.retiree, channel=Channel.PHONE)

    assert (checkin.pk, checkin.channel, checkin.state) == (draft.pk, Channel.PHONE, State.CONFIRMED)


def test_a_refused_registration_leaves_nothing_behind(world: World) -> None:
    retiree = world.member(user=None)

    with pytest.raises(RuleBroken):
        register(world, retiree, address="")

    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("channel", [Channel.ONLINE, Channel.CEREMONY])
def test_the_counter_has_its_own_channels(world: World, channel: Channel) -> None:
    with pytest.raises(RuleBroken, match="来访方式"):
        register(world, world.member(user=None), channel=channel)


def test_a_unit_clerk_has_no_counter(world: World) -> None:
    with pytest.raises(PermissionDenied):
        register(world, world.member(user=None), by=world.unit_clerk)


def hold(world: World, people: list[Retiree], **changes: object) -> Ceremony:
    told: dict = {"by": world.unit_clerk, "held_on": timezone.localdate(), "place": "会议室"}
    rows = [(person.pk, world.here.pk, f"云霄路 {number} 号") for number, person in enumerate(people, 1)]
    return actions.hold_ceremony(world.unit.pk, people=rows, **(told | changes))


def test_a_ceremony_hands_everyone_over_in_one_act(world: World) -> None:
    people = [world.member(user=None) for _ in range(20)]

    ceremony = hold(world, people)

    checkins = CheckIn.objects.filter(ceremony=ceremony)
    assert checkins.count() == 20
    assert set(checkins.values_list("state", "channel", "desk")) == {("verified", "ceremony", world.here.pk)}
    assert moves(checkins[0]) == ["submitted", "auto_verified"]


def test_a_ceremony_held_twice_adds_nothing(world: World) -> None:
    people = [world.member(user=None) for _ in range(3)]

    first = hold(world, people)
    second = hold(world, people)

    assert first == second
    assert CheckIn.objects.count() == 3


def test_a_ceremony_hands_over_everyone_or_nobody(world: World) -> None:
    good, busy = world.member(user=None), world.submitted().retiree
    foreign = make_member(make_external_unit(), user=None)

    with pytest.raises(RuleBroken) as refused:
        hold(world, [good, busy, foreign])

    assert busy.name in refused.value.message
    assert "不在本单位名册" in refused.value.message
    assert not CheckIn.objects.filter(retiree=good).exists()
    assert not Ceremony.objects.exists()


def test_a_ceremony_is_not_held_before_its_day(world: World) -> None:
    with pytest.raises(RuleBroken, match="日子"):
        hold(world, [world.member(user=None)], held_on=timezone.localdate() + timedelta(days=1))


def test_another_unit_holds_no_ceremony_here(world: World) -> None:
    with pytest.raises(PermissionDenied):
        hold(world, [world.member(user=None)], by=world.clerk)


def test_a_ceremony_takes_up_a_draft(world: World) -> None:
    draft = world.draft()

    ceremony = hold(world, [draft.retiree])

    assert again(draft).ceremony == ceremony
    assert again(draft).state == State.VERIFIED


def test_the_check_in_date_is_the_day_of_the_ceremony(world: World) -> None:
    day = timezone.localdate() - timedelta(days=3)

    ceremony = hold(world, [world.member(user=None)], held_on=day)

    assert ceremony.held_on == day
    assert isinstance(day, date)
