"""A request comes in: where it lies, until when, who is told."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.calendar.models import AnnouncedYear
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.people.models import Retiree
from services.requests import actions
from services.requests.models import Request, RequestWords
from tests.checkin.world import World
from tests.members.factories import make_helper
from tests.services.requests.asked import SECRET, again, at_desk, moves, of_person, preset, texts, told


def test_the_person_asks_and_the_community_is_told(world: World, person: Retiree) -> None:
    request = of_person(person)

    assert request.desk == world.here
    assert request.area_id == world.here.division_id
    assert (request.state, request.channel) == (Request.State.NEW, "online")
    assert moves(request) == ["received"]
    assert [words for words in told(world.here) if "送餐" in words]
    assert AuditEntry.objects.filter(action="request.received", target_id=str(person.pk)).count() == 1


def test_the_answer_is_due_in_working_days_of_the_kind(world: World, person: Retiree) -> None:
    friday = timezone.make_aware(datetime(2026, 11, 20, 10))
    AnnouncedYear.objects.get_or_create(year=2026)

    request = of_person(person, at=friday)

    assert str(request.due_on) == "2026-11-24"  # two working days: Monday, Tuesday
    assert str(request.bureau_on) == "2026-11-27"


def test_the_same_page_sent_twice_is_one_request(person: Retiree) -> None:
    key = uuid4()

    first, second = of_person(person, form_key=key), of_person(person, form_key=key)

    assert first.pk == second.pk
    assert Request.objects.count() == 1


def test_a_helper_asks_for_the_elder(person: Retiree) -> None:
    helper = make_helper(person)

    request = actions.receive(preset("meals").pk, person.pk, words="请送饭", by=helper.user)

    assert request.channel == "helper"


def test_nobody_asks_for_a_stranger(world: World, person: Retiree) -> None:
    other = world.member()

    with pytest.raises(PermissionDenied):
        actions.receive(preset("meals").pk, person.pk, words="请送饭", by=other.user)
    with pytest.raises(PermissionDenied):
        actions.receive(
            preset("meals").pk, other.pk, words="请送饭", by=world.clerk_there, organisation_id=world.there.pk
        )


def test_a_call_is_enough_words_are_not_needed(world: World, person: Retiree) -> None:
    with pytest.raises(RuleBroken) as refused:
        of_person(person, words=" ")
    assert refused.value.code == "words_missing"

    assert of_person(person, words="", wants_call=True).wants_call


def test_who_has_no_community_is_the_bureaus(world: World) -> None:
    stranger = world.member()

    assert of_person(stranger).desk.kind == "bureau"


def test_who_takes_it_keeps_it_or_hands_it_to_the_unit(world: World, person: Retiree) -> None:
    assert at_desk(world, person).desk == world.here
    assert at_desk(world, person, wanted_desk="unit").desk == world.unit
    assert at_desk(world, person, wanted_desk="bureau").desk == world.city.districts[0]


def test_an_unknown_caller_is_written_down(world: World) -> None:
    with pytest.raises(RuleBroken) as refused:
        at_desk(world, None)
    assert refused.value.code == "caller_missing"

    request = at_desk(world, None, caller="一位姓王的老同志", caller_phone="13800000000")

    assert request.who == "一位姓王的老同志"
    assert request.area_id == world.here.division_id


def test_the_caller_is_recognised_afterwards(world: World, person: Retiree) -> None:
    request = at_desk(world, None, caller="老王", caller_phone="13800000000")

    actions.link(request.pk, person.pk, by=world.clerk)
    actions.link(request.pk, person.pk, by=world.clerk)

    row = again(request)
    assert (row.retiree, row.caller_name, row.caller_phone) == (person, "", "")
    assert moves(request) == ["received", "linked"]


def test_who_wrote_down_a_call_tells_the_person(world: World, person: Retiree) -> None:
    at_desk(world, person)

    assert any("已经记下" in words for words in texts())


def test_urgent_kinds_are_urgent(world: World, person: Retiree) -> None:
    assert at_desk(world, person, "urgent").is_urgent
    assert not at_desk(world, person).is_urgent
    assert at_desk(world, person, is_urgent=True).is_urgent


def test_an_item_of_another_list_is_refused(world: World, person: Retiree) -> None:
    with pytest.raises(RuleBroken) as refused:
        at_desk(world, person, "window", item="meals")

    assert refused.value.code == "item"


def test_the_dead_ask_for_nothing(world: World, person: Retiree) -> None:
    person.died_on = timezone.localdate()
    person.save()

    with pytest.raises(RuleBroken) as refused:
        at_desk(world, person)

    assert refused.value.code == "dead"


def test_private_words_go_to_no_unit_and_into_no_notice(world: World, person: Retiree) -> None:
    request = of_person(person, "heart", SECRET)
    asked = at_desk(world, person, wanted_desk="unit", is_private=True, words=SECRET)

    assert asked.desk == world.here
    assert request.is_private
    assert RequestWords.objects.get(request=request).text == SECRET
    assert not [words for words in told(world.here) + texts() if SECRET in words]
    assert not AuditEntry.objects.filter(note__contains=SECRET).exists()
