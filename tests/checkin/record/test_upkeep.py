"""Organisations that close, years that are announced, time that passes."""

from datetime import date

import pytest
import time_machine

from checkin.record import actions
from checkin.record.models import State
from communities.calendar import actions as calendar
from communities.calendar.special_days import Day
from communities.notices.models import Notice
from communities.organisations import actions as organisations
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from tests.checkin.world import World, again, moves
from tests.communities.factories import make_unit

TODAY = date(2026, 11, 20)


def test_open_requests_follow_a_merged_unit(world: World) -> None:
    checkin = world.waiting_for_unit()
    successor = make_unit("青岛市自然资源研究院")

    organisations.close_unit(
        world.unit.pk,
        successor_id=successor.pk,
        on=TODAY,
        document="青编办〔2026〕1号",
        by=User.objects.system(),
    )

    assert again(checkin).desk == successor
    assert moves(checkin)[-1] == "redirected"


def test_open_requests_of_a_dissolved_unit_go_to_a_bureau(world: World) -> None:
    checkin = world.waiting_for_unit()

    organisations.close_unit(
        world.unit.pk, successor_id=None, on=TODAY, document="青编办〔2026〕2号", by=User.objects.system()
    )

    assert again(checkin).desk.kind == "bureau"
    assert again(checkin).state == State.SUBMITTED


def test_a_confirmed_check_in_keeps_the_unit_of_its_time(world: World) -> None:
    checkin = world.confirmed()
    successor = make_unit("青岛市自然资源研究院")

    organisations.close_unit(
        world.unit.pk,
        successor_id=successor.pk,
        on=TODAY,
        document="青编办〔2026〕1号",
        by=User.objects.system(),
    )

    assert again(checkin).unit == world.unit


def test_everyone_follows_a_merged_community(world: World) -> None:
    confirmed, waiting = world.confirmed(), world.submitted()

    actions.follow_closed_community(world.here, world.there, TODAY, User.objects.system())

    assert again(confirmed).community == world.there
    assert again(waiting).desk == world.there


def test_a_community_with_people_cannot_just_close(world: World) -> None:
    world.confirmed()

    with pytest.raises(RuleBroken, match="1 位"):
        actions.follow_closed_community(world.here, None, TODAY, User.objects.system())


@time_machine.travel("2031-12-29 10:00+08:00", tick=False)
def test_an_announced_year_makes_dates_certain(world: World) -> None:
    checkin = world.submitted()
    assert checkin.dates_provisional
    for year in (2031, 2032):
        days = [Day(date(year, 1, 2), "off", "元旦")]
        calendar.enter_year(year, days=days, source="国务院办公厅通知", by=User.objects.system())

    sure = again(checkin)

    assert not sure.dates_provisional
    assert sure.due_on != checkin.due_on
    assert "rescheduled" in moves(checkin)


def test_lateness_is_told_step_by_step_and_each_step_once(world: World) -> None:
    with time_machine.travel("2026-11-09 10:00+08:00", tick=False):
        checkin = world.submitted()
    assert checkin.due_on == date(2026, 11, 16)

    counts = [
        actions.remind_overdue(today=day)
        for day in (date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 23))
    ]
    actions.remind_overdue(today=date(2026, 11, 24))

    assert counts == [
        {"desk": 0, "street": 0, "bureau": 0},
        {"desk": 1, "street": 1, "bureau": 0},
        {"desk": 1, "street": 1, "bureau": 1},
    ]
    told = Notice.objects.filter(kind="checkin.late").values_list("receiver", flat=True)
    assert sorted(told) == sorted([world.here.pk, world.city.streets[0].pk, world.city.districts[0].pk])
