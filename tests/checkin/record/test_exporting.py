"""A list taken out holds whom the page shows under the same conditions, with where their check-ins stand."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from checkin.record import exporting
from checkin.record.actions import confirm, end
from communities.organisations.models import Organisation
from huifeng.accounts.models import User
from members.exports.models import ExportOrder
from tests.checkin.record.staff import browser_of, overdue_by, text_of
from tests.checkin.world import World, again
from tests.communities.factories import make_staff
from tests.members.exporting import order, table
from tests.members.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy(world: World) -> World:
    """One person in each state; names tell which."""
    world.confirmed(world.member(name="已报到的"))
    world.submitted(world.member(name="待确认的"))
    world.waiting_for_unit(world.member(name="待核实的"))
    world.returned(world.member(name="待补充的"))
    overdue_by(world.submitted(world.member(name="逾期的")), 4)
    world.member(name="未报到的")
    return world


def names(organisation: Organisation, by: User, **wanted: str) -> set[str]:
    return {row["姓名"] for row in table(organisation, by, wanted=wanted)}


CONFIRMED, NOT_YET = {"已报到的"}, {"未报到的"}
OPEN = {"待确认的", "待核实的", "待补充的", "逾期的"}


@pytest.mark.parametrize(
    ("state", "expected"),
    [("", CONFIRMED | OPEN | NOT_YET), ("confirmed", CONFIRMED), ("open", OPEN), ("none", NOT_YET)],
)
def test_a_unit_s_states(busy, state, expected):
    assert names(busy.unit, busy.unit_clerk, state=state) == expected


@pytest.mark.parametrize(
    ("state", "expected"), [("", CONFIRMED | OPEN), ("confirmed", CONFIRMED), ("open", OPEN)]
)
def test_a_community_s_states(busy, state, expected):
    assert names(busy.here, busy.clerk, state=state) == expected


def test_a_community_gets_nobody_of_another_community(busy):
    busy.submitted(busy.member(name="那边的"), community_id=busy.there.pk)

    assert names(busy.there, busy.clerk_there) == {"那边的"}


@pytest.mark.parametrize("who", ["bureau", "street"])
@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("confirmed", CONFIRMED),
        ("open", OPEN),
        ("late", {"逾期的"}),
        ("returned", {"待补充的"}),
        ("submitted", {"待核实的"}),
        ("verified", {"待确认的", "逾期的"}),
    ],
)
def test_the_states_of_an_area(busy, who, state, expected):
    office, clerk = {
        "bureau": (busy.city.districts[0], busy.bureau_clerk),
        "street": (busy.city.streets[0], busy.street_clerk),
    }[who]

    assert names(office, clerk, state=state) == expected


def test_the_city_bureau_gets_everybody_and_who_has_not_checked_in(busy):
    bureau, clerk = busy.city.city, make_staff(busy.city.city)

    assert names(bureau, clerk) == CONFIRMED | OPEN | NOT_YET
    assert names(bureau, clerk, state="none") == NOT_YET


def test_a_place_outside_the_area_narrows_nothing_and_widens_nothing(busy):
    assert names(busy.city.districts[0], busy.bureau_clerk, place="3703", state="confirmed") == CONFIRMED


@pytest.mark.parametrize("state", ["", "none", "confirmed", "open", "late"])
def test_the_file_holds_the_people_of_the_bureau_s_page(busy, state):
    office = busy.city.districts[0]
    page = browser_of(busy.bureau_clerk).get("/bureau/people/", {"state": state}).context["people"]

    found = exporting.of_area(office, QueryDict(f"state={state}")).people

    assert {person.name for person in found} == {row.retiree.name for row in page}


def test_where_the_check_in_stands(busy):
    rows = {
        r["姓名"]: r
        for r in table(busy.unit, busy.unit_clerk, keys=["name", *(f"checkin.{n}" for n in range(4))])
    }

    confirmed = again(busy.unit.checkins_of_unit.get(state="confirmed"))
    assert rows["已报到的"] == {
        "姓名": "已报到的",
        "报到状态": "已报到",
        "报到社区": busy.here.name,
        "报到编号": confirmed.number,
        "报到日期": f"{timezone.localdate()}",
    }
    assert rows["待补充的"]["报到状态"] == "需要补充"
    assert rows["未报到的"]["报到状态"] == "待报到"
    assert rows["未报到的"]["报到编号"] == ""


def test_of_two_check_ins_that_ended_the_later_one_counts(world):
    retiree = world.member()
    first = world.confirmed(retiree)
    second = world.submitted(retiree, community_id=world.there.pk)
    confirm(second.pk, by=world.clerk_there)
    end(second.pk, reason="withdrawn", words="本人要求", by=world.clerk_there)

    state, community, *_ = exporting.values([retiree.pk], world.unit_clerk)[retiree.pk]
    assert again(first).state == again(second).state == "ended"
    assert (state, community) == ("已终止", world.there.name)


def test_a_community_reads_nothing_of_a_check_in_elsewhere(world):
    retiree = world.confirmed().retiree

    assert exporting.values([retiree.pk], world.clerk_there)[retiree.pk] == ("待报到", "", "", "")


@pytest.mark.parametrize("people", [1, 8])
def test_the_group_takes_the_same_number_of_queries_for_many(world, people):
    made = [world.confirmed(world.member()).retiree_id for _ in range(people)]

    with CaptureQueriesContext(connection) as queries:
        exporting.values(made, world.unit_clerk)

    assert len(queries) == 2  # standing, check-ins


def test_restricted_people_are_left_out_except_for_bureaus(world):
    world.confirmed(world.member(name="看得到的"))
    hidden = world.confirmed(world.member(name="限制的")).retiree
    hidden.is_restricted = True
    hidden.save(update_fields=["is_restricted"])

    assert names(world.here, world.clerk) == {"看得到的"}
    assert names(world.city.streets[0], world.street_clerk) == {"看得到的"}
    assert names(world.city.districts[0], world.bureau_clerk, state="confirmed") == {"看得到的", "限制的"}


def test_what_was_typed_is_left_out_of_the_log(world):
    world.confirmed(world.member(name="周兆祥"))
    job = order(world.here, world.clerk, wanted={"state": "confirmed", "q": "周"})

    assert ExportOrder.objects.get(job=job).conditions == "查找：（略）；状态：已报到"


@pytest.mark.parametrize(
    ("page", "button"),
    [
        ("/unit/?state=none&kind=tuixiu", "/unit/export/?state=none&amp;kind=tuixiu"),
        ("/community/people/?q=周", "/community/export/?q=%E5%91%A8&amp;state=confirmed"),
        ("/bureau/people/?state=late&after=5", "/bureau/export/?state=late"),
    ],
)
def test_the_button_carries_the_conditions_of_the_page(world, page, button):
    make_member(world.unit)
    user = {"unit": world.unit_clerk, "community": world.clerk, "bureau": world.bureau_clerk}[
        page.split("/")[1]
    ]

    assert f'href="{button}"' in text_of(browser_of(user).get(page))
