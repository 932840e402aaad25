"""What a roster asks of another unit: that unit hands over or says no, once, and the asking unit is told."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from huifeng.rowscope import scope
from members.duplicates import actions as duplicates
from members.people.models import Retiree
from members.roster import transfers
from members.roster.models import TransferProposal
from members.units import actions as units
from members.units.models import UnitMembership
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import make_linked_member, make_member
from tests.members.roster.rosters import everything, imported, row_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def theirs(city):
    """The unit that has the person."""
    return make_unit("青岛市第二中学", place=city.districts[0].division)


@pytest.fixture
def their_clerk(theirs):
    return make_staff(theirs)


@pytest.fixture
def proposal(unit, unit_clerk, theirs) -> TransferProposal:
    imported(unit, unit_clerk, row_of(make_member(theirs, name="周平")))
    return TransferProposal.objects.get()


def test_handed_over_the_person_is_with_the_other_unit_from_today(proposal, unit, their_clerk):
    transfers.accept(proposal.pk, by=their_clerk)

    old, new = UnitMembership.objects.filter(retiree=proposal.retiree).order_by("valid_from")
    assert (old.valid_until, new.valid_from) == (timezone.localdate(), timezone.localdate())
    assert (new.unit, new.cause) == (unit, UnitMembership.Cause.TRANSFERRED)


def test_handing_over_is_audited_and_told(proposal, unit, their_clerk):
    transfers.accept(proposal.pk, by=their_clerk)

    entry = AuditEntry.objects.get(action="transfer.accepted")
    assert (entry.actor_id, entry.target_id) == (their_clerk.pk, str(proposal.retiree_id))
    assert "周平的转入：已转入" in Notice.objects.get(receiver=unit).words


def test_who_was_merged_meanwhile_is_handed_over_as_who_stayed(proposal, theirs, their_clerk):
    stays = make_member(theirs, name="周平")
    duplicates.merge(
        stays.pk,
        proposal.retiree_id,
        by=their_clerk,
        take_from_other=[],
        kept_version=stays.version,
        other_version=proposal.retiree.version,
    )

    transfers.accept(proposal.pk, by=their_clerk)

    proposal.refresh_from_db()
    assert (proposal.retiree, proposal.state) == (stays, TransferProposal.State.ACCEPTED)
    assert units.unit_of(stays) == proposal.to_unit


def test_handing_over_twice_is_once(proposal, their_clerk):
    transfers.accept(proposal.pk, by=their_clerk)
    before = everything()
    transfers.accept(proposal.pk, by=their_clerk)

    assert everything() == before


def test_a_no_leaves_the_person_and_tells_why(proposal, unit, theirs, their_clerk):
    transfers.refuse(proposal.pk, by=their_clerk, reason="  还在本单位  ")

    assert units.unit_of(proposal.retiree) == theirs
    assert Notice.objects.get(receiver=unit).words.endswith("没有转：还在本单位")
    assert AuditEntry.objects.get(action="transfer.refused").note == "还在本单位"


def test_saying_no_twice_is_once(proposal, their_clerk):
    transfers.refuse(proposal.pk, by=their_clerk, reason="还在本单位")
    before = everything()
    transfers.refuse(proposal.pk, by=their_clerk, reason="别的理由")

    assert everything() == before


def test_a_no_needs_a_reason(proposal, their_clerk):
    with pytest.raises(RuleBroken, match="理由"):
        transfers.refuse(proposal.pk, by=their_clerk, reason=" ")


def test_after_a_yes_there_is_no_no(proposal, their_clerk):
    transfers.accept(proposal.pk, by=their_clerk)

    with pytest.raises(AlreadyDone, match=their_clerk.display_name):
        transfers.refuse(proposal.pk, by=their_clerk, reason="还在本单位")


def test_after_a_no_there_is_no_yes(proposal, their_clerk):
    transfers.refuse(proposal.pk, by=their_clerk, reason="还在本单位")

    with pytest.raises(AlreadyDone):
        transfers.accept(proposal.pk, by=their_clerk)


def test_who_moved_elsewhere_meanwhile_is_not_handed_over(proposal, their_clerk):
    third = make_unit("第三所")
    units.transfer(proposal.retiree_id, third.pk, on=timezone.localdate(), by=their_clerk)

    decided = transfers.accept(proposal.pk, by=their_clerk)

    assert decided.state == TransferProposal.State.OVERTAKEN
    assert units.unit_of(proposal.retiree) == third


def test_a_closed_unit_gets_nobody(proposal, unit, their_clerk):
    unit.closed_on = timezone.localdate()
    unit.save()
    before = everything()

    with pytest.raises(RuleBroken, match="已经撤销"):
        transfers.accept(proposal.pk, by=their_clerk)
    assert everything() == before


def test_after_a_no_the_next_roster_asks_again(proposal, unit, unit_clerk, their_clerk):
    transfers.refuse(proposal.pk, by=their_clerk, reason="还在本单位")
    imported(unit, unit_clerk, row_of(proposal.retiree))

    assert TransferProposal.objects.open().count() == 1


def test_only_the_managing_unit_and_its_bureau_decide(
    city, proposal, unit, unit_clerk, community_clerk, bureau_clerk
):
    strangers = [unit_clerk, community_clerk, make_staff(city.districts[1]), make_linked_member(unit).user]
    before = everything()

    for who in strangers:
        with pytest.raises(PermissionDenied):
            transfers.accept(proposal.pk, by=who)
        with pytest.raises(PermissionDenied):
            transfers.refuse(proposal.pk, by=who, reason="不转")
    assert everything() == before

    assert transfers.accept(proposal.pk, by=bureau_clerk).state == TransferProposal.State.ACCEPTED


def test_nobody_hands_oneself_over(proposal, their_clerk):
    proposal.retiree.user = their_clerk
    proposal.retiree.save()

    with pytest.raises(PermissionDenied):
        transfers.accept(proposal.pk, by=their_clerk)


def test_who_joined_only_today_is_told_to_wait_a_day(unit, unit_clerk, theirs, their_clerk):
    imported(unit, unit_clerk, row_of(make_member(theirs, since=timezone.localdate())))

    with pytest.raises(RuleBroken, match="明天"):
        transfers.accept(TransferProposal.objects.get().pk, by=their_clerk)


def test_a_date_long_ago_is_no_obstacle(unit, unit_clerk, theirs, their_clerk):
    imported(unit, unit_clerk, row_of(make_member(theirs, since=date(1999, 1, 1))))

    assert transfers.accept(TransferProposal.objects.get().pk, by=their_clerk).state == "accepted"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("hide", ["restricted", "merged"])
def test_who_is_restricted_since_is_the_bureaus_to_answer_for(city, proposal, theirs, their_clerk, hide):
    person = proposal.retiree
    if hide == "merged":
        person = make_member(theirs, name="周平")
        duplicates.merge(person.pk, proposal.retiree_id, by=make_staff(city.city))
    Retiree.objects.filter(pk=person.pk).update(is_restricted=True)
    bureau = make_staff(city.districts[0])

    answer = client_of(their_clerk).get("/unit/roster/transfers/")
    pressed = client_of(their_clerk).post(f"/unit/roster/transfers/{proposal.pk}/", {"accept": ""})

    assert "周平" not in answer.content.decode()
    assert pressed.status_code == 404
    assert "周平" in client_of(bureau).get("/bureau/roster/transfers/").content.decode()


def test_who_asked_reads_the_name_of_whom_the_other_unit_has(proposal, unit_clerk, their_clerk):
    with scope.as_viewer(scope.of(unit_clerk)):
        assert not Retiree.objects.filter(pk=proposal.retiree_id).exists()

    for clerk in (unit_clerk, their_clerk):
        assert "周平" in client_of(clerk).get("/unit/roster/transfers/").content.decode()
