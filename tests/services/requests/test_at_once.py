"""Two at once: one answer, one desk, one request. Each was seen to fail without the lock."""

from uuid import uuid4

import pytest

from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone
from services.requests import actions
from services.requests.models import Request
from tests.checkin.world import World, make_world
from tests.communities.factories import make_staff
from tests.communities.threads import at_the_same_time
from tests.services.requests.asked import again, at_desk, load_presets, moves, of_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    load_presets()
    return make_world()


def test_two_clerks_answer_at_once_and_the_second_reads_who_was_first(world: World) -> None:
    request, colleague = at_desk(world, None, caller="老王"), make_staff(world.here)

    results = at_the_same_time(
        lambda: actions.answer(request.pk, words="一", outcome="solved", by=world.clerk),
        lambda: actions.answer(request.pk, words="二", outcome="explained", by=colleague),
    )

    assert sum(isinstance(result, AlreadyDone) for result in results) == 1
    assert moves(request).count("answered") == 1
    assert AuditEntry.objects.filter(action="request.answered").count() == 1


def test_passed_on_and_answered_at_once_is_one_or_the_other(world: World) -> None:
    request, colleague = of_person(world.confirmed().retiree), make_staff(world.here)

    results = at_the_same_time(
        lambda: actions.pass_on(
            request.pk, world.unit.pk, reason="归单位", by=colleague, seen_desk=world.here.pk
        ),
        lambda: actions.answer(
            request.pk, words="好", outcome="solved", by=world.clerk, seen_desk=world.here.pk
        ),
    )

    assert sum(isinstance(result, Exception) for result in results) == 1
    assert (again(request).desk == world.unit) == ("passed_on" in moves(request))
    assert ("passed_on" in moves(request)) != ("answered" in moves(request))


def test_the_same_form_sent_twice_at_once_is_one_request(world: World) -> None:
    retiree, key, other_key = world.confirmed().retiree, uuid4(), uuid4()

    of_one = at_the_same_time(*[lambda: of_person(retiree, form_key=key)] * 3)
    of_nobody = at_the_same_time(*[lambda: at_desk(world, None, caller="老王", form_key=other_key)] * 3)

    assert [len({row.pk for row in rows}) for rows in (of_one, of_nobody)] == [1, 1]
    assert Request.objects.count() == 2
