"""Proposing: who may, what is refused, what a newer one does, whom it reaches."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from checkin.proposals import actions
from checkin.proposals.models import ChangeProposal
from checkin.record import actions as checkins
from communities.notices.models import Notice
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.people import actions as people
from tests.checkin.proposals.said import WHY, again, of_community, of_person, of_unit, told
from tests.checkin.world import World
from tests.communities.factories import UserFactory, make_external_unit
from tests.members.factories import make_helper, make_id_number, make_member

State, Source = ChangeProposal.State, ChangeProposal.Source


def test_the_person_proposes_and_the_unit_is_asked(world: World) -> None:
    proposal = of_person(world, birth_date="1950-03-09")

    assert (proposal.state, proposal.source, proposal.desk) == (State.OPEN, Source.PERSON, world.unit)
    assert (proposal.old, proposal.new) == ("1950-03-08", "1950-03-09")
    assert AuditEntry.objects.get(action="proposal.proposed").target_id == str(proposal.retiree_id)
    notice = Notice.objects.get(receiver=world.unit, kind="proposal.opened")
    assert notice.data == {"proposal": proposal.pk, "field": "birth_date", "state": "open"}
    assert "1950" not in notice.words


def test_several_fields_make_a_proposal_each(world: World) -> None:
    retiree = world.member()

    made = actions.propose(
        retiree.pk, {"original_post": "处长", "retired_on": "2009"}, why=WHY, by=retiree.user
    )

    assert [row.field for row in made] == ["original_post", "retired_on"]


def test_the_same_again_changes_nothing(world: World) -> None:
    proposal = of_person(world)

    same = of_person(world, proposal.retiree)

    assert same.pk == proposal.pk
    assert AuditEntry.objects.filter(action="proposal.proposed").count() == 1
    assert len(told(world.unit, "proposal.opened")) == 1


def test_a_newer_one_of_the_same_side_supersedes(world: World) -> None:
    first = of_person(world)
    helper = make_helper(first.retiree)

    second = actions.propose(first.retiree_id, {"original_post": "副处长"}, why="", by=helper.user)[0]

    assert again(first).state == State.SUPERSEDED
    assert (second.state, second.source) == (State.OPEN, Source.HELPER)


def test_another_side_stands_beside(world: World) -> None:
    retiree = world.confirmed().retiree
    mine = of_person(world, retiree, name="王健国")

    theirs = of_community(world, retiree, name="王健国")

    assert again(mine).state == State.OPEN
    assert theirs.source == Source.COMMUNITY


def test_the_database_holds_one_open_a_side(world: World) -> None:
    proposal = of_person(world)
    proposal.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        proposal.save(force_insert=True)

    assert ChangeProposal.objects.count() == 1


def test_numbers_are_sealed(world: World) -> None:
    number = make_id_number(77)
    proposal = of_person(world, id_number=number)

    with connection.cursor() as cursor:
        cursor.execute("SELECT new_sealed FROM checkin_proposals_changeproposal")
        (sealed,) = cursor.fetchone()
    assert again(proposal).new == number
    assert number.encode() not in bytes(sealed)
    assert (proposal.old_value, proposal.new_value) == (None, None)
    assert not AuditEntry.objects.filter(after__icontains=number).exists()


def test_numbers_never_stand_plain(world: World) -> None:
    proposal = of_person(world, id_number=make_id_number(77))

    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeProposal.objects.filter(pk=proposal.pk).update(new_value="370202195003080011")

    assert again(proposal).new_value is None


def test_the_unit_proposes_where_the_community_owns(world: World) -> None:
    retiree = world.confirmed().retiree

    proposal = of_unit(world, retiree, phone="13912345678")

    assert (proposal.desk, proposal.source) == (world.here, Source.UNIT)


def test_without_a_community_the_bureau_answers(world: World) -> None:
    retiree = world.member()

    proposal = of_unit(world, retiree, phone="13912345678")

    assert proposal.desk.kind == "bureau"


@pytest.mark.parametrize("field", ["phone", "residence_address"])
def test_the_person_corrects_the_own_fields_directly(world: World, field: str) -> None:
    with pytest.raises(RuleBroken, match="我的信息") as refused:
        of_person(world, **{field: "13912345678"})

    assert refused.value.code == "owner"


def test_the_unit_corrects_its_own_fields_directly(world: World) -> None:
    with pytest.raises(RuleBroken, match="直接改") as refused:
        of_unit(world, world.member(), name="王健国")

    assert refused.value.code == "owner"


def test_a_bureau_has_nothing_to_propose(world: World) -> None:
    retiree = world.confirmed().retiree

    with pytest.raises(RuleBroken, match="直接改"):
        actions.propose(
            retiree.pk,
            {"name": "王健国"},
            why=WHY,
            by=world.bureau_clerk,
            organisation_id=world.city.districts[0].pk,
        )

    assert not ChangeProposal.objects.exists()


def test_a_street_proposes(world: World) -> None:
    retiree = world.confirmed().retiree

    made = actions.propose(
        retiree.pk,
        {"name": "王健国"},
        why=WHY,
        by=world.street_clerk,
        organisation_id=world.city.streets[0].pk,
    )

    assert (made[0].source, made[0].desk) == (Source.BUREAU, world.unit)


def test_a_helper_never_proposes_the_phone(world: World) -> None:
    helper = make_helper(world.member())

    with pytest.raises(PermissionDenied):
        actions.propose(helper.retiree_id, {"phone": "13912345678"}, why=WHY, by=helper.user)

    assert not ChangeProposal.objects.exists()


def test_a_stranger_proposes_nothing(world: World) -> None:
    with pytest.raises(PermissionDenied):
        actions.propose(world.member().pk, {"name": "王健国"}, why=WHY, by=UserFactory())

    assert not ChangeProposal.objects.exists()


def test_nobody_proposes_for_an_office_of_others(world: World) -> None:
    retiree = world.confirmed().retiree

    with pytest.raises(PermissionDenied):
        actions.propose(
            retiree.pk, {"name": "王健国"}, why=WHY, by=world.clerk, organisation_id=world.there.pk
        )

    assert not ChangeProposal.objects.exists()


def test_a_community_that_does_not_see_the_person_proposes_nothing(world: World) -> None:
    retiree = world.confirmed().retiree

    with pytest.raises(PermissionDenied):
        actions.propose(
            retiree.pk, {"name": "王健国"}, why=WHY, by=world.clerk_there, organisation_id=world.there.pk
        )

    assert not ChangeProposal.objects.exists()


def test_a_community_proposes_nothing_of_what_it_is_not_shown(world: World) -> None:
    retiree = world.confirmed().retiree

    with pytest.raises(PermissionDenied):
        of_community(world, retiree, treatment="x")

    assert not ChangeProposal.objects.exists()


def test_flags_are_no_proposal(world: World) -> None:
    with pytest.raises(PermissionDenied):
        of_person(world, statistics_flag=False)

    assert not ChangeProposal.objects.exists()


def test_a_wrong_value_is_refused_with_its_field(world: World) -> None:
    with pytest.raises(RuleBroken) as refused:
        of_person(world, id_number="123")

    assert refused.value.code == "field_id_number"


def test_what_stands_already_is_refused(world: World) -> None:
    retiree = world.member(original_post="处长")

    with pytest.raises(RuleBroken) as refused:
        of_person(world, retiree)

    assert refused.value.code == "same"


def test_an_office_says_why(world: World) -> None:
    retiree = world.confirmed().retiree

    with pytest.raises(RuleBroken) as refused:
        actions.propose(
            retiree.pk, {"name": "王健国"}, why=" ", by=world.clerk, organisation_id=world.here.pk
        )

    assert refused.value.code == "why_missing"


def test_nothing_is_proposed_of_the_dead(world: World) -> None:
    retiree = world.confirmed().retiree
    death = people.report_death(retiree.pk, date(2026, 1, 5), by=world.clerk)
    people.confirm_death(death.pk, by=world.unit_clerk)

    with pytest.raises(RuleBroken) as refused:
        of_unit(world, retiree, phone="13912345678")

    assert refused.value.code == "dead"


def test_an_outside_system_proposes_for_its_organisation(world: World) -> None:
    retiree = world.confirmed().retiree

    made = actions.propose(
        retiree.pk,
        {"name": "王健国"},
        why="网格系统",
        by=User.objects.system(),
        organisation_id=world.here.pk,
    )

    assert (made[0].source, made[0].organisation) == (Source.SYSTEM, world.here)


def test_for_a_unit_outside_the_community_answers(world: World) -> None:
    outside = make_external_unit()
    retiree = make_member(outside, user=UserFactory(), residence=world.here.division)

    proposal = of_person(world, retiree)

    assert proposal.desk == world.here


def test_words_at_the_check_in_reach_the_unit(world: World) -> None:
    checkin = world.waiting_for_unit()

    proposal = ChangeProposal.objects.get()
    assert (proposal.field, proposal.why) == ("", "出生月份不对")
    assert (proposal.source, proposal.desk) == (Source.DECLARED, world.unit)
    assert proposal.proposed_by == checkin.retiree.user


def test_other_words_at_the_check_in_supersede(world: World) -> None:
    checkin = world.waiting_for_unit()
    checkins.return_to_person(checkin.pk, by=world.unit_clerk, reason="identity_mismatch", words="哪一月")
    by: Any = checkin.retiree.user
    checkins.write_down(checkin.pk, by=by, remarks="是三月不是五月")

    checkins.submit(checkin.pk, by=by)

    first, second = ChangeProposal.objects.order_by("pk")
    assert (first.state, second.state) == (State.SUPERSEDED, State.OPEN)


def test_a_check_in_that_finds_nothing_wrong_proposes_nothing(world: World) -> None:
    world.submitted()

    assert not ChangeProposal.objects.exists()
