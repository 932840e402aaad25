"""Submitting, closing, reopening: in order, once, by whom it concerns, all or nothing."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection

from checkin.statistics import actions, counting, facts
from checkin.statistics.models import MonthlyFact, MonthlyStatement, MonthlyTotal
from checkin.statistics.months import Month
from checkin.statistics.papers import states
from communities.calendar.models import SpecialDay
from communities.divisions.models import Division
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import running
from huifeng.jobs.models import Job
from members.people.models import Retiree
from tests.communities.factories import DivisionFactory, make_staff
from tests.members.racing import meanwhile, race

from .conftest import APRIL, JUNE, MAY, on

pytestmark = pytest.mark.django_db
State = MonthlyStatement.State
NORTH, SOUTH = "370203", "370202"
LEVELS = {"level_city", "level_district", "level_street", "level_community"}


def city_row(month: Month = MAY) -> MonthlyStatement:
    return MonthlyStatement.objects.get(area="3702", month=month.first)


def outside_the_city() -> Division:
    street = Division.objects.get(code="370202001000")  # any; what counts is the code
    return DivisionFactory(
        code="370102001001", level=street.Level.COMMUNITY, name="甸柳第一社区", parent=street
    )


def entries(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


@pytest.fixture
def closed(world, boss, close) -> MonthlyStatement:
    with on("2026-05-06"):
        world.confirmed()
    with on("2026-06-05"):
        return close(MAY, boss)


# Submitting -------------------------------------------------------------------------------------------------------


def test_a_district_submits_and_it_is_audited(world) -> None:
    with on("2026-06-02"):
        statement = actions.submit(SOUTH, MAY, by=world.bureau_clerk)

    assert (statement.state, statement.submitted_by) == (State.SUBMITTED, world.bureau_clerk)
    assert entries("statement.submitted") == 1


def test_submitting_twice_is_once(world) -> None:
    with on("2026-06-02"):
        first = actions.submit(SOUTH, MAY, by=world.bureau_clerk)
        second = actions.submit(SOUTH, MAY, by=world.bureau_clerk)

    assert first.submitted_at == second.submitted_at
    assert entries("statement.submitted") == 1


@pytest.mark.parametrize("who", ["clerk", "unit_clerk", "street_clerk"])
def test_only_the_district_s_own_bureau_submits(world, who: str) -> None:
    with on("2026-06-02"), pytest.raises(PermissionDenied):
        actions.submit(SOUTH, MAY, by=getattr(world, who))


def test_the_neighbour_does_not_submit(world) -> None:
    with on("2026-06-02"), pytest.raises(PermissionDenied):
        actions.submit(NORTH, MAY, by=world.bureau_clerk)


def test_an_unfinished_month_is_not_submitted(world) -> None:
    with on("2026-05-31"), pytest.raises(RuleBroken, match="还没有过完"):
        actions.submit(SOUTH, MAY, by=world.bureau_clerk)


def test_a_closed_month_is_not_submitted(world, closed) -> None:
    with on("2026-06-08"), pytest.raises(RuleBroken, match="已经封存"):
        actions.submit(SOUTH, MAY, by=world.bureau_clerk)


def test_what_is_expected_there_and_on_time(world) -> None:
    SpecialDay.objects.create(date=date(2026, 6, 2), kind=SpecialDay.Kind.OFF, name="测试")
    with on("2026-06-04"):  # the third working day: 1, 3, 4
        actions.submit(SOUTH, MAY, by=world.bureau_clerk)
        south, north = actions.submissions(MAY)

        assert (south.due_on, south.is_there, south.on_time, south.is_late) == (
            date(2026, 6, 4),
            True,
            True,
            False,
        )
        assert (north.is_there, north.is_late) == (False, False)
    with on("2026-06-05"):
        actions.submit(NORTH, MAY, by=make_staff(world.city.districts[1]))
        south, north = actions.submissions(MAY)

    assert (north.is_there, north.on_time) == (True, False)


# Closing ----------------------------------------------------------------------------------------------------------


def test_closing_freezes_people_totals_and_names_and_is_audited(world, closed) -> None:
    assert closed.state == State.CLOSED
    assert MonthlyFact.objects.filter(month=MAY.first, closing=1).count() == Retiree.objects.count()
    assert MonthlyTotal.objects.filter(month=MAY.first).exists()
    assert closed.names[SOUTH] == "市南区"
    assert len(closed.sha256) == 64
    assert entries("month.closed") == 1
    assert {row.state for row in MonthlyStatement.objects.filter(month=MAY.first)} == {State.CLOSED}


def test_closing_twice_is_once(closed, boss, close) -> None:
    with on("2026-06-06"):
        again = close(MAY, boss)

    assert (again.closing, again.closed_at) == (1, closed.closed_at)
    assert entries("month.closed") == 1


@pytest.mark.parametrize("who", ["clerk", "unit_clerk", "street_clerk", "bureau_clerk"])
def test_only_the_city_bureau_closes(world, who: str) -> None:
    with on("2026-06-05"), pytest.raises(PermissionDenied):
        actions.close(MAY, by=getattr(world, who), explanation="测试")


def test_a_month_in_the_future_is_refused(boss, close) -> None:
    with on("2026-05-05"), pytest.raises(RuleBroken, match="还没有到"):
        close(JUNE, boss)


def test_an_unfinished_month_is_refused(boss, close) -> None:
    with on("2026-05-31"), pytest.raises(RuleBroken, match="还没有过完"):
        close(MAY, boss)


def test_missing_submissions_need_an_explanation(world, boss) -> None:
    with on("2026-06-05"):
        actions.submit(SOUTH, MAY, by=world.bureau_clerk)
        with pytest.raises(RuleBroken, match="还没有上报：市北区。"):
            actions.close(MAY, by=boss)
        actions.submit(NORTH, MAY, by=make_staff(world.city.districts[1]))

        assert actions.close(MAY, by=boss).is_closed


def test_an_open_identity_needs_an_explanation(world, boss) -> None:
    with on("2026-05-06"):
        world.member(residence=outside_the_city())
    with on("2026-06-05"):
        actions.submit(SOUTH, MAY, by=world.bureau_clerk)
        actions.submit(NORTH, MAY, by=make_staff(world.city.districts[1]))
        with pytest.raises(RuleBroken, match="各社区之和 = 全部"):
            actions.close(MAY, by=boss)

        assert not MonthlyFact.objects.exists()
        assert not city_row().is_closed
        closed = actions.close(MAY, by=boss, explanation="一人居住地待核实")
        assert closed.explanation == "一人居住地待核实"
        assert {check.key for check in counting.identities(MAY) if not check.holds} == LEVELS


def test_an_unknown_kind_is_shown_and_needs_no_explanation(world, boss) -> None:
    with on("2026-05-06"):
        world.member(kind="", residence=world.here.division)
    with on("2026-06-05"):
        actions.submit(SOUTH, MAY, by=world.bureau_clerk)
        actions.submit(NORTH, MAY, by=make_staff(world.city.districts[1]))

        assert actions.close(MAY, by=boss).explanation == ""
        total = counting.table(MAY, "3702").total
        assert (total.value("total"), total.value("kind_unknown")) == (1, 1)


def test_an_open_month_is_compared_with_a_count_that_knows_no_places(world) -> None:
    with on("2026-05-06"):
        world.member(residence=world.here.division)
        assert {check.key for check in counting.identities(MAY)} > LEVELS
        assert all(check.holds for check in counting.identities(MAY))

        world.member(residence=outside_the_city())

        wrong = [check for check in counting.identities(MAY) if not check.holds]
        assert {check.key for check in wrong} == LEVELS
        assert {(check.left, check.right) for check in wrong} == {(1, 2)}
        assert not LEVELS & {check.key for check in counting.identities(MAY, SOUTH)}


def test_months_are_closed_in_order(world, boss, close, closed) -> None:
    with on("2026-08-05"):
        with pytest.raises(RuleBroken, match="请先封存2026年6月"):
            close(Month(2026, 7), boss)
        with pytest.raises(RuleBroken, match="不能再封存更早的月份"):
            close(APRIL, boss)

        assert close(JUNE, boss).is_closed


def test_the_job_closes_the_month(world, boss) -> None:
    with on("2026-06-05"):
        job = actions.start_closing(MAY, by=boss, explanation="测试")
        running.run(job.pk)

        job.refresh_from_db()
        assert job.state == Job.State.DONE
        assert job.result["closing"] == 1
        assert city_row().closed_by == boss


def test_a_job_that_could_never_close_is_not_begun(world, boss) -> None:
    with on("2026-05-31"), pytest.raises(RuleBroken):
        actions.start_closing(MAY, by=boss)

    assert not Job.objects.exists()


# Reopening --------------------------------------------------------------------------------------------------------


def test_two_people_reopen_a_month_and_it_is_marked_for_good(world, boss, deputy, close, closed) -> None:
    with on("2026-06-08"):
        actions.ask_reopen(MAY, reason="漏报一人", by=boss)
        actions.reopen(MAY, by=deputy)
        assert city_row().state == State.REOPENED
        assert not counting.table(MAY, "3702").is_closed
        again = close(MAY, boss)

    assert (again.closing, again.reopened_by, again.reason) == (2, deputy, "漏报一人")
    assert (entries("month.reopening_asked"), entries("month.reopened")) == (1, 1)
    assert "数据曾于2026-06-08由刘副局重开：漏报一人" in states.state_words(counting.table(MAY, "3702"))
    assert MonthlyFact.objects.filter(month=MAY.first, closing=1).exists()


def test_a_reopened_month_takes_late_entries_in(world, boss, deputy, close, closed) -> None:
    with on("2026-06-08"):
        Retiree.objects.update(died_on=date(2026, 5, 20))
        before = counting.table(MAY, "3702").total.figures["total"]
        actions.ask_reopen(MAY, reason="漏报一人", by=boss)
        actions.reopen(MAY, by=deputy)
        close(MAY, boss)

    assert (before, counting.table(MAY, "3702").total.figures["total"]) == (1, 0)


def test_the_asker_does_not_reopen(boss, closed) -> None:
    with on("2026-06-08"):
        actions.ask_reopen(MAY, reason="漏报一人", by=boss)
        with pytest.raises(RuleBroken, match="另一个人"):
            actions.reopen(MAY, by=boss)


def test_nobody_reopens_what_nobody_asked_for(deputy, closed) -> None:
    with on("2026-06-08"), pytest.raises(RuleBroken, match="还没有人申请"):
        actions.reopen(MAY, by=deputy)


def test_reopening_needs_a_reason(boss, closed) -> None:
    with on("2026-06-08"), pytest.raises(RuleBroken, match="原因"):
        actions.ask_reopen(MAY, reason=" ", by=boss)


def test_an_open_month_is_not_reopened(world, boss) -> None:
    with on("2026-06-08"), pytest.raises(RuleBroken, match="没有封存"):
        actions.ask_reopen(MAY, reason="漏报", by=boss)


def test_only_the_newest_closed_month_is_reopened(boss, close, closed) -> None:
    with on("2026-07-05"):
        close(JUNE, boss)
        with pytest.raises(RuleBroken, match="只能重开最近封存的月份"):
            actions.ask_reopen(MAY, reason="漏报", by=boss)


def test_a_district_does_not_reopen(world, boss, closed) -> None:
    with on("2026-06-08"):
        with pytest.raises(PermissionDenied):
            actions.ask_reopen(MAY, reason="漏报", by=world.bureau_clerk)
        actions.ask_reopen(MAY, reason="漏报", by=boss)
        with pytest.raises(PermissionDenied):
            actions.reopen(MAY, by=world.bureau_clerk)


def test_reopening_twice_is_once(boss, deputy, closed) -> None:
    with on("2026-06-08"):
        actions.ask_reopen(MAY, reason="漏报", by=boss)
        actions.ask_reopen(MAY, reason="漏报", by=boss)
        actions.reopen(MAY, by=deputy)
        actions.reopen(MAY, by=deputy)

    assert (entries("month.reopening_asked"), entries("month.reopened")) == (1, 1)


# At the same time, half way ---------------------------------------------------------------------------------------


@pytest.fixture
def there_already(world) -> None:
    """Rows that exist already: two who would make them would wait for each other without any lock."""
    for area in ("3702", SOUTH, NORTH):
        MonthlyStatement.objects.create(area=area, month=MAY.first)
    with on("2026-05-06"):
        world.confirmed()


@pytest.mark.django_db(transaction=True)
def test_who_closes_waits_for_who_closes_and_it_is_closed_once(world, boss, deputy, there_already) -> None:
    with on("2026-06-05"):
        second = meanwhile(
            lambda: actions.close(MAY, by=boss, explanation="测试"),
            lambda: actions.close(MAY, by=deputy, explanation="测试"),
        )

    assert (second.closing, second.closed_by) == (1, boss)
    assert entries("month.closed") == 1
    assert set(MonthlyFact.objects.values_list("closing", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_many_close_at_once(world, boss, deputy, there_already) -> None:
    with on("2026-06-05"):
        answers = race(4, lambda n: actions.close(MAY, by=(boss, deputy)[n % 2], explanation="测试"))

    assert [answer.closing for answer in answers] == [1, 1, 1, 1]
    assert entries("month.closed") == 1


@pytest.mark.django_db(transaction=True)
def test_who_reopens_waits_for_who_reopens(world, boss, deputy) -> None:
    third = make_staff(world.city.city)
    with on("2026-06-05"):
        actions.close(MAY, by=boss, explanation="测试")
        actions.ask_reopen(MAY, reason="漏报", by=boss)

        meanwhile(lambda: actions.reopen(MAY, by=deputy), lambda: actions.reopen(MAY, by=third))

    assert city_row().reopened_by == deputy
    assert entries("month.reopened") == 1


@pytest.mark.django_db(transaction=True)
def test_submitting_waits_for_the_closing(world, boss, there_already) -> None:
    with on("2026-06-05"):
        answer = meanwhile(
            lambda: actions.close(MAY, by=boss, explanation="测试"),
            lambda: actions.submit(SOUTH, MAY, by=world.bureau_clerk),
        )

    assert isinstance(answer, RuleBroken)
    assert MonthlyStatement.objects.get(area=SOUTH).state == State.CLOSED


@pytest.mark.django_db(transaction=True)
def test_killed_half_way_nothing_is_frozen(world, boss, close, monkeypatch) -> None:
    from checkin.statistics.actions import closing

    def killed(*args: object) -> str:
        assert MonthlyFact.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return ""

    with on("2026-06-05"):
        world.member()
        with monkeypatch.context() as half_way:
            half_way.setattr(closing, "_write_totals", killed)
            with pytest.raises(DatabaseError):
                close(MAY, boss)
        connection.close()

        assert not MonthlyFact.objects.exists()
        assert not MonthlyTotal.objects.exists()
        statement = facts.statement_of(MAY)
        assert statement is None or not statement.is_closed
        assert close(MAY, boss).closing == 1
