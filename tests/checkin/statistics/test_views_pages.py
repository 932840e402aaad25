"""Who sees which page of the statistics, and what an address that asks for nonsense is answered."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from checkin.statistics import counting, trend
from checkin.statistics.months import Month
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.statistics.pages import LAST, Staff, close, fill, staff_of
from tests.checkin.world import World

BASE = "/bureau/statistics/"
OPEN_TO_ALL = ("", "table/", "people/?measure=expected", "ranking/", "definitions/")


@pytest.fixture
def staff(world: World) -> Staff:
    return staff_of(world)


@pytest.fixture
def city(staff: Staff) -> Client:
    return browser_of(staff.city)


@pytest.mark.parametrize("path", OPEN_TO_ALL)
@pytest.mark.parametrize("who", ["city", "district", "street"])
def test_bureaus_and_streets_open_every_page(world: World, staff: Staff, who: str, path: str) -> None:
    fill(world)

    assert browser_of(getattr(staff, who)).get(BASE + path).status_code == 200


@pytest.mark.parametrize("path", [*OPEN_TO_ALL, "closing/", f"closing/{LAST}/"])
@pytest.mark.parametrize("who", ["community", "unit"])
def test_communities_and_units_are_refused(staff: Staff, who: str, path: str) -> None:
    assert browser_of(getattr(staff, who)).get(BASE + path).status_code == 403


@pytest.mark.parametrize("path", OPEN_TO_ALL)
def test_without_anybody_the_pages_say_so(city: Client, path: str) -> None:
    assert city.get(BASE + path).status_code == 200


def test_an_empty_month_is_told_in_words(city: Client) -> None:
    assert "还没有列入统计的老同志" in text_of(city.get(BASE, {"month": "2001-01"}))


@pytest.mark.parametrize("path", ["", "table/", "people/?measure=total", "ranking/"])
@pytest.mark.parametrize("area", ["3702", "370203", "370203008"])
def test_a_street_is_refused_what_lies_outside(staff: Staff, path: str, area: str) -> None:
    street = browser_of(staff.street)

    assert street.get(f"{BASE}{path}{'&' if '?' in path else '?'}area={area}").status_code == 403


def test_a_district_is_refused_the_city_and_its_neighbour(staff: Staff) -> None:
    district = browser_of(staff.district)

    assert [district.get(BASE, {"area": area}).status_code for area in ("3702", "370203", "370202")] == [
        403,
        403,
        200,
    ]


@pytest.mark.parametrize("path", ["", "table/", "people/?measure=total", "ranking/"])
@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("month", "x", 404),
        ("month", "2026-13", 404),
        ("month", str(Month.current().next), 422),
        ("area", "x", 404),
        ("area", "37", 404),
        ("area", "370299", 404),
    ],
)
def test_nonsense_is_answered_in_words(city: Client, path: str, key: str, value: str, status: int) -> None:
    answer = city.get(f"{BASE}{path}{'&' if '?' in path else '?'}{key}={value}")

    assert answer.status_code == status
    assert ("没有找到这一页" if status == 404 else "还没有到") in text_of(answer)


@pytest.mark.parametrize(
    "path",
    [
        "table/?group=x",
        "table/?cut=x",
        "table/?parts=x",
        "table/?compare=x",
        "table/?kind=x",
        "people/?measure=x",
        "people/",
        "people/?measure=total&sex=x",
        "ranking/?by=x",
        "ranking/?sort=x",
        "ranking/?quarter=2099Q1",
    ],
)
def test_what_is_not_defined_is_answered_in_words(city: Client, path: str) -> None:
    answer = city.get(BASE + path)

    assert answer.status_code == 422
    assert "请" in answer.context["message"]


@pytest.mark.parametrize("path", ["people/?measure=total&unit=x", "ranking/?quarter=x"])
def test_what_cannot_be_read_is_not_found(city: Client, path: str) -> None:
    assert city.get(BASE + path).status_code == 404


def test_the_overview_tells_figures_links_and_trend(world: World, city: Client) -> None:
    fill(world)

    page = city.get(BASE)
    words = text_of(page)

    total = page.context["table"].total.figures
    assert f"应报到 {total['expected']} 人，已报到 {total['checked_in']} 人" in words
    assert [url.split("?")[0] for *_, url in page.context["cards"]] == [f"{BASE}people/"] * 4
    assert [tile.row.name for tile in page.context["tiles"]][:2] == ["市南区", "市北区"]
    assert words.count("<title>") == len(page.context["points"]) + 1  # and the page's own


def test_the_trend_ends_with_what_the_table_counts(world: World, staff: Staff) -> None:
    fill(world)
    close(LAST, staff.city)
    now = counting.table(Month.current(), "3702", measures=trend.KEYS).total.figures

    points = trend.trend("3702", Month.current(), now)

    assert (points[-1].expected, points[-1].checked_in, points[-1].new) == tuple(now.values())
    assert [point.is_closed for point in points[-2:]] == [True, False]


def test_a_trend_that_takes_long_leaves_out_months_that_nobody_closed(
    world: World, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    close(LAST, staff.city)
    now = counting.table(Month.current(), "3702", measures=trend.KEYS).total.figures
    everything = trend.trend("3702", Month.current(), now)
    monkeypatch.setattr(trend, "PATIENCE", -1)

    points = trend.trend("3702", Month.current(), now)

    assert points == everything[-2:]


def test_a_tile_below_eighty_per_cent_says_so(world: World, city: Client) -> None:
    fill(world)

    page = city.get(BASE)

    assert any(tile.is_low for tile in page.context["tiles"])
    assert "不足 80%" in text_of(page)


def test_a_closed_month_says_so_and_stays(world: World, staff: Staff, city: Client) -> None:
    fill(world)
    close(LAST, staff.city)
    before = city.get(BASE, {"month": str(LAST)}).context["table"].total.figures

    world.confirmed()
    page = city.get(BASE, {"month": str(LAST)})

    assert page.context["table"].total.figures == before
    assert "已封存" in text_of(page)
    assert "未封存，数字会变" not in text_of(page)


def test_the_menu_and_the_home_page_lead_there(city: Client) -> None:
    words = text_of(city.get("/bureau/"))

    assert 'class="btn btn-sec" href="/bureau/statistics/"' in words
    assert "月度统计" in words


@pytest.mark.parametrize("path", OPEN_TO_ALL)
def test_more_people_need_no_more_queries(
    world: World, city: Client, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # on a busy machine a count of a few people may take long; then it is kept, or left out
    monkeypatch.setattr(trend, "SLOW", 600)
    monkeypatch.setattr(trend, "PATIENCE", 600)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            city.get(BASE + path)
        return len(found)

    fill(world)
    queries()
    few = queries()
    fill(world)

    assert queries() == few
