"""Withdrawals, ends, deaths, second homes."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from checkin.record import actions
from checkin.record.models import EndReason, State
from huifeng.errors import RuleBroken
from members.people import actions as people
from tests.checkin.world import World, again, moves
from tests.communities.factories import UserFactory


def test_after_a_withdrawal_a_new_request_is_a_new_record(world: World) -> None:
    first = world.submitted()
    actions.withdraw(first.pk, by=first.retiree.user)

    second = world.submitted(first.retiree)

    assert second.pk != first.pk
    assert second.number != first.number


def test_the_person_may_end_a_check_in_at_any_time(world: World) -> None:
    checkin = world.confirmed()

    ended = actions.end(checkin.pk, by=checkin.retiree.user, reason=EndReason.WITHDRAWN)

    assert (ended.state, ended.end_reason) == (State.ENDED, EndReason.WITHDRAWN)


@pytest.mark.parametrize("reason", [EndReason.MOVED, EndReason.DEATH])
def test_moves_and_deaths_are_not_entered_as_an_end(world: World, reason: EndReason) -> None:
    checkin = world.confirmed()

    with pytest.raises(RuleBroken):
        actions.end(checkin.pk, by=world.clerk, reason=reason)


def test_an_end_for_another_reason_needs_words(world: World) -> None:
    checkin = world.confirmed()

    with pytest.raises(RuleBroken, match="原因"):
        actions.end(checkin.pk, by=world.clerk, reason=EndReason.OTHER)


def test_a_confirmed_death_ends_the_check_in(world: World) -> None:
    checkin = world.confirmed()
    death = people.report_death(checkin.retiree_id, died_on=date(2026, 1, 5), by=world.clerk)

    people.confirm_death(death.pk, by=world.unit_clerk)

    ended = again(checkin)
    assert (ended.state, ended.end_reason) == (State.ENDED, EndReason.DEATH)


def test_a_confirmed_death_withdraws_what_is_under_way(world: World) -> None:
    checkin = world.submitted()
    death = people.report_death(checkin.retiree_id, died_on=date(2026, 1, 5), by=world.clerk)

    people.confirm_death(death.pk, by=world.unit_clerk)

    assert again(checkin).state == State.WITHDRAWN
    assert again(checkin).desk is None


def test_a_death_undone_puts_the_check_in_back(world: World) -> None:
    checkin = world.confirmed()
    death = people.report_death(checkin.retiree_id, died_on=date(2026, 1, 5), by=world.clerk)
    people.confirm_death(death.pk, by=world.unit_clerk)

    people.undo_death(death.pk, by=world.unit_clerk, words="同名误登")

    assert again(checkin).state == State.CONFIRMED
    assert moves(checkin)[-2:] == ["ended", "restored"]


def test_a_second_home_leaves_the_check_in_alone(world: World) -> None:
    checkin = world.confirmed()

    stay = actions.add_seasonal_stay(
        checkin.retiree_id, by=checkin.retiree.user, community_id=world.there.pk, from_month=11, to_month=3
    )

    assert again(checkin).community == world.here
    assert stay.covers(checkin.created_at.replace(month=1))
    assert not stay.covers(checkin.created_at.replace(month=6))


def test_a_second_home_is_noted_once(world: World) -> None:
    retiree = world.member()
    first = actions.add_seasonal_stay(
        retiree.pk, by=retiree.user, community_id=world.there.pk, from_month=6, to_month=9
    )
    second = actions.add_seasonal_stay(
        retiree.pk, by=retiree.user, community_id=world.there.pk, from_month=6, to_month=9
    )

    with pytest.raises(RuleBroken, match="先停止"):
        actions.add_seasonal_stay(
            retiree.pk, by=retiree.user, community_id=world.here.pk, from_month=6, to_month=9
        )

    assert first == second


def test_a_second_home_can_be_ended_twice_without_harm(world: World) -> None:
    retiree = world.member()
    stay = actions.add_seasonal_stay(
        retiree.pk, by=retiree.user, community_id=world.there.pk, from_month=6, to_month=9
    )

    first = actions.end_seasonal_stay(stay.pk, by=retiree.user)
    second = actions.end_seasonal_stay(stay.pk, by=retiree.user)

    assert first.ended_at == second.ended_at


def test_a_stranger_notes_no_second_home(world: World) -> None:
    retiree = world.member()

    with pytest.raises(PermissionDenied):
        actions.add_seasonal_stay(
            retiree.pk, by=UserFactory(), community_id=world.there.pk, from_month=6, to_month=9
        )
