"""From the first draft to the desk that acts next."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from checkin.record import actions
from checkin.record.models import Channel, CheckIn, State
from communities.notices.models import Notice
from huifeng.audit.actions import entries_about
from huifeng.errors import AlreadyDone, RuleBroken
from huifeng.texts.models import Text
from members.people.models import Helper
from tests.checkin.world import World, again, moves
from tests.communities.factories import UserFactory, make_external_unit, make_staff
from tests.members.factories import make_member


def test_starting_gives_a_draft_with_the_unit_and_the_channel(world: World) -> None:
    retiree = world.member()

    checkin = actions.start(retiree.pk, by=retiree.user)

    assert (checkin.state, checkin.channel, checkin.unit) == (State.DRAFT, Channel.ONLINE, world.unit)
    assert moves(checkin) == ["started"]
    assert entries_about(checkin).count() == 1


def test_starting_twice_gives_the_same_draft(world: World) -> None:
    retiree = world.member()

    first = actions.start(retiree.pk, by=retiree.user)
    second = actions.start(retiree.pk, by=retiree.user)

    assert first.pk == second.pk
    assert moves(first) == ["started"]


def test_a_stranger_cannot_start_for_somebody(world: World) -> None:
    retiree = world.member()

    with pytest.raises(PermissionDenied):
        actions.start(retiree.pk, by=UserFactory())

    assert not CheckIn.objects.exists()


def test_a_helper_starts_as_family(world: World) -> None:
    retiree = world.member()
    daughter = UserFactory(display_name="王红")
    helper = Helper.objects.create(
        retiree=retiree, user=daughter, name="王红", relation="daughter", consent="code", consent_text="2026-11",
        consented_at=retiree.created_at,
    )  # fmt: skip

    checkin = actions.start(retiree.pk, by=daughter)

    assert (checkin.channel, checkin.helper) == (Channel.FAMILY, helper)


def test_nobody_starts_while_a_request_is_under_way(world: World) -> None:
    checkin = world.submitted()

    with pytest.raises(RuleBroken, match=checkin.number):
        actions.start(checkin.retiree_id, by=checkin.retiree.user)


def test_nobody_starts_for_the_dead(world: World) -> None:
    retiree = world.member(died_on=date(2026, 1, 2))

    with pytest.raises(RuleBroken, match="去世"):
        actions.start(retiree.pk, by=world.clerk, channel=Channel.COUNTER)


def test_what_is_written_down_stays(world: World) -> None:
    checkin = world.draft(interests=["calligraphy"], address="云霄路 3 号")

    kept = again(checkin)

    assert (kept.address, kept.declared["interests"], kept.community) == (
        "云霄路 3 号",
        ["calligraphy"],
        world.here,
    )


def test_a_stale_page_cannot_overwrite_a_draft(world: World) -> None:
    checkin = world.draft()
    actions.write_down(checkin.pk, by=checkin.retiree.user, address="新的地址")

    with pytest.raises(AlreadyDone):
        actions.write_down(checkin.pk, by=checkin.retiree.user, version=checkin.version, address="旧的地址")

    assert again(checkin).address == "新的地址"


def test_a_roster_person_who_finds_nothing_wrong_waits_for_the_community_only(world: World) -> None:
    checkin = world.submitted()

    assert (checkin.state, checkin.desk) == (State.VERIFIED, world.here)
    assert moves(checkin) == ["started", "submitted", "auto_verified"]
    assert checkin.number.startswith("FX-")


def test_a_person_who_finds_something_wrong_waits_for_the_unit(world: World) -> None:
    checkin = world.waiting_for_unit()

    assert (checkin.state, checkin.desk) == (State.SUBMITTED, world.unit)


def test_submitting_twice_is_once(world: World) -> None:
    draft = world.draft()

    first = actions.submit(draft.pk, by=draft.retiree.user, consented=True)
    second = actions.submit(draft.pk, by=draft.retiree.user, consented=True)

    assert first.number == second.number
    assert moves(draft).count("submitted") == 1
    assert Text.objects.filter(key__startswith="checkin:").count() == 1


def test_submitting_is_told_to_the_community_and_the_person(world: World) -> None:
    checkin = world.submitted()

    assert Notice.objects.filter(receiver=world.here, kind="checkin.auto_verified").count() == 1
    text = Text.objects.get(key__startswith="checkin:")
    assert checkin.number in text.words
    assert checkin.retiree.name not in text.words


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"address": " "}, "住址"), ({"community_id": None, "area_id": None}, "社区")],
)
def test_a_submission_without_place_or_address_is_refused(world: World, fields: dict, words: str) -> None:
    retiree = world.member()
    checkin = actions.start(retiree.pk, by=retiree.user)
    actions.write_down(
        checkin.pk, by=retiree.user, **({"address": "云霄路 1 号", "community_id": world.here.pk} | fields)
    )

    with pytest.raises(RuleBroken, match=words):
        actions.submit(checkin.pk, by=retiree.user, consented=True)

    assert again(checkin).state == State.DRAFT


def test_a_submission_without_consent_is_refused(world: World) -> None:
    draft = world.draft()

    with pytest.raises(RuleBroken, match="同意"):
        actions.submit(draft.pk, by=draft.retiree.user)


def test_a_stranger_cannot_submit(world: World) -> None:
    draft = world.draft()

    with pytest.raises(PermissionDenied):
        actions.submit(draft.pk, by=world.clerk_there, consented=True)


@pytest.mark.parametrize("state", ["confirmed", "withdrawn"])
def test_a_settled_request_cannot_be_submitted(world: World, state: str) -> None:
    checkin = (
        world.confirmed() if state == "confirmed" else actions.withdraw(world.submitted().pk, by=world.clerk)
    )

    with pytest.raises(RuleBroken):
        actions.submit(checkin.pk, by=checkin.retiree.user, consented=True)

    assert again(checkin).state == state


def test_an_unknown_community_goes_to_the_street_or_bureau_of_the_area(world: World) -> None:
    street = world.city.streets[0]
    in_street = world.submitted(community_id=None, area_id=street.division_id)
    in_district = world.submitted(community_id=None, area_id=world.city.districts[0].division_id)

    assert in_street.desk == street
    assert in_district.desk == world.city.districts[0]


def test_for_a_unit_outside_the_community_checks_the_paper(world: World) -> None:
    retiree = make_member(make_external_unit(), user=UserFactory())

    checkin = world.submitted(retiree)

    assert (checkin.state, checkin.desk) == (State.SUBMITTED, world.here)


def test_numbers_of_a_year_have_no_gaps(world: World) -> None:
    numbers = [world.submitted().number for _ in range(3)]

    assert [int(number[-6:]) for number in numbers] == [1, 2, 3]


@time_machine.travel("2026-11-20 10:00+08:00", tick=False)  # a Friday
def test_the_clock_counts_working_days(world: World) -> None:
    checkin = world.submitted()

    assert checkin.due_on == date(2026, 11, 27)
    assert checkin.street_on == date(2026, 11, 30)
    assert checkin.bureau_on == date(2026, 12, 4)


@time_machine.travel("2031-12-30 10:00+08:00", tick=False)
def test_a_date_in_an_unannounced_year_is_provisional(world: World) -> None:
    assert world.submitted().dates_provisional


def test_the_database_refuses_an_open_request_without_a_desk(world: World) -> None:
    checkin = world.submitted()

    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.filter(pk=checkin.pk).update(desk=None)


def test_the_database_refuses_a_second_open_request(world: World) -> None:
    checkin = world.submitted()

    with pytest.raises(IntegrityError), transaction.atomic():
        CheckIn.objects.create(
            retiree=checkin.retiree,
            channel=Channel.ONLINE,
            created_by=world.clerk,
            created_at=checkin.created_at,
        )


def test_staff_who_is_also_a_retiree_does_not_decide_on_the_own_request(world: World) -> None:
    clerk = make_staff(world.here)
    checkin = world.submitted(world.member(user=clerk))

    with pytest.raises(PermissionDenied):
        actions.confirm(checkin.pk, by=clerk)
