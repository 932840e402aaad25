"""Two at once: one answer, one open proposal, no value overwritten unseen. Each was seen to fail without the lock."""

import pytest

from checkin.proposals import actions
from checkin.proposals.models import ChangeProposal
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from members.people import actions as people
from tests.checkin.proposals.said import WHY, again, of_person
from tests.checkin.world import World, make_world
from tests.communities.factories import make_staff
from tests.communities.threads import at_the_same_time
from tests.members.factories import make_helper
from tests.members.racing import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)
State = ChangeProposal.State


@pytest.fixture
def world() -> World:
    return make_world()


def test_two_deciders_at_once_give_one_answer(world: World) -> None:
    proposal, colleague = of_person(world), make_staff(world.unit)

    results = at_the_same_time(
        lambda: actions.accept(proposal.pk, by=world.unit_clerk),
        lambda: actions.refuse(proposal.pk, by=colleague, reason="档案里不是"),
    )

    assert sum(isinstance(result, AlreadyDone) for result in results) == 1
    row = again(proposal)
    assert (row.retiree.original_post == "处长") == (row.state == State.ACCEPTED)
    assert AuditEntry.objects.filter(action__in=["proposal.accepted", "proposal.refused"]).count() == 1


def test_accepting_while_the_owner_edits_the_field_is_refused(world: World) -> None:
    proposal, colleague = of_person(world), make_staff(world.unit)

    answer = meanwhile(
        lambda: people.update_unit_fields(proposal.retiree_id, {"original_post": "科长"}, by=colleague),
        lambda: actions.accept(proposal.pk, by=world.unit_clerk),
    )

    assert isinstance(answer, RuleBroken)
    assert answer.code == "changed"
    assert again(proposal).retiree.original_post == "科长"


def test_proposing_twice_at_once_leaves_one_open(world: World) -> None:
    retiree = world.member()
    helper = make_helper(retiree)

    results = at_the_same_time(
        lambda: actions.propose(retiree.pk, {"original_post": "处长"}, why=WHY, by=retiree.user),
        lambda: actions.propose(retiree.pk, {"original_post": "副处长"}, why=WHY, by=helper.user),
    )

    assert not [result for result in results if isinstance(result, Exception)]
    states = ChangeProposal.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [State.SUPERSEDED, State.OPEN]
