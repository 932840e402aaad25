"""What was closed stays; what comes later shows in the next open month; every movement has its column."""

import json
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from checkin.record import actions as checkins
from checkin.record.models import EndReason
from checkin.statistics import catalogue, counting
from checkin.statistics.models import MonthlyFact, MonthlyTotal
from checkin.statistics.months import Month
from checkin.statistics.papers import states
from communities.divisions import actions as divisions
from communities.organisations.actions.units import close_unit
from members.people import actions as people
from members.people.models import Retiree
from members.units import actions as units
from tests.communities.factories import make_staff, make_unit

from .conftest import JULY, JUNE, MAY, figures, flow, on

pytestmark = pytest.mark.django_db

KEYS = tuple(catalogue.BY_KEY)
HERE, THERE = "370202001001", "370202001014"


def frozen(month: Month) -> str:
    """Everything a closed month can be asked for, as text."""
    tables = [
        counting.table(month, "3702", level, KEYS) for level in ("city", "district", "street", "community")
    ]
    tables += [counting.table(month, "3702", measures=KEYS, cut=cut) for cut in ("unit", "age", "rank")]
    lists = {
        key: counting.cell_people(month, "3702", key, sees_restricted=True).retiree_ids(size=None)
        for key in KEYS
    }
    rows = [[(row.code, row.name, row.figures) for row in table.rows] for table in tables]
    papers = states.state_words(tables[0])
    checks = [check.as_json() for check in counting.identities(month)]
    return json.dumps([rows, lists, papers, checks], ensure_ascii=False, sort_keys=True)


def test_each_movement_is_in_its_column(world) -> None:
    with on("2026-05-06"):
        stays, moves, dies, leaves = (world.confirmed(world.member()) for _ in range(4))
    with on("2026-06-10"):
        there = world.submitted(moves.retiree, community_id=world.there.pk)
        checkins.confirm(there.pk, by=world.clerk_there)
        death = people.report_death(dies.retiree_id, date(2026, 6, 9), by=world.unit_clerk)
        people.confirm_death(death.pk, by=world.unit_clerk)
        checkins.end(leaves.pk, by=leaves.retiree.user, reason=EndReason.WITHDRAWN)
        world.confirmed(world.member())

        assert flow(MAY, HERE) == (0, 4, 0, 0, 0, 0, 4)
        assert flow(JUNE, HERE) == (4, 1, 0, 1, 1, 1, 2)
        assert flow(JUNE, THERE) == (0, 0, 1, 0, 0, 0, 1)
        assert flow(JUNE) == (4, 1, 1, 1, 1, 1, 3)
        assert all(check.holds for check in counting.identities(JUNE))
        listed = counting.cell_people(JUNE, HERE, "checked_in", sees_restricted=True).retiree_ids()
        assert stays.retiree_id in listed


def test_who_comes_and_goes_within_a_month_counts_as_both(world) -> None:
    with on("2026-06-03"):
        checkin = world.confirmed()
    with on("2026-06-20"):
        checkins.end(checkin.pk, by=checkin.retiree.user, reason=EndReason.WITHDRAWN)

        assert flow(JUNE, HERE) == (0, 1, 0, 0, 0, 1, 0)


def test_an_undone_confirmation_never_was(world) -> None:
    with on("2026-06-03"):
        checkin = world.confirmed()
        checkins.undo_confirm(checkin.pk, by=world.clerk)

        assert flow(JUNE) == (0, 0, 0, 0, 0, 0, 0)
        assert figures(JUNE)["pending"] == 1


def test_a_past_month_shows_the_requests_of_then(world) -> None:
    with on("2026-05-20"):
        checkin = world.submitted()
    with on("2026-06-03"):
        checkins.confirm(checkin.pk, by=world.clerk)

        assert figures(MAY, HERE)["pending_community"] == 1
        assert figures(MAY, HERE)["overdue"] == 1  # five working days after the 20th are over by the 31st
        assert "pending" not in figures(JUNE, HERE)
        assert (figures(JUNE)["new"], figures(JUNE).get("on_time", 0)) == (1, 0)
        assert counting.table(JUNE, "3702").total.value("average_days") == 14


def test_a_closed_month_stays_byte_for_byte(world, boss, close) -> None:
    with on("2026-05-06"):
        moves, dies, stays = (world.confirmed(world.member()) for _ in range(3))
        waits = world.submitted()
        elsewhere = world.member(residence=world.there.division)
    with on("2026-06-05"):
        close(MAY, boss)
        before = frozen(MAY)
        checkins.confirm(waits.pk, by=world.clerk)
        death = people.report_death(dies.retiree_id, date(2026, 5, 20), by=world.unit_clerk)
        people.confirm_death(death.pk, by=world.unit_clerk)
        other = make_unit("青岛市承接研究所")
        units.transfer(stays.retiree_id, other.pk, on=date(2026, 5, 25), by=world.unit_clerk)
        close_unit(world.unit.pk, successor_id=other.pk, by=boss)
        divisions.merge(HERE, into=THERE, by=boss)
        divisions.rename(THERE, "大浮山社区居民委员会", by=boss)
        Retiree.objects.filter(pk=elsewhere.pk).update(statistics_flag=False)
        there = world.submitted(moves.retiree, community_id=world.city.communities[2].pk)
        checkins.confirm(there.pk, by=make_staff(world.city.communities[2]))

        assert frozen(MAY) == before
    with on("2026-07-04"):
        close(JUNE, boss)

        assert frozen(MAY) == before


def test_a_late_death_shows_in_the_next_open_month(world, boss, close) -> None:
    with on("2026-05-06"):
        checkin, alone = world.confirmed(), world.member()
    with on("2026-06-05"):
        close(MAY, boss)
    with on("2026-06-08"):
        for person in (checkin.retiree, alone):
            death = people.report_death(person.pk, date(2026, 5, 20), by=world.unit_clerk)
            people.confirm_death(death.pk, by=world.unit_clerk)

        assert flow(MAY, HERE) == (0, 1, 0, 0, 0, 0, 1)
        assert flow(JUNE, HERE) == (1, 0, 0, 0, 1, 0, 0)
        assert (figures(JUNE)["deaths"], figures(JUNE)["late"], figures(JUNE).get("total", 0)) == (2, 2, 0)
        assert all(check.holds for check in counting.identities(JUNE))
    with on("2026-07-02"):
        assert "deaths" not in figures(JULY)


def test_before_closing_a_late_death_still_belongs_to_its_month(world) -> None:
    with on("2026-05-06"):
        checkin = world.confirmed()
    with on("2026-06-02"):
        death = people.report_death(checkin.retiree_id, date(2026, 5, 20), by=world.unit_clerk)
        people.confirm_death(death.pk, by=world.unit_clerk)

        assert flow(MAY, HERE) == (0, 1, 0, 0, 1, 0, 0)
        assert flow(JUNE, HERE) == (0, 0, 0, 0, 0, 0, 0)


def test_a_death_undone_after_the_closing_comes_back_as_moved_in(world, boss, close) -> None:
    with on("2026-05-06"):
        checkin = world.confirmed()
        death = people.report_death(checkin.retiree_id, date(2026, 5, 6), by=world.unit_clerk)
        people.confirm_death(death.pk, by=world.unit_clerk)
    with on("2026-06-05"):
        close(MAY, boss)
        people.undo_death(death.pk, words="同名同姓", by=world.unit_clerk)

        assert flow(MAY) == (0, 1, 0, 0, 1, 0, 0)
        assert flow(JUNE) == (0, 0, 1, 0, 0, 0, 1)
        assert all(check.holds for check in counting.identities(JUNE))


def test_who_leaves_the_statistics_after_the_closing_is_withdrawn(world, boss, close) -> None:
    with on("2026-05-06"):
        checkin = world.confirmed()
    with on("2026-06-05"):
        close(MAY, boss)
        Retiree.objects.filter(pk=checkin.retiree_id).update(statistics_flag=False)

        assert flow(JUNE) == (1, 0, 0, 0, 0, 1, 0)


def test_a_merged_community_hands_its_people_over(world, boss) -> None:
    with on("2026-05-06"):
        world.confirmed()
        world.member(residence=world.here.division)
    with on("2026-06-10"):
        divisions.merge(HERE, into=THERE, by=boss)

        assert flow(MAY, HERE) == (0, 1, 0, 0, 0, 0, 1)
        assert flow(JUNE, HERE) == (1, 0, 0, 1, 0, 0, 0)
        assert flow(JUNE, THERE) == (0, 0, 1, 0, 0, 0, 1)
        assert (figures(MAY, HERE)["total"], figures(JUNE, THERE)["total"]) == (2, 2)
        names = {row.code: row.name for row in counting.table(MAY, "370202001").rows}
        assert names[HERE] == "云霄路社区"
        listed = counting.cell_people(JUNE, THERE, "total", sees_restricted=True)
        assert len(listed.retiree_ids()) == 2


def test_a_merged_unit_s_people_are_counted_with_the_unit_of_the_day(world, boss) -> None:
    heir = make_unit("青岛市承接研究所")
    with on("2026-06-15"):
        world.member()
        close_unit(world.unit.pk, successor_id=heir.pk, by=boss)
    with on("2026-07-02"):
        of_may = {row.name: row.figures["total"] for row in counting.table(MAY, "3702", cut="unit").rows}
        of_june = {row.name: row.figures["total"] for row in counting.table(JUNE, "3702", cut="unit").rows}

    assert of_may == {"青岛市海洋研究所": 1}
    assert of_june == {"青岛市承接研究所": 1}


def test_age_is_that_of_the_month_s_end(world) -> None:
    with on("2026-06-10"):
        checkin = world.confirmed(world.member(birth_date=date(1956, 5, 31)))

        assert checkin.retiree_id is not None
        assert figures(JUNE)["age_70"] == 1
    with on("2026-05-20"):
        world.confirmed(world.member(birth_date=date(1956, 6, 1)))

        assert figures(MAY)["age_60"] == 1


def test_merged_duplicates_and_people_out_of_statistics_are_not_counted(world) -> None:
    with on("2026-06-10"):
        kept, other, out = world.member(), world.member(), world.member()
        Retiree.objects.filter(pk=other.pk).update(merged_into=kept)
        Retiree.objects.filter(pk=out.pk).update(statistics_flag=False)

        assert figures(JUNE)["total"] == 1


def test_restricted_people_are_counted_and_not_listed_to_a_street(world) -> None:
    with on("2026-06-10"):
        person = world.member(residence=world.here.division, is_restricted=True)
        world.member(residence=world.here.division)

        street = counting.cell_people(JUNE, "370202001", "total", sees_restricted=False)
        bureau = counting.cell_people(JUNE, "370202001", "total", sees_restricted=True)

        assert (street.count(), len(street.retiree_ids()), street.hidden()) == (2, 1, 1)
        assert street.words() == "共 2 人，其中 1 人限制查看，不在名单中列出"
        assert person.pk in bureau.retiree_ids()
        assert bureau.words() == "共 2 人"


def test_totals_and_facts_of_a_closed_month_cannot_be_changed(world, boss, close) -> None:
    with on("2026-05-06"):
        world.confirmed()
    with on("2026-06-05"):
        close(MAY, boss)

    for model in (MonthlyFact, MonthlyTotal):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.filter(month=MAY.first).update(closing=9)
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.filter(month=MAY.first).delete()
