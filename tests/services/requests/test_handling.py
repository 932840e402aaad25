"""The desk begins, passes on, answers, follows up, closes; the person rates and asks once more."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from communities.organisations.models import Assignment
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from members.people.models import Retiree
from services.requests import actions, desks
from services.requests.models import Request
from tests.checkin.world import World
from tests.communities.factories import make_staff
from tests.members.factories import make_helper
from tests.services.requests.asked import again, answered, at_desk, moves, of_person, texts, told

State = Request.State


@pytest.fixture
def asked(person: Retiree) -> Request:
    return of_person(person)


def user_of(request: Request) -> Any:
    assert request.retiree is not None
    return request.retiree.user


def test_beginning_twice_is_once_and_names_the_provider(world: World, asked: Request) -> None:
    actions.take_up(asked.pk, by=world.clerk, provider="康乐食堂")
    actions.take_up(asked.pk, by=world.clerk)

    assert (again(asked).state, again(asked).provider) == (State.WORKING, "康乐食堂")
    assert moves(asked) == ["received", "begun"]


def test_answering_is_written_down_once_and_the_person_is_told(world: World, asked: Request) -> None:
    answered(asked, world)
    answered(asked, world)

    assert again(asked).state == State.ANSWERED
    assert moves(asked) == ["received", "answered"]
    assert AuditEntry.objects.filter(action="request.answered").count() == 1
    assert [words for words in texts() if "已经答复" in words and "送餐" not in words.split("”")[1]]


def test_a_call_is_a_full_answer(world: World, asked: Request) -> None:
    answered(asked, world, words="", by_call=True)

    assert again(asked).answered_at is not None
    assert asked.words.get(event__move="answered").text == "已经打电话答复。"


def test_an_answer_needs_words_or_a_call_and_an_outcome(world: World, asked: Request) -> None:
    for told_, code in (({"words": " "}, "words_missing"), ({"outcome": ""}, "outcome_missing")):
        with pytest.raises(RuleBroken) as refused:
            answered(asked, world, **told_)
        assert refused.value.code == code


def test_the_second_clerk_reads_who_answered_and_when(world: World, asked: Request) -> None:
    answered(asked, world)

    with pytest.raises(AlreadyDone) as refused:
        actions.answer(asked.pk, words="别的", outcome="solved", by=make_staff(world.here))

    assert refused.value.who == "李敏"


def test_only_the_desk_answers_and_nobody_oneself(world: World, person: Retiree, asked: Request) -> None:
    assert person.user is not None
    Assignment.objects.create(user=person.user, organisation=world.here, valid_from=date(2020, 1, 1))

    for stranger in (world.clerk_there, world.unit_clerk, world.bureau_clerk, person.user):
        with pytest.raises(PermissionDenied):
            actions.answer(asked.pk, words="好", outcome="solved", by=stranger)


def test_passing_on_keeps_the_day_and_the_history(world: World, asked: Request) -> None:
    due = asked.due_on

    actions.pass_on(asked.pk, world.unit.pk, reason="单位食堂可以送", by=world.clerk)
    actions.pass_on(asked.pk, world.unit.pk, reason="单位食堂可以送", by=world.clerk)

    row = again(asked)
    assert (row.desk, row.due_on) == (world.unit, due)
    assert moves(asked) == ["received", "passed_on"]
    assert len(told(world.unit)) == 1
    with pytest.raises(PermissionDenied):
        answered(asked, world)
    assert (
        actions.answer(asked.pk, words="已安排", outcome="solved", by=world.unit_clerk).answered_for
        == world.unit
    )


def test_it_is_passed_to_the_persons_own_desks_only_and_with_a_reason(world: World, asked: Request) -> None:
    places = {place.pk for place in desks.elsewhere(asked)}

    assert world.unit.pk in places
    assert {world.city.streets[0].pk, world.city.districts[0].pk, world.city.city.pk} <= places
    for to, reason, code in ((world.there, "近", "where"), (world.unit, "", "reason_missing")):
        with pytest.raises(RuleBroken) as refused:
            actions.pass_on(asked.pk, to.pk, reason=reason, by=world.clerk)
        assert refused.value.code == code


def test_an_old_page_neither_passes_on_nor_answers(world: World, asked: Request) -> None:
    actions.pass_on(asked.pk, world.city.districts[0].pk, reason="归区里管", by=world.clerk)

    with pytest.raises(RuleBroken) as refused:
        actions.pass_on(
            asked.pk, world.unit.pk, reason="归单位", by=world.bureau_clerk, seen_desk=world.here.pk
        )

    assert refused.value.code == "passed_on"


def test_the_bureau_takes_over_what_stays_lying_and_urges_once_a_day(world: World, asked: Request) -> None:
    actions.urge(asked.pk, by=world.bureau_clerk)
    actions.urge(asked.pk, by=world.bureau_clerk)
    actions.pass_on(asked.pk, world.city.districts[0].pk, reason="区里来办", by=world.bureau_clerk)

    assert moves(asked) == ["received", "urged", "passed_on"]
    assert again(asked).desk == world.city.districts[0]
    with pytest.raises(PermissionDenied):
        actions.urge(asked.pk, by=world.clerk_there)


def test_rating_is_of_who_asked_or_told_on_the_phone(world: World, asked: Request) -> None:
    with pytest.raises(RuleBroken):
        actions.rate(asked.pk, rating="good", by=user_of(asked))
    answered(asked, world)
    with pytest.raises(PermissionDenied):
        actions.rate(asked.pk, rating="good", by=world.unit_clerk)

    actions.rate(asked.pk, rating="good", by=user_of(asked), words="很好吃")
    actions.rate(asked.pk, rating="good", by=user_of(asked))

    assert again(asked).state == State.RATED
    assert moves(asked).count("rated") == 1
    with pytest.raises(RuleBroken):
        actions.rate(asked.pk, rating="poor", by=world.clerk)


def test_who_is_not_satisfied_asks_once_more_and_only_once(world: World, asked: Request) -> None:
    answered(asked, world)
    with pytest.raises(RuleBroken):
        actions.reopen(asked.pk, words="没送来", by=user_of(asked))
    actions.rate(asked.pk, rating="poor", by=make_helper(asked.retiree).user)

    actions.reopen(asked.pk, words="没送来", by=user_of(asked))
    actions.reopen(asked.pk, words="没送来", by=user_of(asked))

    row = again(asked)
    assert (row.state, row.outcome, row.rating, row.answered_at) == (State.WORKING, "", "", None)
    assert moves(asked).count("reopened") == 1
    answered(asked, world)
    actions.rate(asked.pk, rating="poor", by=user_of(asked))
    with pytest.raises(RuleBroken) as refused:
        actions.reopen(asked.pk, words="又没送来", by=user_of(asked))
    assert refused.value.code == "reopened"


def test_a_letter_is_closed_after_answer_and_return_visit(world: World, person: Retiree) -> None:
    letter = at_desk(world, person, "letter", channel="letter", item="housing", words="房子漏水")
    with pytest.raises(RuleBroken) as refused:
        actions.close(letter.pk, by=world.clerk)
    assert refused.value.code == "not_answered"
    answered(letter, world)
    with pytest.raises(RuleBroken) as refused:
        actions.close(letter.pk, by=world.clerk)
    assert refused.value.code == "not_followed_up"

    actions.follow_up(letter.pk, words="不漏了", by=world.clerk)
    actions.follow_up(letter.pk, words="不漏了", by=world.clerk)
    actions.close(letter.pk, by=world.clerk)
    actions.close(letter.pk, by=world.clerk)

    assert again(letter).why_closed == "done"
    assert moves(letter) == ["received", "answered", "followed_up", "closed"]


@pytest.mark.parametrize("state", [{"state": "answered"}, {"state": "closed", "why_closed": "done"}])
def test_the_database_refuses_an_end_without_an_answer(asked: Request, state: dict[str, str]) -> None:
    closed = {"closed_at": timezone.now()} if state["state"] == "closed" else {}

    with pytest.raises(IntegrityError, match="request_no_end_without_answer"), transaction.atomic():
        Request.objects.filter(pk=asked.pk).update(**state, **closed)


def test_withdrawing_needs_no_answer(world: World, asked: Request) -> None:
    with pytest.raises(PermissionDenied):
        actions.withdraw(asked.pk, by=world.clerk)

    actions.withdraw(asked.pk, by=user_of(asked))
    actions.withdraw(asked.pk, by=user_of(asked))

    assert again(asked).why_closed == "withdrawn"
    assert told(world.here, "request.over")


ACTS: dict[str, Callable[[Request, World], Any]] = {
    "take_up": lambda asked, world: actions.take_up(asked.pk, by=world.clerk),
    "answer": lambda asked, world: answered(asked, world),
    "pass_on": lambda asked, world: actions.pass_on(asked.pk, world.unit.pk, reason="转", by=world.clerk),
    "urge": lambda asked, world: actions.urge(asked.pk, by=world.bureau_clerk),
    "rate": lambda asked, world: actions.rate(asked.pk, rating="good", by=user_of(asked)),
    "reopen": lambda asked, world: actions.reopen(asked.pk, words="再办", by=user_of(asked)),
    "follow_up": lambda asked, world: actions.follow_up(asked.pk, words="好", by=world.clerk),
    "close": lambda asked, world: actions.close(asked.pk, by=world.clerk),
}


def test_what_is_closed_is_closed(world: World, asked: Request) -> None:
    actions.withdraw(asked.pk, by=user_of(asked))

    for act in ("take_up", "answer", "pass_on", "urge", "rate", "reopen", "follow_up"):
        with pytest.raises(RuleBroken):
            ACTS[act](asked, world)


def test_the_number_to_call_is_shown_to_the_desk_and_the_look_is_written_down(
    world: World, person: Retiree, asked: Request
) -> None:
    assert actions.phone_to_call(asked.pk, by=world.clerk) == person.phone

    assert AuditEntry.objects.filter(action="request.revealed", target_id=str(person.pk)).count() == 1
    with pytest.raises(PermissionDenied):
        actions.phone_to_call(asked.pk, by=world.bureau_clerk)


def test_a_follow_up_has_a_day_of_its_own(world: World, person: Retiree) -> None:
    letter = answered(at_desk(world, person, "letter", channel="counter"), world)

    assert letter.follow_up_on is not None
    assert letter.follow_up_on >= timezone.localdate() + timedelta(days=10)
