"""Who may ask for which figures, and what no question may hold."""

import pytest
from django.db import DatabaseError, connection, transaction

from checkin.statistics import catalogue, counting, permissions
from checkin.statistics.months import Month
from communities.organisations.actions.places import end
from huifeng.accounts.models import User
from huifeng.errors import RuleBroken
from members.people.models import Retiree
from tests.communities.factories import UserFactory, make_external_unit, make_unit

from .conftest import JUNE, MAY, on

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("area", "who"),
    [("3702", "boss"), ("370202", "boss"), ("370202", "bureau_clerk"), ("370202001", "bureau_clerk"),
     ("370202001", "street_clerk"), ("370202001001", "street_clerk")],
)  # fmt: skip
def test_an_area_is_seen_by_those_above_it(world, boss, area: str, who: str) -> None:
    assert permissions.may_see_area(boss if who == "boss" else getattr(world, who), area)


@pytest.mark.parametrize(
    ("area", "who"),
    [("3702", "bureau_clerk"), ("370203", "bureau_clerk"), ("370202", "street_clerk"),
     ("370202007", "street_clerk"), ("370202001001", "clerk"), ("370202", "unit_clerk")],
)  # fmt: skip
def test_an_area_is_not_seen_from_beside_or_below(world, area: str, who: str) -> None:
    assert not permissions.may_see_area(getattr(world, who), area)


def test_a_unit_sees_its_own_row(world, boss) -> None:
    other, outside = make_unit(place=world.city.districts[1].division), make_external_unit()

    assert permissions.may_see_unit(world.unit_clerk, world.unit)
    assert not permissions.may_see_unit(world.unit_clerk, other)
    assert not permissions.may_see_unit(world.bureau_clerk, other)
    assert permissions.may_see_unit(boss, other)
    assert permissions.may_see_unit(world.bureau_clerk, outside)
    assert not permissions.may_see_unit(world.street_clerk, world.unit)


def test_only_bureaus_see_restricted_people_in_lists(world) -> None:
    assert permissions.sees_restricted(world.bureau_clerk, "370202001")
    assert not permissions.sees_restricted(world.street_clerk, "370202001")
    assert not permissions.sees_restricted(world.bureau_clerk, "370203")


def test_a_stranger_sees_nothing(world) -> None:
    assert permissions.visible_areas(UserFactory()) == ()


@pytest.mark.parametrize("text", ["2026", "2026-13", "2026-00", "202610", "二〇二六年十月", "1999-12", ""])
def test_a_month_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(RuleBroken, match="月份请写成"):
        Month.parse(text)


def test_a_month_in_the_future_has_no_figures(world) -> None:
    with on("2026-05-10"):
        for ask in (
            lambda: counting.table(JUNE, "3702"),
            lambda: counting.cell_people(JUNE, "3702", "total", sees_restricted=True),
            lambda: counting.identities(JUNE),
        ):
            with pytest.raises(RuleBroken, match="还没有到"):
                ask()


@pytest.mark.parametrize(
    ("kwargs", "code"),
    [({"measures": ["nonsense"]}, "unknown_measure"), ({"cut": "nonsense"}, "unknown_cut"),
     ({"level": "planet"}, "unknown_level"), ({"filters": {"age": "5"}}, "unknown_filter"),
     ({"filters": {"nonsense": "1"}}, "unknown_filter"), ({"area": "37"}, "unknown_area"),
     ({"area": "37020'"}, "unknown_area"), ({"area": "370202", "level": "city"}, "unknown_level")],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_refused(world, kwargs, code: str) -> None:
    asked = {"area": "3702", **kwargs}
    with on("2026-06-10"), pytest.raises(RuleBroken) as refused:
        counting.table(MAY, **asked)

    assert refused.value.code == code


@pytest.mark.parametrize("measure", ["nonsense", "rate", "total; DROP TABLE"])
def test_a_list_of_no_measure_is_refused(world, measure: str) -> None:
    with on("2026-06-10"), pytest.raises(RuleBroken, match="没有这个统计项"):
        counting.cell_people(MAY, "3702", measure, sees_restricted=True)


def test_every_figure_has_title_and_definition() -> None:
    for key in (*catalogue.COUNTED, *(each.key for each in catalogue.RATIOS)):
        assert catalogue.title(key)
        assert catalogue.sentence(key).endswith("。")
    assert all(catalogue.is_known(key) for key in catalogue.M1)


def test_a_month_is_compared_with_another(world) -> None:
    with on("2026-05-06"):
        world.confirmed()
    with on("2026-06-06"):
        world.confirmed()
        compared = counting.compare(JUNE, MAY, "370202", "community")

    assert compared.change_of_total("checked_in") == 1
    assert compared.change("370202001001", "checked_in") == 1
    assert compared.change("370202001014", "checked_in") == 0
    assert compared.change("370203", "rate") is None


def test_the_total_of_a_comparison_is_not_the_line_of_those_not_known(world) -> None:
    with on("2026-05-06"):
        world.confirmed(world.member(kind="tuixiu"))
    with on("2026-06-06"):
        world.confirmed(world.member(kind="tuixiu"))
        unknown = world.confirmed(world.member(kind="tuixiu"))
        Retiree.objects.filter(pk=unknown.retiree_id).update(kind="")
        compared = counting.compare(JUNE, MAY, "3702", cut="kind")

    assert (compared.change_of_total("checked_in"), compared.change("", "checked_in")) == (2, 1)


def test_the_system_sees_all(world) -> None:
    system = User.objects.system()

    assert permissions.may_see_area(system, "3702")
    assert permissions.may_close(system)


def test_a_closed_bureau_s_staff_close_nothing(world, boss) -> None:
    end(world.city.city, None, MAY.first)

    assert not permissions.may_close(boss)


def test_questions_over_everybody_loop_over_nothing_and_leave_the_planner_as_it_was() -> None:
    def loops() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_nestloop")
            return str(cursor.fetchone()[0])

    with transaction.atomic():
        with counting.over_everybody():
            assert loops() == "off"
        assert loops() == "on"
        with pytest.raises(DatabaseError), counting.over_everybody() as cursor:
            cursor.execute("SELECT nothing")
        assert loops() == "on"
