"""The quarter's ranking: ranks with ties, changes, and only what has a source."""

import pytest

from checkin.statistics import ranking
from checkin.statistics.months import Month
from checkin.statistics.ranking import Quarter
from huifeng.errors import RuleBroken
from tests.checkin.record.staff import browser_of
from tests.checkin.statistics.pages import asked, fill, staff_of
from tests.checkin.world import World

NOW = Quarter.of(Month.current())


@pytest.mark.parametrize(
    ("text", "words", "previous"),
    [("2026Q1", "2026年第一季度", "2025Q4"), ("2026Q3", "2026年第三季度", "2026Q2")],
)
def test_a_quarter_is_read_and_told(text: str, words: str, previous: str) -> None:
    quarter = Quarter.parse(text)

    assert (str(quarter), quarter.words, str(quarter.previous)) == (text, words, previous)
    assert len(quarter.months) == 3 or quarter >= NOW


@pytest.mark.parametrize("text", ["", "2026", "2026Q5", "x", "1999Q1"])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken):
        Quarter.parse(text)


def test_areas_are_ranked_by_what_the_table_says(world: World) -> None:
    fill(world)

    lines = ranking.ranking(NOW, "3702", "district")

    assert [(line.name, line.places["rate"].rank) for line in lines] == [("市南区", 1), ("市北区", 2)]
    assert (lines[0].places["rate"].of, lines[0].places["rate"].by) == (5, 6)
    assert lines[1].places["on_time_rate"].rank is None


def test_equal_values_share_a_rank(world: World) -> None:
    for number in range(4):
        world.member(residence_id=world.city.communities[2 * number].division_id)

    lines = ranking.ranking(NOW, "3702", "street")

    assert [line.places["rate"].rank for line in lines] == [1, 1, 1, 1]
    assert all(line.places["rate"].shared for line in lines)


def test_units_are_ranked_too(world: World) -> None:
    fill(world)

    lines = ranking.ranking(NOW, "3702", "unit", "on_time_rate")

    assert [line.name for line in lines] == [world.unit.name]
    assert lines[0].places["on_time_rate"].rank == 1


def test_only_what_has_a_source_is_ranked(world: World) -> None:
    page = browser_of(staff_of(world).city).get("/bureau/statistics/ranking/")

    assert [title for _, title, _ in page.context["heads"]] == ["报到率", "确认及时率"]


def test_the_rate_leads_to_those_who_are_missing(world: World) -> None:
    fill(world)
    city = browser_of(staff_of(world).city)

    first = city.get("/bureau/statistics/ranking/").context["lines"][0]["places"][0]

    assert asked(first["url"])["measure"] == "not_checked_in"
    assert city.get(first["url"]).context["count"] == first["missing"] == 1


def test_a_street_ranks_its_units_only(world: World) -> None:
    street = browser_of(world.street_clerk)

    assert [key for key, _ in street.get("/bureau/statistics/ranking/").context["choices"]] == ["unit"]
    assert street.get("/bureau/statistics/ranking/", {"by": "district"}).status_code == 422
