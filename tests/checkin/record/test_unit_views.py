"""The pages of a unit: its members, what it verifies, reminders, deaths."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from checkin.record import actions
from checkin.record.actions.reminders import remind_to_check_in
from checkin.record.models import Channel, State
from communities.organisations.models import Organisation
from huifeng.errors import RuleBroken
from huifeng.texts.models import Text
from members.people import actions as people
from members.people.models import IdentityClaim
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World, again
from tests.communities.factories import OrganisationFactory, UserFactory, make_unit
from tests.members.factories import make_account, make_id_number, make_member


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.unit_clerk)


def test_the_four_figures_are_the_lists_behind_them(world: World, desk: Client) -> None:
    world.confirmed()
    for _ in range(2):
        world.submitted()
    for _ in range(3):
        world.member()
    world.draft()

    counts = desk.get("/unit/").context["counts"]

    assert counts == {"all": 7, "confirmed": 1, "open": 2, "none": 4}
    for state in ("", "confirmed", "open", "none"):
        assert len(desk.get("/unit/", {"state": state}).context["people"]) == counts[state or "all"], state


def test_only_the_own_members_are_listed(world: World, desk: Client) -> None:
    make_member(make_unit(), name="周桂兰")

    assert "周桂兰" not in text_of(desk.get("/unit/"))


def test_members_are_found_by_name_and_kind(world: World, desk: Client) -> None:
    world.member(name="孙德胜")
    world.member(name="周桂兰", kind="lixiu")

    page = text_of(desk.get("/unit/", {"kind": "lixiu"}))

    assert "周桂兰" in page
    assert "孙德胜" not in page


def test_pages_of_members_hold_everybody_once(world: World, desk: Client) -> None:
    made = {world.member().pk for _ in range(25)}

    first = desk.get("/unit/")
    second = desk.get("/unit/" + first.context["slice"].next_url)

    shown = [row.retiree.pk for page in (first, second) for row, _ in page.context["people"]]
    assert (len(shown), set(shown)) == (25, made)


def test_a_reminder_goes_out_once_in_seven_days(world: World, desk: Client) -> None:
    retiree = world.member()

    first = desk.post(f"/unit/people/{retiree.pk}/remind/", follow=True)
    second = desk.post(f"/unit/people/{retiree.pk}/remind/")

    assert "已给" in text_of(first)
    assert second.status_code == 409
    assert Text.objects.filter(key__startswith="remind:").count() == 1
    assert "提醒过" in text_of(desk.get("/unit/"))


def test_the_week_may_turn_but_seven_days_hold(world: World) -> None:
    retiree = world.member()
    sunday = datetime(2026, 11, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))

    with time_machine.travel(sunday, tick=False):
        remind_to_check_in(retiree.pk, by=world.unit_clerk)

    with (
        time_machine.travel(sunday + timedelta(days=1), tick=False),
        pytest.raises(RuleBroken, match="11月22日"),
    ):
        remind_to_check_in(retiree.pk, by=world.unit_clerk)
    with time_machine.travel(sunday + timedelta(days=8), tick=False):
        remind_to_check_in(retiree.pk, by=world.unit_clerk)
    assert Text.objects.filter(key__startswith="remind:").count() == 2


def test_who_has_checked_in_is_not_reminded(world: World, desk: Client) -> None:
    retiree = world.confirmed().retiree

    assert desk.post(f"/unit/people/{retiree.pk}/remind/").status_code == 409


def test_somebody_elses_member_is_not_there(world: World, desk: Client) -> None:
    retiree = make_member(make_unit())

    assert desk.post(f"/unit/people/{retiree.pk}/remind/").status_code == 404
    assert desk.get(f"/unit/people/{retiree.pk}/").status_code == 404


def test_a_claim_waits_to_be_verified_and_is_vouched_for(world: World, desk: Client) -> None:
    checkin = world.waiting_for_unit()

    page = text_of(desk.get("/unit/verify/"))
    desk.post(f"/unit/checkins/{checkin.pk}/verify/", {"version": checkin.version})

    assert f"/unit/checkins/{checkin.pk}/" in page
    assert again(checkin).state == State.VERIFIED


def test_not_ours_is_returned_with_a_reason(world: World, desk: Client) -> None:
    checkin = world.waiting_for_unit()

    desk.post(
        f"/unit/checkins/{checkin.pk}/return/",
        {"version": checkin.version, "reason": "identity_mismatch", "words": ""},
    )

    assert (again(checkin).state, again(checkin).return_reason) == (State.RETURNED, "identity_mismatch")


def test_somebody_of_no_roster_is_entered_by_being_vouched_for(world: World, desk: Client) -> None:
    user = UserFactory()
    retiree = people.register_self(
        name="孙德胜", id_number=make_id_number(4711), kind_of_person="tuixiu", by=user, unit_id=world.unit.pk
    ).retiree
    assert retiree is not None
    checkin = world.submitted(retiree)

    desk.post(f"/unit/checkins/{checkin.pk}/verify/", {"version": checkin.version})

    retiree.refresh_from_db()
    assert (retiree.standing, again(checkin).state) == ("roster", State.VERIFIED)


def test_the_unit_enters_the_answer_of_a_community_outside(world: World, desk: Client) -> None:
    outside = OrganisationFactory(
        kind=Organisation.Kind.EXTERNAL_COMMUNITY,
        code="WS1",
        name="历下社区",
        division=None,
        region="山东省济南市",
    )
    checkin = world.submitted(community_id=outside.pk, area_id="370202000000")

    assert "等对方社区回函" in text_of(desk.get("/unit/verify/"))
    desk.post(
        f"/unit/checkins/{checkin.pk}/confirm/",
        {"version": checkin.version, "contact": "刘芳", "phone": "0531-1"},
    )

    assert again(checkin).state == State.CONFIRMED


def test_a_reported_death_waits_and_a_wrong_one_is_dismissed(world: World, desk: Client) -> None:
    retiree = world.confirmed().retiree
    death = people.report_death(retiree.pk, timezone.localdate() - timedelta(days=1), by=world.clerk)

    assert "去世待确认" in text_of(desk.get("/unit/verify/"))
    desk.post(f"/unit/deaths/{death.pk}/", {"act": "dismiss", "words": "本人接了电话"})

    death.refresh_from_db()
    assert death.state == "dismissed"


def test_a_wrong_death_is_undone(world: World, desk: Client) -> None:
    checkin = world.confirmed()
    death = people.report_death(checkin.retiree_id, timezone.localdate(), by=world.clerk)
    people.confirm_death(death.pk, by=world.unit_clerk)

    desk.post(f"/unit/deaths/{death.pk}/", {"act": "undo", "words": "登记错人"})

    assert again(checkin).state == State.CONFIRMED


def test_an_identity_claim_is_decided_on_its_desk(world: World, desk: Client) -> None:
    claim = _claim(world)

    assert "身份核实" in text_of(desk.get("/unit/verify/"))
    refused = desk.post(f"/unit/claims/{claim.pk}/", {"act": "refuse", "words": ""})
    desk.post(f"/unit/claims/{claim.pk}/", {"act": "accept"})

    claim.refresh_from_db()
    assert refused.status_code == 409
    assert claim.state == "accepted"


def test_a_claim_on_another_desk_is_not_there(world: World) -> None:
    claim = _claim(world)

    assert (
        browser_of(world.clerk).post(f"/community/claims/{claim.pk}/", {"act": "accept"}).status_code == 404
    )


def _claim(world: World) -> IdentityClaim:
    retiree = world.member(name="孙德胜", user=None)
    claimed = people.register_self(
        name="孙德胜",
        id_number=retiree.id_number,
        kind_of_person="tuixiu",
        by=make_account("13900009999"),
        unit_words="海洋所",
    )
    assert claimed.claim is not None
    return claimed.claim


def test_the_unit_sees_what_it_owns(world: World, desk: Client) -> None:
    retiree = world.member()

    assert dict(desk.get(f"/unit/people/{retiree.pk}/").context["of_unit"])["离退休时间"] == "2010年4月"


def test_more_members_cost_no_more_queries(world: World, django_assert_max_num_queries) -> None:
    desk = browser_of(world.unit_clerk)

    def fill() -> None:
        world.submitted()
        world.confirmed()
        world.member()

    def queries(address: str) -> int:
        with django_assert_max_num_queries(11) as found:
            desk.get(address)
        return len(found.captured_queries)

    fill()
    desk.get("/unit/")
    few = [queries("/unit/"), queries("/unit/verify/")]
    for _ in range(9):
        fill()

    assert [queries("/unit/"), queries("/unit/verify/")] == few


def test_a_channel_is_shown_in_words(world: World, desk: Client) -> None:
    checkin = world.submitted()

    assert Channel.ONLINE.label in text_of(desk.get(f"/unit/checkins/{checkin.pk}/"))


def test_a_person_without_phone_is_reached_otherwise(world: World, desk: Client) -> None:
    retiree = world.member(phone="")

    answer = desk.post(f"/unit/people/{retiree.pk}/remind/")

    assert answer.status_code == 409
    assert "打电话或上门" in text_of(answer)


def test_the_unit_watches_what_the_community_does(world: World, desk: Client) -> None:
    checkin = world.submitted()
    actions.confirm(checkin.pk, by=world.clerk, contact="王芳", phone="0532-1")

    page = text_of(desk.get(f"/unit/people/{checkin.retiree_id}/"))

    assert "王芳" in page
    assert "社区确认" in page
