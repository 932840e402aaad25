"""Signing for notices, disputing them, and what goes up when nobody does."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from checkin.sync import actions
from checkin.sync.relay import relay
from communities.notices.models import Notice
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import AlreadyDone, RuleBroken
from tests.checkin.world import World
from tests.communities.factories import make_staff, make_unit
from tests.members.racing import race

State = Notice.State


@pytest.fixture
def notice(world: World) -> Notice:
    """The unit is told that one of its people is checked in; delivered, not signed for."""
    world.confirmed()
    relay()
    return Notice.objects.get(receiver=world.unit, kind="checkin.confirmed")


def again(notice: Notice) -> Notice:
    return Notice.objects.get(pk=notice.pk)


def audited(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


def test_signing_is_written_down_once(world: World, notice: Notice) -> None:
    colleague = make_staff(world.unit)
    actions.acknowledge(notice.pk, by=world.unit_clerk)
    actions.acknowledge(notice.pk, by=colleague)

    assert (again(notice).state, again(notice).answered_by) == (State.ACKNOWLEDGED, world.unit_clerk)
    assert audited("notice.acknowledged") == 1


def test_only_the_receiver_signs(world: World, notice: Notice) -> None:
    for stranger in (world.clerk, world.bureau_clerk, world.street_clerk):
        with pytest.raises(PermissionDenied):
            actions.acknowledge(notice.pk, by=stranger)
        with pytest.raises(PermissionDenied):
            actions.dispute(notice.pk, words="不对", by=stranger)

    assert again(notice).state == State.DELIVERED


def test_what_is_not_delivered_yet_cannot_be_signed(world: World) -> None:
    world.confirmed()
    notice = Notice.objects.get(receiver=world.unit, kind="checkin.confirmed")

    with pytest.raises(RuleBroken, match="过一会儿"):
        actions.acknowledge(notice.pk, by=world.unit_clerk)

    assert again(notice).state == State.PENDING


def test_a_dispute_reaches_the_sender_with_its_words_once(world: World, notice: Notice) -> None:
    for _ in range(2):
        actions.dispute(notice.pk, words="他住在别处", by=world.unit_clerk)

    assert (again(notice).state, again(notice).answer) == (State.DISPUTED, "他住在别处")
    (told,) = Notice.objects.filter(kind="notice.disputed")
    assert told.receiver == world.here
    assert "他住在别处" in told.words
    assert audited("notice.disputed") == 1


def test_a_dispute_of_what_the_program_said_reaches_the_bureau(world: World, notice: Notice) -> None:
    Notice.objects.update(sender=None)

    actions.dispute(notice.pk, words="不对", by=world.unit_clerk)

    assert Notice.objects.get(kind="notice.disputed").receiver.kind == Organisation.Kind.BUREAU


def test_a_dispute_needs_words(world: World, notice: Notice) -> None:
    with pytest.raises(RuleBroken, match="写明"):
        actions.dispute(notice.pk, words="  ", by=world.unit_clerk)

    assert again(notice).state == State.DELIVERED


def test_the_first_answer_holds(world: World, notice: Notice) -> None:
    actions.acknowledge(notice.pk, by=world.unit_clerk)
    with pytest.raises(AlreadyDone, match="签收"):
        actions.dispute(notice.pk, words="不对", by=world.unit_clerk)

    Notice.objects.filter(pk=notice.pk).update(state=State.DISPUTED, answer="不对")
    with pytest.raises(AlreadyDone, match="异议"):
        actions.acknowledge(notice.pk, by=world.unit_clerk)

    assert (again(notice).state, again(notice).answer) == (State.DISPUTED, "不对")


def test_many_are_signed_at_once_and_what_is_not_ours_is_left(world: World, notice: Notice) -> None:
    theirs = Notice.objects.filter(receiver=world.here).values_list("pk", flat=True)
    ids = [notice.pk, *theirs, 10**9]

    assert actions.acknowledge_many(ids, by=world.unit_clerk) == 1
    assert actions.acknowledge_many(ids, by=world.unit_clerk) == 0

    assert not Notice.objects.filter(receiver=world.here, state=State.ACKNOWLEDGED).exists()
    assert audited("notice.acknowledged") == 1


def test_the_successor_signs_for_what_its_predecessor_left(world: World, notice: Notice) -> None:
    heir = make_unit()
    clerk = make_staff(heir)
    Organisation.objects.filter(pk=world.unit.pk).update(closed_on=timezone.localdate(), successor=heir)

    actions.acknowledge(notice.pk, by=clerk)

    assert again(notice).answered_by == clerk


def late(notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk).update(receipt_due_on=timezone.localdate() - timedelta(days=1))


def test_overdue_receipts_go_up_once_a_day_with_a_number(world: World, notice: Notice) -> None:
    late(notice)
    for _ in range(2):
        assert actions.remind_unsigned() == 1

    told = Notice.objects.filter(kind="notice.unsigned")
    assert {row.receiver for row in told} == {world.unit, world.unit.parent}
    assert all("1 条" in row.words for row in told)
    actions.remind_unsigned(today=timezone.localdate() + timedelta(days=1))
    assert told.all().count() == 4


def test_nothing_goes_up_for_what_is_signed_or_not_due(world: World, notice: Notice) -> None:
    assert actions.remind_unsigned() == 0
    late(notice)
    actions.acknowledge(notice.pk, by=world.unit_clerk)

    assert actions.remind_unsigned() == 0


@pytest.mark.django_db(transaction=True)
def test_two_answer_at_once_and_one_holds(world: World, notice: Notice) -> None:
    """Seen to fail without the row's lock, and with who answered joined to it."""
    colleague: User = make_staff(world.unit)
    acts = [
        lambda: actions.acknowledge(notice.pk, by=world.unit_clerk),
        lambda: actions.dispute(notice.pk, words="不对", by=colleague),
    ]

    found = race(2, lambda runner: acts[runner]())

    assert [answer for answer in found if isinstance(answer, AlreadyDone)], found
    assert audited("notice.acknowledged") + audited("notice.disputed") == 1
