"""Cuts by words of a code list: whatever a unit's row holds, its people stand in a line that opens."""

import pytest
from django.test import Client

from checkin.statistics import counting
from communities.organisations.models import Organisation
from tests.checkin.record.staff import browser_of
from tests.communities.factories import make_staff

from .conftest import JUNE, on
from .pages import listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def strange(world) -> None:
    """Two people of a unit whose nature and tier are in no list (any more)."""
    Organisation.objects.filter(pk=world.unit.pk).update(nature="公社's 100%", tier="farm")
    with on("2026-06-06"):
        world.member()
        world.member()


@pytest.mark.parametrize("cut", ["nature", "tier"])
def test_a_word_outside_the_list_stands_with_the_unknown(world, strange, cut: str) -> None:
    with on("2026-06-10"):
        table = counting.table(JUNE, "3702", measures=("total",), cut=cut)

    figures = {row.code: row.figures["total"] for row in table.rows if row.figures["total"]}
    assert figures == {"": 2}
    assert table.total.figures["total"] == 2


@pytest.mark.parametrize("cut", ["nature", "tier"])
def test_the_people_behind_it_are_listed(world, strange, cut: str) -> None:
    with on("2026-06-10"):
        city: Client = browser_of(make_staff(world.city.city))
        page = city.get("/bureau/statistics/table/", {"cut": cut, "group": "stock"})
        line = next(line for line in page.context["lines"] if line.name in ("性质不明", "层级不明"))
        cell = next(cell for cell in line.cells if cell.title == "离退休干部总数")

        assert listed(city, cell.url) == 2
