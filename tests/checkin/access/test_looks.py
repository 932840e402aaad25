"""Every page that shows people says so in the audit: one entry for a page, no names typed."""

import pytest
from django.urls import reverse

from huifeng.accounts.logins import LOGGED_IN
from huifeng.audit import actions as audit
from huifeng.audit.models import AuditEntry
from tests.checkin.api.systems import System
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World
from tests.members.factories import make_helper

LOOKS = ("people.viewed", "people.listed", "people.refused", "api.viewed", "api.listed")


def written() -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action__in=LOOKS).order_by("pk"))


def test_opening_a_check_in_is_a_look_at_the_person(world: World):
    checkin = world.submitted()

    browser_of(world.clerk).get(f"/community/checkins/{checkin.pk}/")

    (entry,) = written()
    assert (entry.action, entry.target_id) == ("people.viewed", str(checkin.retiree_id))
    assert (entry.actor_id, entry.organisation_id) == (world.clerk.pk, world.here.pk)
    assert entry.after == {"page": "community:checkin"}


@pytest.mark.parametrize("page", ["person", "edit"])
def test_opening_a_person_is_a_look(world: World, page: str):
    retiree = world.member()

    browser_of(world.unit_clerk).get(reverse(f"unit:{page}", args=[retiree.pk]))

    assert [(entry.action, entry.target_id) for entry in written()] == [("people.viewed", str(retiree.pk))]


def test_a_list_is_one_entry_with_its_number_and_conditions_without_what_was_typed(world: World):
    for _ in range(3):
        world.member(name="孙大圣")

    browser_of(world.unit_clerk).get("/unit/?state=none&q=孙大圣")

    (entry,) = written()
    assert entry.action == "people.listed"
    assert entry.after == {"page": "unit:home", "count": 3, "filters": {"state": "none", "q": True}}


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("clerk", "/community/"), ("clerk", "/community/checkins/"), ("unit_clerk", "/unit/"),
        ("bureau_clerk", "/bureau/people/"), ("clerk", "/search/?q=王建国"), ("unit_clerk", "/search/?q=王建国"),
    ],
)  # fmt: skip
def test_lists_and_searches_are_each_one_entry(world: World, who: str, address: str):
    world.submitted()

    browser_of(getattr(world, who)).get(address)

    assert [entry.action for entry in written()] == ["people.listed"]


def test_an_empty_list_shows_nobody_and_is_not_written_down(world: World):
    browser_of(world.clerk).get("/community/checkins/")

    assert written() == []


def test_the_residents_of_a_community_are_a_list(world: World):
    world.confirmed()

    browser_of(world.clerk).get("/community/people/")

    assert [entry.after["count"] for entry in written() if entry.after] == [1]


def test_a_person_or_check_in_that_is_not_theirs_is_refused_and_written_down(world: World):
    checkin = world.submitted()
    desk = browser_of(world.clerk_there)

    codes = [
        desk.get(address).status_code
        for address in (
            f"/community/people/{checkin.retiree_id}/",
            f"/community/checkins/{checkin.pk}/",
            "/community/people/999999/",
        )
    ]

    assert codes == [404, 404, 404]
    assert [(entry.action, entry.target_type, entry.target_id) for entry in written()] == [
        ("people.refused", "members_people.retiree", str(checkin.retiree_id)),
        ("people.refused", "checkin_record.checkin", str(checkin.pk)),
        ("people.refused", "members_people.retiree", "999999"),
    ]


def test_a_system_that_reads_is_written_down(world: World, unit_system: System):
    checkin = world.submitted()
    unit_system.get("people")
    unit_system.get(f"checkins/{checkin.number}")

    assert [(entry.action, entry.organisation_id) for entry in written()] == [
        ("api.listed", world.unit.pk), ("api.viewed", world.unit.pk),
    ]  # fmt: skip


def test_the_person_sees_that_a_system_looked(world: World, unit_system: System):
    checkin = world.submitted()
    unit_system.get(f"checkins/{checkin.number}")
    assert checkin.retiree.user is not None

    page = text_of(browser_of(checkin.retiree.user).get("/my/info/seen/"))

    assert "青岛市海洋研究所，用对接系统看了您的信息" in page


def test_the_person_sees_that_a_helper_logged_in_since_consent_and_nobody_else(world: World):
    retiree = world.member()
    helper, former, other = make_helper(retiree), make_helper(retiree), make_helper(world.member())
    former.ended_at = former.consented_at
    former.save()
    for each in (helper, former, other):
        audit.record(LOGGED_IN, each.user, by=each.user)
    assert retiree.user is not None

    page = text_of(browser_of(retiree.user).get("/my/info/seen/"))

    assert page.count("家人，登录了惠风家园") == 1
