"""Changes: every notice of the organisation, by number, and the receipt for each."""

from typing import Any

import pytest

from checkin.api.models import Purpose
from communities.notices.models import Notice
from tests.checkin.api.systems import System, number_notices, problem, system_of
from tests.checkin.world import World


@pytest.fixture
def notices(world: World) -> list[Notice]:
    """Three facts that the unit was told of."""
    for _ in range(3):
        world.confirmed()
    return number_notices(world.unit)


def test_changes_come_by_number_and_say_where_to_go_on(
    world: World, unit_system: System, notices: list[Notice]
) -> None:
    numbers: list[int] = []
    after, more = 0, True
    while more:
        page = unit_system.get("changes", after=after, limit=2).json()
        numbers += [change["number"] for change in page["items"]]
        after, more = page["next_after"], page["more"]

    assert numbers == list(range(1, len(notices) + 1))
    assert unit_system.get("changes", after=after).json() == {"items": [], "next_after": after, "more": False}


def test_a_change_holds_the_fact_for_programs(
    world: World, unit_system: System, notices: list[Notice]
) -> None:
    change = unit_system.get("changes").json()["items"][-1]

    assert change["kind"] == "checkin.confirmed"
    assert change["sender"]["code"] == world.here.code
    assert change["data"]["state"] == "confirmed"
    assert change["person"] == notices[-1].person


def test_what_is_not_numbered_yet_is_not_told(world: World, unit_system: System) -> None:
    world.confirmed()

    assert unit_system.get("changes").json()["items"] == []


def test_nobody_pulls_the_changes_of_another(
    world: World, notices: list[Notice], community_system: System
) -> None:
    ours = {row.pk for row in Notice.objects.filter(receiver=world.here)}

    found = community_system.get("changes").json()["items"]

    assert {change["number"] for change in found} == {
        row.number for row in Notice.objects.filter(pk__in=ours)
    }
    assert all(change["kind"] != "checkin.confirmed" for change in found)


def test_a_change_is_signed_for_once(world: World, unit_system: System, notices: list[Notice]) -> None:
    for _ in range(2):
        answer = unit_system.post("changes/1/receipt", {"state": "acknowledged"})

        assert answer.json()["state"] == "acknowledged"
    row = Notice.objects.get(receiver=world.unit, number=1)
    assert row.answered_by_id == unit_system.token.account_id


def test_a_change_is_disputed_in_words(world: World, unit_system: System, notices: list[Notice]) -> None:
    silent = unit_system.post("changes/2/receipt", {"state": "disputed"})
    answer = unit_system.post("changes/2/receipt", {"state": "disputed", "words": "不是我们的人"})

    assert problem(silent, 422) == "words_missing"
    assert (answer.json()["state"], answer.json()["answer"]) == ("disputed", "不是我们的人")


def test_what_was_disputed_is_not_signed_for(
    world: World, unit_system: System, notices: list[Notice]
) -> None:
    unit_system.post("changes/2/receipt", {"state": "disputed", "words": "不是我们的人"})

    assert problem(unit_system.post("changes/2/receipt", {"state": "acknowledged"}), 409) == "already_done"


def test_another_organisations_number_is_not_found(
    world: World, community_system: System, notices: list[Notice]
) -> None:
    answer = community_system.post("changes/999/receipt", {"state": "acknowledged"})

    assert problem(answer, 404) == "not_found"


def test_a_token_for_changes_signs_without_the_purpose_to_write(world: World, notices: list[Notice]) -> None:
    system = system_of(world.unit, Purpose.CHANGES)

    assert system.post("changes/1/receipt", {"state": "acknowledged"}).status_code == 200


@pytest.mark.parametrize("many", [1, 4])
def test_a_page_of_changes_costs_the_same_for_any_number(
    world: World, unit_system: System, many: int, django_assert_num_queries: Any
) -> None:
    for _ in range(many):
        world.confirmed()
    number_notices(world.unit)
    unit_system.get("changes")

    with django_assert_num_queries(4):
        answer = unit_system.get("changes")

    assert len(answer.json()["items"]) >= many
