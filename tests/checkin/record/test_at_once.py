"""Two people at once: one wins, the other reads who and when, nothing is lost.

Each test was seen to fail with the person's lock (`steps.lock_person`) taken out.
"""

import threading
from collections.abc import Callable
from contextvars import copy_context
from datetime import date
from typing import Any

import pytest
from django.db import connection

from checkin.record import actions
from checkin.record.models import CheckIn, State
from huifeng.errors import AlreadyDone, RuleBroken
from members.people import actions as people
from tests.checkin.world import World, again, make_world, moves
from tests.communities.factories import make_staff

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads that start at once; the result or the exception of each, in order."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[number] = act()
        except Exception as raised:  # the test looks at what was raised
            results[number] = raised
        finally:
            connection.close()

    threads = [threading.Thread(target=copy_context().run, args=(run, *item)) for item in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def world() -> World:
    return make_world()


def test_two_clerks_confirm_the_same_request(world: World) -> None:
    checkin = world.submitted()
    colleague = make_staff(world.here, display_name="赵敏")

    results = together(
        lambda: actions.confirm(checkin.pk, by=world.clerk), lambda: actions.confirm(checkin.pk, by=colleague)
    )

    refused = [result for result in results if isinstance(result, AlreadyDone)]
    assert len(refused) == 1
    assert refused[0].who.endswith(("李敏", "赵敏"))
    assert moves(checkin).count("confirmed") == 1


def test_a_double_click_submits_once(world: World) -> None:
    draft = world.draft()

    results = together(*[lambda: actions.submit(draft.pk, by=draft.retiree.user, consented=True)] * 2)

    assert {result.number for result in results} == {again(draft).number}
    assert moves(draft).count("submitted") == 1


def test_two_tabs_start_one_draft(world: World) -> None:
    retiree = world.member()

    together(*[lambda: actions.start(retiree.pk, by=retiree.user)] * 2)

    assert CheckIn.objects.filter(retiree=retiree).count() == 1
    assert moves(CheckIn.objects.get(retiree=retiree)) == ["started"]


def test_confirm_and_withdraw_cross(world: World) -> None:
    checkin = world.submitted()

    results = together(
        lambda: actions.confirm(checkin.pk, by=world.clerk),
        lambda: actions.withdraw(checkin.pk, by=checkin.retiree.user),
    )

    assert sum(isinstance(result, RuleBroken) for result in results) == 1
    assert len([move for move in moves(checkin) if move in ("confirmed", "withdrawn")]) == 1


def test_confirm_and_forward_cross(world: World) -> None:
    checkin = world.submitted()
    colleague = make_staff(world.here)

    results = together(
        lambda: actions.confirm(checkin.pk, by=world.clerk, version=checkin.version),
        lambda: actions.forward(
            checkin.pk, by=colleague, community_id=world.there.pk, version=checkin.version
        ),
    )

    assert sum(isinstance(result, Exception) for result in results) == 1
    assert len([move for move in moves(checkin) if move in ("confirmed", "forwarded")]) == 1


def test_a_death_and_a_confirmation_cross(world: World) -> None:
    checkin = world.submitted()
    death = people.report_death(checkin.retiree_id, died_on=date(2026, 1, 5), by=world.clerk)

    together(
        lambda: actions.confirm(checkin.pk, by=world.clerk),
        lambda: people.confirm_death(death.pk, by=world.unit_clerk),
    )

    assert again(checkin).state in (State.WITHDRAWN, State.ENDED)


def test_many_submit_at_once_and_numbers_stay_apart(world: World) -> None:
    drafts = [world.draft() for _ in range(6)]

    results = together(
        *[
            lambda draft=draft: actions.submit(draft.pk, by=draft.retiree.user, consented=True)  # type: ignore[misc]
            for draft in drafts
        ]
    )

    assert sorted(int(result.number[-6:]) for result in results) == [1, 2, 3, 4, 5, 6]
