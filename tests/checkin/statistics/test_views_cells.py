"""Every figure of every table is a link to as many people as it says."""

import os

import pytest

from checkin.statistics import catalogue, columns
from checkin.statistics.forms import CUT_WORDS
from checkin.statistics.months import Month
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.statistics.pages import LAST, asked, close, fill, listed, people_links, staff_of
from tests.checkin.world import World

TABLE = "/bureau/statistics/table/"
GROUPS = [key for key in columns.groups() if not key.startswith("more")]  # those lead to pages of other rooms
# By default every group in a district, and two of them above and below; TEST_ALL=1 takes every group everywhere.
ABOVE_AND_BELOW = GROUPS if os.environ.get("TEST_ALL") == "1" else ["main", "flow"]


def check(client: object, page: object) -> int:
    """Compare every cell with its list; returns how many cells there were."""
    seen = 0
    for line in [page.context["sum"], *page.context["lines"]]:
        for cell in line.cells:
            if not cell.url:
                assert cell.text in ("0", "—") or not cell.text.isdigit(), (line.name, cell)
                continue
            seen += 1
            behind = client.get(cell.url)
            shown = len(behind.context["people"]) + listed(client, behind.context["slice"].next_url)
            assert behind.context["count"] == int(cell.text), (line.name, cell)
            assert shown + behind.context["hidden"] == int(cell.text), (line.name, cell)
    return seen


@pytest.mark.parametrize(
    ("area", "group"),
    [
        *(("370202", group) for group in GROUPS),
        *((area, group) for area in ("3702", "370202001") for group in ABOVE_AND_BELOW),
    ],
)
def test_every_cell_is_the_length_of_its_list(world: World, area: str, group: str) -> None:
    fill(world)
    city = browser_of(staff_of(world).city)

    page = city.get(TABLE, {"group": group, "area": area})

    assert check(city, page) > 0


@pytest.mark.parametrize("group", ["main", "flow"])
def test_every_cell_of_a_closed_month_too(world: World, group: str) -> None:
    staff = staff_of(world)
    fill(world)
    close(LAST, staff.city)
    city = browser_of(staff.city)

    page = city.get(TABLE, {"group": group, "month": str(LAST), "area": "370202"})

    assert check(city, page) > 0


CUTS = [key for key, _ in CUT_WORDS if key != "area"]


@pytest.mark.parametrize(
    "cut", CUTS if os.environ.get("TEST_ALL") == "1" else CUTS[::3]
)  # all in the long run
def test_every_cell_of_a_cut_too(world: World, cut: str) -> None:
    fill(world)
    city = browser_of(staff_of(world).city)

    page = city.get(TABLE, {"cut": cut, "area": "370202"})

    assert check(city, page) > 0


@pytest.mark.parametrize("level", ["district", "street", "community"])
def test_the_lines_add_up_to_the_sum_at_every_level(world: World, level: str) -> None:
    fill(world)
    city = browser_of(staff_of(world).city)

    page = city.get(TABLE, {"parts": level, "group": "stock"})

    for number, cell in enumerate(page.context["sum"].cells):
        if catalogue.ratio(page.context["table"].keys[number]) is None:
            assert sum(int(line.cells[number].text) for line in page.context["lines"]) == int(cell.text)


def test_a_street_is_told_who_is_not_listed(world: World) -> None:
    fill(world)
    street = browser_of(world.street_clerk)

    page = street.get("/bureau/statistics/people/", {"measure": "checked_in"})

    assert page.context["hidden"] == 1
    assert "其中 1 人限制查看，不在名单中列出" in text_of(page)
    assert check(street, street.get(TABLE)) > 0


def test_the_sum_stands_first_and_last(world: World) -> None:
    fill(world)

    words = text_of(browser_of(staff_of(world).city).get(TABLE))

    assert words.count('<tr class="sum">') == 2


def test_a_cell_says_what_it_leads_to(world: World) -> None:
    fill(world)

    words = text_of(browser_of(staff_of(world).city).get(TABLE))

    assert 'aria-label="市南区 累计已报到 5 人，查看名单"' in words


def test_a_name_leads_to_the_parts_with_the_same_choices(world: World) -> None:
    fill(world)
    page = browser_of(staff_of(world).city).get(TABLE, {"group": "ages", "compare": "last_month"})

    down = asked(page.context["lines"][0].url)

    assert (down["area"], down["group"], down["compare"]) == ("370202", "ages", "last_month")


def test_a_narrowed_table_leads_to_narrowed_lists(world: World) -> None:
    fill(world)
    city = browser_of(staff_of(world).city)

    page = city.get(TABLE, {"sex": "F", "unit": world.unit.pk})

    assert check(city, page) > 0
    assert all({"sex", "unit"} <= asked(url).keys() for url in people_links(page))
    assert [words for words, _ in page.context["chips"]] == ["性别：女", f"现管单位：{world.unit.name}"]


@pytest.mark.parametrize(
    ("compare", "before"), [("last_month", LAST), ("last_year", Month.current().last_year)]
)
def test_the_difference_stands_under_the_figure(world: World, compare: str, before: Month) -> None:
    fill(world)

    page = browser_of(staff_of(world).city).get(TABLE, {"compare": compare})

    assert page.context["view"].compared == before
    assert page.context["sum"].cells[1].change.startswith("+")


def test_fifty_are_listed_and_the_rest_on_the_next_page(world: World) -> None:
    for _ in range(53):
        world.member(residence_id=world.here.division_id)
    city = browser_of(staff_of(world).city)
    url = "/bureau/statistics/people/?measure=total"

    first = city.get(url)

    assert len(first.context["people"]) == 50
    assert listed(city, url) == first.context["count"] == 53


def test_the_way_back_leads_to_the_table_with_the_figure(world: World) -> None:
    fill(world)
    city = browser_of(staff_of(world).city)

    crumbs = city.get("/bureau/statistics/people/", {"measure": "age_90", "area": "370202"}).context["crumbs"]

    back = city.get(crumbs[-2][1])
    assert "age_90" in back.context["table"].keys
    assert back.context["view"].area == "370202"


def test_id_numbers_are_masked_and_nothing_personal_is_in_the_addresses(world: World) -> None:
    retiree = world.confirmed().retiree
    city = browser_of(staff_of(world).city)

    words = text_of(city.get("/bureau/statistics/people/", {"measure": "checked_in"}))

    assert retiree.name in words
    assert retiree.id_number not in words
    assert f"/bureau/people/{retiree.pk}/" in words
