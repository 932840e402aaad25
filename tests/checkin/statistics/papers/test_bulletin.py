"""The quarter's 通报: what it says is what is counted."""

from dataclasses import replace

import time_machine

from checkin.statistics import ranking
from checkin.statistics.months import Month
from checkin.statistics.papers import bulletin
from checkin.statistics.ranking import Quarter
from tests.checkin.statistics.conftest import figures, on
from tests.checkin.world import World

SECOND, CITY = Quarter(2026, 2), "3702"


def fill(world: World) -> None:
    """Two check-ins in May, one in June; somebody who never came."""
    for day in ("2026-05-11", "2026-05-12", "2026-06-10"):
        with on(day):
            world.confirmed()
    with on("2026-06-11"):
        world.member(residence_id=world.city.communities[4].division_id)


def test_flows_are_added_up_and_stocks_are_those_of_the_last_month(world: World) -> None:
    fill(world)
    with time_machine.travel("2026-07-10 12:00+08:00"):
        found = bulletin.standing_of(SECOND, CITY).figures
        june = figures(Month(2026, 6))
    assert found["new"] == 3
    assert (found["checked_in"], found["total"]) == (june["checked_in"], june["total"]) == (3, 4)


def test_the_rankings_are_those_of_the_page(world: World) -> None:
    fill(world)
    with time_machine.travel("2026-07-10 12:00+08:00"):
        facts = bulletin.facts_of(SECOND, CITY)
        lines = ranking.ranking(SECOND, CITY, "district", "rate")
    rows = facts["rankings"][0]["rows"]
    assert [row[1] for row in rows] == [line.name for line in lines] == ["市南区", "市北区"]
    assert rows[0][:5] == ["1", "市南区", "100.0%", "3", "3"]
    assert rows[1][:5] == ["2", "市北区", "0.0%", "0", "1"]


def test_who_shares_a_rank_is_marked_and_who_has_no_basis_is_not_ranked(world: World) -> None:
    place = ranking.Place(50.0, 1, 2, 1, True, -2.34)
    lines = [
        ranking.Line("370202", "市南区", {"rate": place}),
        ranking.Line("370203", "市北区", {"rate": replace(place, change=0.01)}),
        ranking.Line("370211", "黄岛区", {"rate": ranking.Place(None, 0, 0)}),
    ]
    rows = bulletin._table_of("rate", lines)["rows"]
    assert rows == [
        ["1（并列）", "市南区", "50.0%", "1", "2", "−2.3"],
        ["1（并列）", "市北区", "50.0%", "1", "2", "持平"],
        ["—", "黄岛区", "没有基数", "0", "0", "—"],
    ]


def test_the_summary_says_how_it_stands_and_how_it_changed(world: World) -> None:
    fill(world)
    with time_machine.travel("2026-07-10 12:00+08:00"):
        stock, news, _ = bulletin.facts_of(SECOND, CITY)["summary"]
        quiet = bulletin.facts_of(Quarter(2026, 1), CITY)["summary"][1]
    assert "截至2026年6月30日，青岛市有离退休干部4人" in stock
    assert "报到率75.0%" in stock
    assert "本季度新增报到3人，其中线上3人" in news
    assert quiet == "本季度没有新增报到。"


def test_a_street_is_told_by_its_units(world: World) -> None:
    fill(world)
    with time_machine.travel("2026-07-10 12:00+08:00"):
        facts = bulletin.facts_of(SECOND, "370202001")
    assert facts["by"] == "现管单位"
    assert facts["signed"] == "香港中路街道"
