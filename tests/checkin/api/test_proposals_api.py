"""Proposals through the API: the owner answers, who proposed may take it back."""

from typing import Any

import pytest

from checkin.proposals import actions
from checkin.proposals.models import ChangeProposal
from members.people.models import Retiree
from tests.checkin.api.systems import System, problem, system_of
from tests.checkin.world import World
from tests.communities.factories import make_unit

State = ChangeProposal.State


def proposed(world: World) -> ChangeProposal:
    """The community says that the political status of somebody is another."""
    person = world.confirmed().retiree
    (made,) = actions.propose(
        person.pk,
        {"political_status": "masses"},
        why="本人说的",
        by=world.clerk,
        organisation_id=world.here.pk,
    )
    return made


@pytest.fixture
def proposal(world: World) -> ChangeProposal:
    return proposed(world)


def test_both_sides_list_it_and_a_stranger_does_not(
    world: World, unit_system: System, community_system: System, proposal: ChangeProposal
) -> None:
    for system in (unit_system, community_system):
        (item,) = system.get("proposals", state="open").json()["items"]
        assert (item["field"], item["new"], item["desk"]["code"]) == (
            "political_status", "masses", world.unit.code,
        )  # fmt: skip
    assert system_of(make_unit()).get("proposals").json()["items"] == []


def test_the_owner_accepts(world: World, unit_system: System, proposal: ChangeProposal) -> None:
    answer = unit_system.post(f"proposals/{proposal.pk}/accept")

    assert answer.json()["state"] == "accepted"
    assert Retiree.objects.get(pk=proposal.retiree_id).political_status == "masses"


def test_the_owner_refuses_with_a_reason(world: World, unit_system: System, proposal: ChangeProposal) -> None:
    assert problem(unit_system.post(f"proposals/{proposal.pk}/refuse", {}), 400) == "invalid"

    answer = unit_system.post(f"proposals/{proposal.pk}/refuse", {"reason": "档案里是党员"})

    assert (answer.json()["state"], answer.json()["reason"]) == ("refused", "档案里是党员")


def test_who_proposed_takes_it_back_and_may_not_accept(
    world: World, community_system: System, proposal: ChangeProposal
) -> None:
    assert problem(community_system.post(f"proposals/{proposal.pk}/accept"), 403) == "permission_denied"

    answer = community_system.post(f"proposals/{proposal.pk}/withdraw")

    assert answer.json()["state"] == "withdrawn"


def test_what_a_colleague_answered_is_409(
    world: World, unit_system: System, proposal: ChangeProposal
) -> None:
    actions.refuse(proposal.pk, by=world.unit_clerk, reason="档案里是党员")

    assert problem(unit_system.post(f"proposals/{proposal.pk}/accept"), 409) == "already_done"


def test_a_value_changed_since_is_412(world: World, unit_system: System, proposal: ChangeProposal) -> None:
    Retiree.objects.filter(pk=proposal.retiree_id).update(political_status="league")

    assert problem(unit_system.post(f"proposals/{proposal.pk}/accept"), 412) == "changed"
    assert ChangeProposal.objects.get(pk=proposal.pk).state == State.OPEN


def test_a_proposed_number_is_masked(world: World, community_system: System) -> None:
    person = world.confirmed().retiree
    (made,) = actions.propose(
        person.pk, {"id_number": ""}, why="号码不对", by=world.clerk, organisation_id=world.here.pk
    )

    (item,) = community_system.get("proposals").json()["items"]

    assert item["id"] == made.pk
    assert person.id_number not in str(item)
    assert person.id_number[-4:] in item["old"]


def test_a_stranger_to_it_gets_404(world: World, proposal: ChangeProposal) -> None:
    answer = system_of(make_unit()).post(f"proposals/{proposal.pk}/accept")

    assert problem(answer, 404) == "not_found"


@pytest.mark.parametrize("many", [1, 5])
def test_a_page_of_proposals_costs_the_same_for_any_number(
    world: World, unit_system: System, many: int, django_assert_num_queries: Any
) -> None:
    for _ in range(many):
        proposed(world)
    unit_system.get("proposals")

    with django_assert_num_queries(4):
        answer = unit_system.get("proposals")

    assert len(answer.json()["items"]) == many
