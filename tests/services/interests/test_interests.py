"""爱好与需求: what the figures count, that each leads to its people, and who is told of whom."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huifeng.audit.models import AuditEntry
from services.interests import counting
from services.interests.cuts import CUTS, cuts_of
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.world import World, make_world

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
INTEREST, NEED = counting.SUBJECTS["interest"], counting.SUBJECTS["need"]


@pytest.fixture
def world() -> World:
    """Four people here, one there; two like 书法, two need meals."""
    world = make_world()
    people = (
        ("王建国", {"interests": ["calligraphy", "chess"], "skills": "法律，会修表"}),
        (
            "李秀英",
            {"interests": ["calligraphy"], "needs": ["meals"], "sex": "F", "birth_date": date(1936, 11, 25)},
        ),
        ("赵德胜", {"needs": ["meals"]}),
    )
    for name, fields in people:
        world.confirmed(world.member(name=name, residence=world.here.division, **fields))
    world.confirmed(world.member(name="吴素珍", interests=["chess"]))  # nobody knows where she lives
    elsewhere = world.member(name="孙桂兰", interests=["calligraphy"], residence=world.there.division)
    world.submitted(elsewhere, community_id=world.there.pk)
    return world


def test_a_community_counts_its_own_people_once_a_word(world: World) -> None:
    table = counting.table(INTEREST, CUTS["sex"], world.here, TODAY)

    assert [(row.label, row.people) for row in table.rows] == [("书法", 2), ("棋牌", 2)]
    assert (table.people, table.answered) == (4, 3)


def test_columns_add_up_to_the_total(world: World) -> None:
    for organisation in (world.here, world.unit, world.city.districts[0]):
        for cut in cuts_of(organisation).values():
            for row in counting.table(INTEREST, cut, organisation, TODAY).rows:
                assert sum(people for _, _, people in row.cells) == row.people, (organisation, cut.title)


@pytest.mark.parametrize("subject", counting.SUBJECTS.values(), ids=counting.SUBJECTS)
def test_every_figure_is_the_length_of_its_list(world: World, subject: counting.Subject) -> None:
    counted = 0
    for organisation in (world.here, world.unit, world.city.streets[0], world.city.districts[0]):
        for cut in cuts_of(organisation).values():
            for row in counting.table(subject, cut, organisation, TODAY).rows:
                everybody = counting.behind(subject, row.code, None, "", organisation, TODAY)
                assert everybody.count() == row.people
                for value, _, people in row.cells:
                    found = counting.behind(subject, row.code, cut, value, organisation, TODAY)
                    assert found.count() == people
                    counted += 1
    assert counted > 20


def test_ninety_begins_on_the_birthday(world: World) -> None:
    cut = CUTS["age"]

    the_day_before = counting.behind(NEED, "meals", cut, "80", world.here, date(2026, 11, 24))
    on_the_day = counting.behind(NEED, "meals", cut, "90", world.here, TODAY)

    assert [person.name for person in the_day_before] == ["李秀英"]
    assert [person.name for person in on_the_day] == ["李秀英"]


def test_the_dead_and_the_restricted_are_not_counted(world: World) -> None:
    for name, change in (("王建国", {"is_restricted": True}), ("李秀英", {"died_on": TODAY})):
        counting.people_of(world.here).filter(name=name).update(**change)

    assert [row.label for row in counting.table(INTEREST, CUTS["sex"], world.here, TODAY).rows] == ["棋牌"]
    bureau = counting.table(INTEREST, CUTS["sex"], world.city.districts[0], TODAY)
    assert {row.label: row.people for row in bureau.rows} == {"书法": 2, "棋牌": 2}


@pytest.fixture
def desk(world: World) -> Client:
    return browser_of(world.clerk)


def test_every_figure_on_the_page_leads_to_as_many_people(world: World) -> None:
    for area, user in (
        ("community", world.clerk),
        ("unit", world.unit_clerk),
        ("bureau", world.bureau_clerk),
    ):
        browser = browser_of(user)
        page = browser.get(f"/{area}/interests/").content.decode()
        figures = re.findall(r'href="(/[a-z]+/interests/people/[^"]+)" aria-label="[^"]*">([\d,]+)</a>', page)
        assert figures
        for address, number in figures:
            answer = browser.get(address.replace("&amp;", "&"))
            assert f"共 {number} 人" in text_of(answer), address


def test_a_list_shows_no_full_phone_and_is_written_down(world: World, desk: Client) -> None:
    page = text_of(desk.get("/community/interests/people/", {"subject": "interest", "code": "calligraphy"}))

    assert "王建国" in page
    assert "孙桂兰" not in page
    assert counting.people_of(world.here).get(name="王建国").phone not in page
    entry = AuditEntry.objects.get(action="people.listed")
    assert (entry.actor_id, entry.after["count"]) == (world.clerk.pk, 2)


def test_who_can_do_something_is_found_by_its_words(world: World, desk: Client) -> None:
    page = text_of(desk.get("/community/interests/skills/", {"q": "修表"}))

    assert "王建国" in page
    assert "李秀英" not in page


@pytest.mark.parametrize(
    "asked",
    [
        {"subject": "interest", "code": "nonsense"},
        {"subject": "retiree", "code": "calligraphy"},
        {"subject": "interest", "code": "calligraphy", "cut": "sex", "value": "'"},
        {},
    ],
)
def test_an_address_that_means_nothing_is_not_found(desk: Client, asked: dict[str, str]) -> None:
    assert desk.get("/community/interests/people/", asked).status_code == 404


def test_nobody_has_said_anything_yet() -> None:
    world = make_world()

    assert "还没有人填过" in text_of(browser_of(world.clerk).get("/community/interests/"))


def test_more_people_cost_no_more_queries(world: World, desk: Client) -> None:
    address = "/community/interests/people/?subject=interest&code=calligraphy"
    counts = []
    desk.get(address)  # the first page of a session writes it
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            desk.get("/community/interests/")
            desk.get(address)
        counts.append(len(asked))
        for number in range(5):
            world.confirmed(world.member(name=f"新来{number}", interests=["calligraphy", "walking"]))
    assert counts[0] == counts[1]
