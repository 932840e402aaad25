"""Answering: by the owner, with today's value, once; and what the proposer is told."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from checkin.proposals import actions
from checkin.proposals.models import ChangeProposal
from communities.organisations.models import Assignment
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from members.people import actions as people
from tests.checkin.proposals.said import again, of_community, of_person, of_unit, texts_to, told
from tests.checkin.world import World
from tests.communities.factories import UserFactory, make_staff
from tests.members.factories import make_helper, make_id_number

State = ChangeProposal.State


def test_the_unit_accepts_and_the_record_says_so(world: World) -> None:
    proposal = of_person(world)

    actions.accept(proposal.pk, by=world.unit_clerk)

    row = again(proposal)
    assert (row.state, row.decided_by, row.retiree.original_post) == (
        State.ACCEPTED,
        world.unit_clerk,
        "处长",
    )
    assert AuditEntry.objects.filter(action="proposal.accepted").count() == 1
    assert AuditEntry.objects.get(action="retiree.corrected").actor_id == world.unit_clerk.pk


def test_accepting_twice_is_once(world: World) -> None:
    proposal = of_person(world)

    for _ in range(2):
        actions.accept(proposal.pk, by=world.unit_clerk)

    assert AuditEntry.objects.filter(action="proposal.accepted").count() == 1
    assert len(texts_to(proposal.retiree)) == 1


def test_the_person_reads_it_with_a_surname_only(world: World) -> None:
    proposal = of_person(world)

    actions.accept(proposal.pk, by=world.unit_clerk)

    (text,) = texts_to(proposal.retiree)
    assert text.startswith("王同志：")
    assert "建国" not in text
    assert "处长" not in text


def test_the_community_reads_it_as_a_notice(world: World) -> None:
    proposal = of_community(world, world.confirmed().retiree, name="王健国")

    actions.accept(proposal.pk, by=world.unit_clerk)

    (words,) = told(world.here, "proposal.accepted")
    assert "已采纳" in words
    assert texts_to(proposal.retiree) == []


def test_the_community_accepts_what_the_unit_proposed(world: World) -> None:
    retiree = world.confirmed().retiree
    proposal = of_unit(world, retiree, phone="13912345678")

    actions.accept(proposal.pk, by=world.clerk)

    assert again(proposal).retiree.phone == "13912345678"
    assert len(told(world.unit, "proposal.accepted")) == 1


def test_the_bureau_above_may_answer_too(world: World) -> None:
    proposal = of_person(world)

    actions.accept(proposal.pk, by=make_staff(world.city.city))

    assert again(proposal).state == State.ACCEPTED


def test_refusing_needs_a_reason_and_tells_it(world: World) -> None:
    proposal = of_community(world, world.confirmed().retiree, name="王健国")
    with pytest.raises(RuleBroken, match="理由"):
        actions.refuse(proposal.pk, by=world.unit_clerk, reason=" ")

    actions.refuse(proposal.pk, by=world.unit_clerk, reason="档案里就是建国")

    assert again(proposal).state == State.REFUSED
    (words,) = told(world.here, "proposal.refused")
    assert "档案里就是建国" in words


def test_refusing_twice_is_once(world: World) -> None:
    proposal = of_person(world)

    for _ in range(2):
        actions.refuse(proposal.pk, by=world.unit_clerk, reason="档案里不是")

    assert AuditEntry.objects.filter(action="proposal.refused").count() == 1


def test_what_was_answered_otherwise_names_who(world: World) -> None:
    proposal = of_person(world)
    actions.refuse(proposal.pk, by=world.unit_clerk, reason="档案里不是")

    with pytest.raises(AlreadyDone) as refused:
        actions.accept(proposal.pk, by=make_staff(world.unit))

    assert refused.value.who == "张伟"


@pytest.mark.parametrize("state", [State.ACCEPTED, State.WITHDRAWN])
@pytest.mark.parametrize("act", ["accept", "refuse", "withdraw"])
def test_what_is_closed_stays_closed(world: World, state: str, act: str) -> None:
    proposal = of_person(world)
    if state == State.ACCEPTED:
        actions.accept(proposal.pk, by=world.unit_clerk)
    else:
        actions.withdraw(proposal.pk, by=proposal.proposed_by)
    acts: dict[str, Any] = {
        "accept": lambda: actions.accept(proposal.pk, by=world.unit_clerk),
        "refuse": lambda: actions.refuse(proposal.pk, by=world.unit_clerk, reason="不是"),
        "withdraw": lambda: actions.withdraw(proposal.pk, by=proposal.proposed_by),
    }
    own = {State.ACCEPTED: "accept", State.WITHDRAWN: "withdraw"}[ChangeProposal.State(state)]

    if act == own:
        acts[act]()
    else:
        with pytest.raises(AlreadyDone):
            acts[act]()

    assert again(proposal).state == state


def test_nobody_decides_about_oneself(world: World) -> None:
    retiree = world.confirmed(world.member(user=world.unit_clerk)).retiree
    proposal = of_community(world, retiree, name="王健国")

    with pytest.raises(PermissionDenied):
        actions.accept(proposal.pk, by=world.unit_clerk)

    assert again(proposal).state == State.OPEN


def test_nobody_decides_about_whom_one_helps(world: World) -> None:
    proposal = of_person(world)
    make_helper(proposal.retiree, user=world.unit_clerk)

    with pytest.raises(PermissionDenied):
        actions.accept(proposal.pk, by=world.unit_clerk)

    assert again(proposal).state == State.OPEN


def test_nobody_decides_what_one_proposed(world: World) -> None:
    both = make_staff(world.here)
    retiree = world.confirmed().retiree
    proposal = actions.propose(
        retiree.pk, {"name": "王健国"}, why="看过", by=both, organisation_id=world.here.pk
    )[0]
    Assignment.objects.create(user=both, organisation=world.unit, valid_from=date(2020, 1, 1))

    with pytest.raises(PermissionDenied):
        actions.accept(proposal.pk, by=both)

    assert again(proposal).state == State.OPEN


@pytest.mark.parametrize("who", ["clerk", "clerk_there", "street_clerk", "stranger"])
def test_only_the_owner_decides(world: World, who: str) -> None:
    proposal = of_person(world, world.confirmed().retiree)
    user = UserFactory() if who == "stranger" else getattr(world, who)

    with pytest.raises(PermissionDenied):
        actions.accept(proposal.pk, by=user)
    with pytest.raises(PermissionDenied):
        actions.refuse(proposal.pk, by=user, reason="不是")

    assert again(proposal).state == State.OPEN


def test_a_page_older_than_the_person_is_refused(world: World) -> None:
    proposal = of_person(world)
    people.update_unit_fields(proposal.retiree_id, {"original_post": "科长"}, by=world.unit_clerk)

    with pytest.raises(RuleBroken) as refused:
        actions.accept(proposal.pk, by=world.unit_clerk, version=proposal.person_version)

    assert refused.value.code == "stale"


def test_a_value_that_changed_since_is_decided_with_open_eyes(world: World) -> None:
    proposal = of_person(world)
    person = people.update_unit_fields(proposal.retiree_id, {"original_post": "科长"}, by=world.unit_clerk)
    with pytest.raises(RuleBroken) as refused:
        actions.accept(proposal.pk, by=world.unit_clerk)
    assert refused.value.code == "changed"

    actions.accept(proposal.pk, by=world.unit_clerk, version=person.version)

    assert again(proposal).retiree.original_post == "处长"


def test_the_owner_who_corrects_directly_has_answered(world: World) -> None:
    proposal = of_community(world, world.confirmed().retiree, name="王健国")

    people.update_unit_fields(proposal.retiree_id, {"name": "王健国"}, by=world.unit_clerk)

    assert again(proposal).state == State.ACCEPTED
    assert len(told(world.here, "proposal.accepted")) == 1


def test_accepting_one_answers_the_same_of_another_side(world: World) -> None:
    retiree = world.confirmed().retiree
    mine, theirs = of_person(world, retiree, name="王健国"), of_community(world, retiree, name="王健国")

    actions.accept(mine.pk, by=world.unit_clerk)

    assert again(theirs).state == State.ACCEPTED


def test_values_that_only_agree_together_are_accepted_together(world: World) -> None:
    number = make_id_number(9, born=date(1951, 4, 9))
    retiree = world.member()
    first, second = actions.propose(
        retiree.pk, {"id_number": number, "birth_date": "1951-04-09"}, why="身份证", by=retiree.user
    )
    with pytest.raises(RuleBroken, match="对不上"):
        actions.accept(first.pk, by=world.unit_clerk)
    assert again(first).state == State.OPEN

    actions.accept(first.pk, by=world.unit_clerk, also=[second.pk])

    person = again(second).retiree
    assert (again(second).state, person.id_number, person.birth_date) == (
        State.ACCEPTED,
        number,
        date(1951, 4, 9),
    )


def test_two_values_for_one_field_are_not_accepted_together(world: World) -> None:
    retiree = world.confirmed().retiree
    mine, theirs = of_person(world, retiree, name="王健国"), of_community(world, retiree, name="王剑国")

    with pytest.raises(RuleBroken, match="只能采纳一条"):
        actions.accept(mine.pk, by=world.unit_clerk, also=[theirs.pk])

    assert {again(mine).state, again(theirs).state} == {State.OPEN}


def test_words_are_answered_with_words(world: World) -> None:
    world.waiting_for_unit()
    proposal = ChangeProposal.objects.get()
    with pytest.raises(RuleBroken, match="改了什么"):
        actions.accept(proposal.pk, by=world.unit_clerk)

    actions.accept(proposal.pk, by=world.unit_clerk, reason="出生月份已改为三月")

    assert again(proposal).reason == "出生月份已改为三月"


def test_the_person_withdraws_and_the_unit_hears(world: World) -> None:
    proposal = of_person(world)

    actions.withdraw(proposal.pk, by=proposal.proposed_by)

    assert again(proposal).state == State.WITHDRAWN
    assert len(told(world.unit, "proposal.withdrawn")) == 1


def test_a_colleague_withdraws_and_others_may_not(world: World) -> None:
    proposal = of_community(world, world.confirmed().retiree, name="王健国")
    with pytest.raises(PermissionDenied):
        actions.withdraw(proposal.pk, by=world.unit_clerk)

    actions.withdraw(proposal.pk, by=make_staff(world.here))

    assert again(proposal).state == State.WITHDRAWN


def test_a_number_is_shown_in_full_to_who_decides_and_written_down(world: World) -> None:
    proposal = of_person(world, id_number=make_id_number(77))

    actions.reveal(proposal.pk, by=world.unit_clerk)

    assert AuditEntry.objects.get(action="proposal.revealed").target_id == str(proposal.retiree_id)
    with pytest.raises(PermissionDenied):
        actions.reveal(proposal.pk, by=world.clerk)
