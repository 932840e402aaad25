"""Every cell of every table equals the length of its list and an independent count, in a small demo city."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from random import Random

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from checkin.statistics import actions, catalogue, counting, facts
from checkin.statistics.counting import cells, movers
from checkin.statistics.models import MonthlyFact
from checkin.statistics.months import Month
from demo import filling
from huifeng.accounts.models import User

from . import plain
from .late import LATER, change

TODAY = date(2026, 11, 20)
NOW, LAST, LONG_AGO = Month(2026, 11), Month(2026, 10), Month(2025, 6)
MONTHS = pytest.mark.parametrize("month", [NOW, LAST, LONG_AGO], ids=str)
KEYS = tuple(catalogue.BY_KEY)
PARTS = ("came", "gone", "died")
RARE = ("died_in", "withdrawn", "moved_out", "moved_in", "deaths", "late", "new_ceremony")


@pytest.fixture(scope="module", autouse=True)
def city(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock(), time_machine.travel("2026-11-20 12:00+08:00"), transaction.atomic():
        filling.fill(600, seed=1, today=TODAY, say=lambda words: None)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def world(city: None) -> plain.World:
    return plain.read()


def added(figures: Counter[tuple[str, str]], key: str, code: str) -> int:
    return sum(figure for (name, place), figure in figures.items() if name == key and place.startswith(code))


@MONTHS
@pytest.mark.parametrize("level", ["district", "street", "community"])
def test_every_cell_is_what_plain_python_counts(world: plain.World, month: Month, level: str) -> None:
    figures, _ = plain.count(world, month)
    # those whose only difference is late or restored need a closed month before; see test_history.py
    keys = [key for key in KEYS if key != "late"]

    table = counting.table(month, "3702", level, keys)

    wrong = [
        (row.code, key, row.figures[key], added(figures, key, row.code))
        for row in table.rows
        for key in keys
        if row.figures[key] != added(figures, key, row.code)
    ]
    assert wrong == []
    assert table.total.figures["total"] == added(figures, "total", "") > 500
    assert {key: table.total.figures[key] for key in keys} == {key: added(figures, key, "") for key in keys}


@MONTHS
def test_the_list_behind_every_cell_of_the_city_holds_exactly_its_people(
    world: plain.World, month: Month
) -> None:
    _, people = plain.count(world, month)

    for key in KEYS:
        expected = set().union(*(found for (name, _), found in people.items() if name == key))
        listed = counting.cell_people(month, "3702", key, sees_restricted=True).retiree_ids(size=None)
        assert listed == sorted(expected), key


@MONTHS
def test_a_page_of_a_community_holds_exactly_its_people(world: plain.World, month: Month) -> None:
    """Small areas are found through their own people: every one of some communities, measure by measure."""
    _, people = plain.count(world, month)
    places = sorted({place for _, place in people})
    chosen = Random(month.month).sample(places, 6)

    for place in chosen:
        for key in ("total", "checked_in", "opening", "new", "moved_out", "pending", "withdrawn"):
            cell = counting.cell_people(month, place, key, sees_restricted=True)
            assert cell.retiree_ids() == sorted(people.get((key, place), set()))[:50], (place, key)


@MONTHS
def test_the_first_page_of_every_cell_of_the_city_is_the_beginning_of_its_list(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found in a first block, over several blocks, or in everybody's facts."""
    monkeypatch.setattr(cells, "BLOCK", 7)
    for key in ("total", "opening", "new", "moved_out", "died_in", "pending", "overdue", "unit_enterprise"):
        cell = counting.cell_people(month, "3702", key, sees_restricted=True)
        everybody = cell.retiree_ids(size=None)
        assert cell.count() == len(everybody), key
        for blocks in ((1000,), (5, 40, 90), (2,)):
            monkeypatch.setattr(cells, "BLOCKS", blocks)
            assert cell.retiree_ids(size=10) == everybody[:10], (blocks, key)


def test_people_with_a_request_are_listed_without_counting_everybody() -> None:
    cell = counting.cell_people(NOW, "3702", "pending", sees_restricted=True)

    with CaptureQueriesContext(connection) as queries:
        cell.count()
        cell.page()

    assert not [query for query in queries.captured_queries if "enable_nestloop" in query["sql"]]


def test_pages_follow_one_another_without_gap_or_repetition() -> None:
    cell = counting.cell_people(NOW, "3702", "checked_in", sees_restricted=True)
    everybody, found, after = cell.retiree_ids(size=None), [], 0

    while page := cell.page(after, 50):
        found += [entry.retiree.pk for entry in page]
        after = found[-1]

    assert found == everybody
    assert len(found) == cell.count()


@pytest.mark.parametrize("cut", counting.tables.CUTS)
def test_a_cut_adds_up_to_the_whole_and_its_cells_to_their_lists(cut: str) -> None:
    whole = counting.table(LAST, "370202").total.figures
    table = counting.table(LAST, "370202", cut=cut)
    row = max(table.rows, key=lambda row: row.figures["checked_in"])

    assert table.total.figures == whole
    narrowed = {"unit_ids": [int(row.code)]} if cut == "unit" else {"filters": {cut: row.code}}
    cell = counting.cell_people(LAST, "370202", "checked_in", sees_restricted=True, **narrowed)
    assert cell.count() == row.figures["checked_in"] > 0
    alone = counting.table(LAST, "370202", **narrowed)
    assert alone.total.figures == row.figures


@MONTHS
def test_sums_agree_over_levels(month: Month) -> None:
    by_level = {
        level: counting.table(month, "3702", level, KEYS).total.figures
        for level in ("city", "district", "street", "community")
    }

    assert len({tuple(figures.items()) for figures in by_level.values()}) == 1


@MONTHS
def test_a_table_of_a_part_is_the_row_of_the_whole(month: Month) -> None:
    for row in counting.table(month, "3702").rows:
        assert counting.table(month, row.code).total.figures == row.figures


@MONTHS
def test_every_identity_holds(month: Month) -> None:
    found = counting.identities(month)

    assert [check.name for check in found if not check.holds] == []
    assert {check.level for check in found} == {"city", "district", "street", "community"}


def test_the_end_of_a_month_is_the_beginning_of_the_next() -> None:
    def of(month: Month, key: str) -> dict[str, int]:
        rows = counting.table(month, "3702", "community", [key]).rows
        return {row.code: row.figures[key] for row in rows}

    assert of(LAST, "checked_in") == of(NOW, "opening")


def test_people_are_counted_once() -> None:
    relation = facts.live(NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(DISTINCT retiree_id) FROM ({relation.sql}) f", relation.params
        )
        rows, people = cursor.fetchone()

    assert rows == people


def test_a_closed_month_counts_what_it_counted_open() -> None:
    sid = transaction.savepoint_create()
    before = {level: counting.table(LAST, "3702", level, KEYS) for level in ("district", "community")}
    lists = {
        key: counting.cell_people(LAST, "370202", key, sees_restricted=True).retiree_ids() for key in KEYS
    }
    cut = counting.table(LAST, "3702", cut="unit")

    statement = actions.close(LAST, by=User.objects.system(), explanation="测试")

    assert statement.is_closed
    for level, table in before.items():
        closed = counting.table(LAST, "3702", level, KEYS)
        figures = {row.code: row.figures for row in closed.rows}
        assert all(figures[row.code] == row.figures for row in table.rows if any(row.figures.values()))
        assert closed.total.figures == table.total.figures
    for key, listed in lists.items():
        assert counting.cell_people(LAST, "370202", key, sees_restricted=True).retiree_ids() == listed
    assert [row.figures for row in counting.table(LAST, "3702", cut="unit").rows] == [
        r.figures for r in cut.rows
    ]
    assert all(check.holds for check in counting.identities(LAST))
    assert all(check.holds for check in counting.identities(NOW))
    assert counting.table(NOW, "3702").total.figures["opening"] == closed.total.figures["checked_in"]
    transaction.savepoint_rollback(sid)


def test_every_cell_of_every_closed_community_is_its_list() -> None:
    sid = transaction.savepoint_create()
    actions.close(LAST, by=User.objects.system(), explanation="测试")

    for row in counting.table(LAST, "3702", "community", KEYS).rows:
        for key in KEYS:
            if row.figures[key]:
                cell = counting.cell_people(LAST, row.code, key, sees_restricted=True)
                assert len(cell.retiree_ids(size=None)) == row.figures[key], (row.code, key)
    transaction.savepoint_rollback(sid)


def test_the_table_of_facts_has_the_columns_of_its_model() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, is_nullable = 'YES' FROM information_schema.columns"
            " WHERE table_name = %s ORDER BY ordinal_position",
            [MonthlyFact._meta.db_table],
        )
        real = cursor.fetchall()

    assert real == [(field.column, field.null) for field in MonthlyFact._meta.concrete_fields if field.column]


def everybody(month: Month, key: str, area: str = "3702") -> list[int]:
    """The list behind a figure, asked of everybody's facts."""
    relation = facts.relation_of(month)
    cell = counting.cell_people(month, area, key, sees_restricted=True)
    return [pk for (pk,) in cell._select("f.retiree_id", relation)]


def moved(month: Month) -> dict[str, set[int]]:
    """Everybody of whom the facts of the month say that they came, went or died."""
    relation = facts.live(month)
    with counting.over_everybody() as cursor:
        cursor.execute(
            f"SELECT retiree_id, came, gone, died FROM ({relation.sql}) f WHERE came <> '' OR gone <> '' OR died",
            relation.params,
        )
        rows = cursor.fetchall()
    return {part: {row[0] for row in rows if row[number]} for number, part in enumerate(PARTS, 1)}


def assert_nobody_is_missed(month: Month, *, least: int = 1) -> None:
    there = moved(month)
    everyone = set().union(*there.values())
    assert len(everyone) >= least
    for key, expected in (
        ("new", there["came"]),
        ("died_in", there["gone"]),
        ("deaths", there["died"]),
        ("late", everyone),
    ):
        found = movers.movers(catalogue.measure(key), facts.live(month))
        assert found is not None
        assert sorted(set(found)) == found
        assert expected - set(found) == set(), key


@pytest.fixture
def kept() -> Iterator[None]:
    """Everything is as it was afterwards."""
    sid = transaction.savepoint_create()
    yield
    transaction.savepoint_rollback(sid)


@pytest.fixture
def closed(kept: None) -> None:
    """The month before is closed."""
    actions.close(LAST, by=User.objects.system(), explanation="测试")


@pytest.mark.parametrize("month", [NOW, LAST, LONG_AGO], ids=str)
def test_nobody_who_moved_is_missed(month: Month) -> None:
    assert_nobody_is_missed(month, least=5)


def test_nobody_who_moved_is_missed_after_a_closed_month(closed: None) -> None:
    assert_nobody_is_missed(NOW, least=5)


def test_figure_list_and_first_page_are_those_of_everybody_in_a_district(closed: None) -> None:
    change(40, seed=3)
    with time_machine.travel(LATER):
        rows = counting.table(NOW, "3702", "district", (*RARE, "new", "on_time")).rows
        for row in sorted(rows, key=lambda row: row.figures["withdrawn"])[-3:]:
            assert row.figures["withdrawn"] > 0
            for key in (*RARE, "new", "on_time"):
                cell = counting.cell_people(NOW, row.code, key, sees_restricted=True)
                expected = everybody(NOW, key, row.code)
                assert cell.count() == row.figures[key] == len(expected), (row.code, key)
                assert cell.retiree_ids(size=None) == expected, (row.code, key)
                assert cell.retiree_ids() == expected[:50], (row.code, key)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("before", ["open", "closed"])
def test_nobody_is_missed_whatever_is_entered_late(
    before: str, seed: int, request: pytest.FixtureRequest
) -> None:
    """What an action writes, of random people, many times over, also after the closing of the month before."""
    request.getfixturevalue("closed" if before == "closed" else "kept")
    done = change(120, seed=seed)

    with time_machine.travel(LATER):
        assert min(done.values()) > 0, done
        assert_nobody_is_missed(NOW, least=30)


@pytest.mark.parametrize("key", RARE)
@pytest.mark.parametrize("before", ["open", "closed"])
def test_a_rare_figure_does_not_look_at_everybody(
    key: str, before: str, request: pytest.FixtureRequest
) -> None:
    if before == "closed":
        request.getfixturevalue("closed")
    cell = counting.cell_people(NOW, "3702", key, sees_restricted=True)

    with CaptureQueriesContext(connection) as queries:
        cell.count()
        cell.page()
        cell.retiree_ids(size=None)

    assert not [query for query in queries.captured_queries if "enable_nestloop" in query["sql"]]


def test_every_measure_of_movement_is_known_as_one() -> None:
    known = [
        measure.key
        for measure in catalogue.MEASURES
        if movers.movers(measure, facts.live(LONG_AGO)) is not None
    ]

    assert known == [
        measure.key for measure in catalogue.MEASURES if any(part in measure.condition for part in PARTS)
    ]
    assert {"new", "died_in", "late", "deaths", "on_time"} <= set(known)


def test_pages_of_few_follow_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "BLOCK", 3)
    cell = counting.cell_people(LAST, "3702", "new", sees_restricted=True)
    found, after = [], 0

    while page := cell.retiree_ids(after, 4):
        found += page
        after = page[-1]

    assert found == everybody(LAST, "new")
    assert len(found) > 8
