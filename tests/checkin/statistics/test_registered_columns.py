"""What upper rooms count: per place, frozen by a closing, a dash where nobody can know it."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from openpyxl import load_workbook

from checkin.statistics import counting, registry
from checkin.statistics.papers import monthly
from checkin.statistics.registry import Column
from huifeng.errors import RuleBroken
from tests.checkin.record.staff import browser_of, text_of

from .conftest import MAY, on

pytestmark = pytest.mark.django_db
SOUTH, HERE = "370202", "370202001001"
TABLE = "/bureau/statistics/table/"
SENTENCE = "本月走访的次数。"


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Without the columns of the rooms, which are there again afterwards."""
    of_rooms = dict(registry.columns)
    registry.columns.clear()
    yield
    registry.columns.clear()
    registry.columns.update(of_rooms)


@pytest.fixture
def column() -> Column:
    made = Column(
        "visits",
        "走访",
        SENTENCE,
        lambda month: {HERE: 3},
        lambda month, area: f"/bureau/visits/?month={month}&area={area}",
        group="关心照顾",
        unit="次",
    )
    registry.add(made)
    return made


def test_a_registered_column_is_counted_and_frozen(world, boss, close, column) -> None:
    with on("2026-06-05"):
        assert counting.table(MAY, "3702", measures=["visits"]).total.figures == {"visits": 3}
        close(MAY, boss)
        registry.columns["visits"] = Column("visits", "走访", SENTENCE, lambda _: {})

        assert counting.table(MAY, SOUTH, measures=["visits"]).total.figures == {"visits": 3}


def test_a_column_nobody_registered_is_absent(world) -> None:
    with on("2026-06-05"), pytest.raises(RuleBroken, match="没有这个统计项"):
        counting.table(MAY, "3702", measures=["visits"])


def test_a_month_closed_before_there_was_the_column_does_not_count_it(world, boss, close) -> None:
    with on("2026-05-06"):
        world.confirmed()
    with on("2026-06-05"):
        close(MAY, boss)
        registry.add(Column("visits", "走访", SENTENCE, lambda month: {HERE: 3}))

        assert counting.table(MAY, "3702", measures=["visits"]).total.value("visits") is None


@pytest.mark.parametrize(
    "narrowed", [{"cut": "unit"}, {"cut": "sex"}, {"filters": {"sex": "M"}}, {"unit_ids": [1]}]
)
def test_nobody_knows_it_by_unit_or_dimension(world, column, narrowed) -> None:
    with on("2026-05-20"):
        world.confirmed()
        table = counting.table(MAY, "3702", measures=["total", "visits"], **narrowed)

    assert {row.value("visits") for row in (table.total, *table.rows)} == {None}


def test_the_page_leads_to_what_is_behind_it(world, boss, column) -> None:
    with on("2026-05-20"):
        page = browser_of(boss).get(TABLE, {"group": "more1", "area": SOUTH})

    cell = page.context["sum"].cells[0]
    assert cell.text == "3"
    assert cell.url == f"/bureau/visits/?month={MAY}&area={SOUTH}"
    assert cell.label == "合计 走访 3 次，查看名单"
    assert SENTENCE in text_of(page)
    assert "关心照顾" in dict(page.context["filters"].fields["group"].choices).values()


def test_a_column_without_a_page_is_a_plain_figure(world, boss) -> None:
    registry.add(Column("visits", "走访", SENTENCE, lambda month: {HERE: 3}))
    with on("2026-05-20"):
        page = browser_of(boss).get(TABLE, {"group": "more1"})

    assert [(cell.text, cell.url) for cell in page.context["sum"].cells] == [("3", "")]


def test_a_cut_shows_a_dash_and_says_why(world, boss, column) -> None:
    with on("2026-05-20"):
        world.confirmed()
        page = browser_of(boss).get(TABLE, {"group": "more1", "cut": "unit"})

    lines = [page.context["sum"], *page.context["lines"]]
    assert {(cell.text, cell.url) for line in lines for cell in line.cells} == {("—", "")}
    assert "走访只按地区统计，不能按单位或条件分" in text_of(page)


def test_the_paper_has_it_by_place_and_not_by_unit(world, column) -> None:
    with on("2026-05-20"):
        world.confirmed()
        book = load_workbook(BytesIO(monthly.workbook(MAY, "3702")), data_only=True)

    heads = {name: [cell.value for row in book[name]["A3:BH4"] for cell in row] for name in ("区市", "单位")}
    assert "关心照顾" in heads["区市"]
    assert "走访" in heads["区市"]
    assert "走访" not in heads["单位"]


def test_what_is_no_code_of_a_place_is_refused(world) -> None:
    registry.add(Column("visits", "走访", SENTENCE, lambda month: {"370202": 3}))
    with on("2026-05-20"), pytest.raises(ValueError, match="which is no place"):
        counting.table(MAY, "3702", measures=["visits"])


def test_a_key_is_declared_once_and_with_a_sentence(column) -> None:
    registry.add(column)
    with pytest.raises(ValueError, match="declared twice"):
        registry.add(Column("visits", "走访", SENTENCE, lambda month: {}))
    with pytest.raises(ValueError, match="declared twice"):
        registry.add(Column("total", "走访", SENTENCE, lambda month: {}))
    with pytest.raises(ValueError, match="needs a sentence"):
        registry.add(Column("calls", "电话", "本月的电话", lambda month: {}))
