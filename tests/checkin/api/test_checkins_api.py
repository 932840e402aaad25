"""Check-ins through the API: seen by whom they concern, moved by the same acts as on the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from checkin.record import actions
from checkin.record.models import State
from tests.checkin.api.systems import System, problem, system_of
from tests.checkin.world import World, again, moves
from tests.communities.factories import make_unit

CONTACT = {"contact": "李敏", "incomplete_because": "老同志记不清了"}


def test_both_sides_list_a_check_in_and_a_stranger_does_not(
    world: World, unit_system: System, community_system: System
) -> None:
    checkin = world.submitted()

    for system in (unit_system, community_system):
        assert [item["number"] for item in system.get("checkins").json()["items"]] == [checkin.number]
    stranger = system_of(make_unit())
    assert stranger.get("checkins").json()["items"] == []
    assert problem(stranger.get(f"checkins/{checkin.number}"), 404) == "not_found"


def test_a_draft_is_the_persons_own(world: World, unit_system: System) -> None:
    world.draft()

    assert unit_system.get("checkins").json()["items"] == []


def test_check_ins_are_narrowed_by_state_and_by_when_they_changed(
    world: World, community_system: System
) -> None:
    waiting, confirmed = world.submitted(), world.confirmed()

    verified = community_system.get("checkins", state="verified").json()["items"]
    later = (timezone.now() + timedelta(hours=1)).isoformat()

    assert [item["number"] for item in verified] == [waiting.number]
    assert community_system.get("checkins", changed_after=later).json()["items"] == []
    since = (timezone.now() - timedelta(hours=1)).isoformat()
    assert len(community_system.get("checkins", changed_after=since).json()["items"]) == 2
    assert confirmed.state == State.CONFIRMED


def test_times_carry_the_offset_of_shanghai(world: World, community_system: System) -> None:
    checkin = world.submitted()

    answer = community_system.get(f"checkins/{checkin.number}")

    assert answer.json()["submitted_at"].endswith("+08:00")
    assert answer["ETag"] == f'"{checkin.version}"'


def test_the_unit_verifies(world: World, unit_system: System) -> None:
    checkin = world.waiting_for_unit()

    answer = unit_system.post(f"checkins/{checkin.number}/verify", version=checkin.version)

    assert answer.json()["state"] == "verified"
    assert answer["ETag"] == f'"{checkin.version + 1}"'
    assert again(checkin).events.get(move="verified").actor_id == unit_system.token.account_id


def test_the_community_confirms_and_names_who_looks_after_the_person(
    world: World, community_system: System
) -> None:
    checkin = world.submitted()

    answer = community_system.post(
        f"checkins/{checkin.number}/confirm", CONTACT, version=checkin.version
    ).json()

    assert (answer["state"], answer["community_contact"]) == ("confirmed", "李敏")


def test_a_confirmation_without_a_contact_is_refused(world: World, community_system: System) -> None:
    checkin = world.submitted()

    answer = community_system.post(f"checkins/{checkin.number}/confirm", {}, version=checkin.version)

    assert problem(answer, 400) == "invalid"
    assert [error["field"] for error in answer.json()["errors"]] == ["contact"]


def test_the_community_asks_the_person_for_more(world: World, community_system: System) -> None:
    checkin = world.submitted()

    answer = community_system.post(
        f"checkins/{checkin.number}/return", {"reason": "address_unclear"}, version=checkin.version
    )

    assert answer.json()["return_reason"] == "address_unclear"


def test_a_return_needs_a_reason_of_the_code_list(world: World, community_system: System) -> None:
    checkin = world.submitted()

    answer = community_system.post(
        f"checkins/{checkin.number}/return", {"reason": "so what"}, version=checkin.version
    )

    assert problem(answer, 400) == "invalid"


def test_the_community_forwards_by_code(world: World, community_system: System) -> None:
    checkin = world.submitted()

    answer = community_system.post(
        f"checkins/{checkin.number}/forward", {"community": world.there.code}, version=checkin.version
    )

    assert answer.json()["community"]["code"] == world.there.code
    assert moves(checkin)[-1] == "forwarded"


def test_nothing_is_forwarded_to_what_is_no_community(world: World, community_system: System) -> None:
    checkin = world.submitted()

    answer = community_system.post(
        f"checkins/{checkin.number}/forward", {"community": world.unit.code}, version=checkin.version
    )

    assert problem(answer, 422) == "no_such_community"


def test_the_other_side_may_not_confirm(world: World, unit_system: System) -> None:
    checkin = world.submitted()

    answer = unit_system.post(f"checkins/{checkin.number}/confirm", CONTACT, version=checkin.version)

    assert problem(answer, 403) == "permission_denied"
    assert again(checkin).state == State.VERIFIED


def test_what_a_clerk_did_before_is_409_and_names_the_clerk(world: World, community_system: System) -> None:
    checkin = world.submitted()
    actions.confirm(checkin.pk, by=world.clerk, incomplete_because="老同志记不清了")

    answer = community_system.post(f"checkins/{checkin.number}/confirm", CONTACT, version=checkin.version)

    assert problem(answer, 409) == "already_done"
    assert "李敏" in answer.json()["done_by"]
    assert answer.json()["done_at"].endswith("+08:00")


def test_an_act_on_an_older_version_is_412(world: World, community_system: System) -> None:
    checkin = world.submitted()

    answer = community_system.post(f"checkins/{checkin.number}/confirm", CONTACT, version=checkin.version - 1)

    assert problem(answer, 412) == "stale"
    assert again(checkin).state == State.VERIFIED


def test_an_act_needs_the_version_it_was_decided_on(world: World, community_system: System) -> None:
    checkin = world.submitted()

    answer = community_system.post(f"checkins/{checkin.number}/confirm", CONTACT)

    assert problem(answer, 428) == "if_match_missing"


def test_a_move_that_the_state_forbids_is_422(world: World, community_system: System) -> None:
    checkin = world.confirmed()

    answer = community_system.post(
        f"checkins/{checkin.number}/return", {"reason": "address_unclear"}, version=checkin.version
    )

    assert problem(answer, 422) == "rule"


@pytest.mark.parametrize("many", [1, 5])
def test_a_page_of_check_ins_costs_the_same_for_any_number(
    world: World, community_system: System, many: int, django_assert_num_queries: Any
) -> None:
    for _ in range(many):
        world.submitted()
    community_system.get("checkins")

    since = (timezone.now() - timedelta(hours=1)).isoformat()
    for asked in ({}, {"state": "verified"}, {"changed_after": since}):
        with django_assert_num_queries(5):
            answer = community_system.get("checkins", **asked)
        assert len(answer.json()["items"]) == many
