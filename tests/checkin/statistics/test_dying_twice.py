"""A death that was undone and recorded again is one death, whichever months were closed in between."""

from datetime import date

import pytest

from checkin.statistics import counting
from checkin.statistics.models import MonthlyFact
from members.people import actions as people

from .conftest import JULY, JUNE, MAY, figures, flow, on

pytestmark = pytest.mark.django_db
HERE = "370202001001"


def die(world, person_id: int, day: date) -> int:
    death = people.report_death(person_id, day, by=world.unit_clerk)
    people.confirm_death(death.pk, by=world.unit_clerk)
    return death.pk


@pytest.fixture
def counted_in_may(world, boss, close):
    """Somebody who had checked in, died in May, was counted so by its closing, and is alive again since June."""
    with on("2026-05-06"):
        checkin = world.confirmed()
    with on("2026-05-20"):
        death = die(world, checkin.retiree_id, date(2026, 5, 20))
    with on("2026-06-04"):
        close(MAY, boss)
        people.undo_death(death, words="同名同姓", by=world.unit_clerk)
    return checkin.retiree


def test_who_was_counted_dead_in_a_closed_month_is_not_counted_dead_again(world, counted_in_may) -> None:
    with on("2026-06-20"):
        die(world, counted_in_may.pk, date(2026, 6, 18))

        assert (figures(MAY)["deaths"], figures(MAY)["died_in"]) == (1, 1)
        assert "deaths" not in figures(JUNE)
        assert flow(JUNE, HERE) == (0, 0, 0, 0, 0, 0, 0)
        assert all(check.holds for check in counting.identities(JUNE))


def test_a_closing_in_between_lets_the_second_death_leave_as_withdrawn(
    world, boss, close, counted_in_may
) -> None:
    with on("2026-07-03"):
        close(JUNE, boss)
        die(world, counted_in_may.pk, date(2026, 7, 2))

        assert flow(JUNE, HERE) == (0, 0, 1, 0, 0, 0, 1)
        assert flow(JULY, HERE) == (1, 0, 0, 0, 0, 1, 0)
        assert "deaths" not in figures(JULY)
        assert "late" not in figures(JULY)
        listed = counting.cell_people(JULY, HERE, "withdrawn", sees_restricted=True).page()
        assert [entry.gone for entry in listed] == ["again"]
        assert all(check.holds for check in counting.identities(JULY))
    with on("2026-08-03"):
        close(JULY, boss)

        assert MonthlyFact.objects.filter(died=True).count() == 1


def test_a_first_death_counts_where_the_undone_one_was_never_closed(world, boss, close) -> None:
    with on("2026-05-06"):
        checkin = world.confirmed()
        death = die(world, checkin.retiree_id, date(2026, 5, 6))
        people.undo_death(death, words="同名同姓", by=world.unit_clerk)
    with on("2026-06-04"):
        close(MAY, boss)
        die(world, checkin.retiree_id, date(2026, 6, 2))

        assert "deaths" not in figures(MAY)
        assert figures(JUNE)["deaths"] == 1


def test_a_month_that_was_opened_again_counts_nobody_as_dead(
    world, boss, deputy, close, counted_in_may
) -> None:
    from checkin.statistics import actions

    with on("2026-06-20"):
        die(world, counted_in_may.pk, date(2026, 6, 18))
        actions.ask_reopen(MAY, reason="去世登记错了", by=boss)
        actions.reopen(MAY, by=deputy)

        assert "deaths" not in figures(MAY)
        assert figures(JUNE)["deaths"] == 1
