from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from communities.calendar import actions, days, periods, registry
from communities.calendar.days import Calendar, Deadline
from communities.calendar.models import AnnouncedYear, Period, SpecialDay
from communities.calendar.special_days import Day, read_days
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken

from .factories import make_city, make_staff
from .threads import at_the_same_time

SHANGHAI = ZoneInfo("Asia/Shanghai")
SOURCE = "国务院办公厅关于2027年部分节假日安排的通知"
NEW_YEAR = [Day(date(2027, 1, 1), "off", "元旦")]


@pytest.fixture
def seeded(db):
    call_command("load_calendar", verbosity=0)


@pytest.fixture
def city_clerk(db):
    return make_staff(make_city().city)


@pytest.fixture
def period(monkeypatch):
    monkeypatch.setattr(periods, "declared", {})
    monkeypatch.setattr(actions, "declared", periods.declared)
    return periods.declare("test.confirm", title="社区确认", length=5, unit=Period.Unit.WORKING_DAYS)


# Days


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 25), False),  # a Friday: 中秋节
        (date(2026, 9, 20), True),  # a Sunday worked for 国庆节
        (date(2026, 9, 26), False),  # an ordinary Saturday
        (date(2026, 9, 28), True),  # an ordinary Monday
        (date(2031, 9, 29), True),  # not announced: by weekday
    ],
)
def test_a_day_is_worked_as_the_notice_says_else_by_weekday(seeded, day, works):
    assert days.is_working_day(day) is works


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),  # over 国庆节
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # a Saturday that is worked
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 11, 2), 5, date(2026, 11, 9)),
        (date(2026, 11, 2), 0, date(2026, 11, 2)),
    ],
)
def test_counting_starts_the_day_after_and_skips_days_off(seeded, start, n, end):
    assert days.add_working_days(start, n) == Deadline(end, provisional=False)


def test_a_deadline_into_a_year_not_announced_is_provisional(seeded):
    assert days.add_working_days(date(2026, 12, 30), 1) == (date(2026, 12, 31), False)
    assert days.add_working_days(date(2026, 12, 30), 2) == (date(2027, 1, 1), True)


def test_each_question_takes_one_query(seeded, django_assert_num_queries, period):
    with django_assert_num_queries(1):
        days.add_working_days(date(2026, 9, 30), 10)
    with django_assert_num_queries(1):
        days.is_working_day(date(2026, 9, 30))
    with django_assert_num_queries(1):
        days.working_days_between(date(2026, 9, 1), date(2026, 10, 31))
    with django_assert_num_queries(1):
        periods.deadline(period, datetime(2026, 9, 30, 9, 0, tzinfo=SHANGHAI))


def test_a_clock_answers_thousands_of_times_without_a_query(seeded, django_assert_num_queries, period):
    clock = periods.Clock()

    with django_assert_num_queries(0):
        found = {clock.deadline(period, datetime(2026, 9, 30, 9, tzinfo=SHANGHAI)) for _ in range(2000)}

    assert found == {Deadline(date(2026, 10, 13), False)}


def test_working_days_between_two_days_count_the_second(seeded):
    assert days.working_days_between(date(2026, 9, 30), date(2026, 10, 10)) == 3
    assert days.working_days_between(date(2026, 10, 10), date(2026, 9, 30)) == -3
    assert days.working_days_between(date(2026, 10, 10), date(2026, 10, 10)) == 0


@given(st.dates(date(2024, 1, 1), date(2026, 6, 1)), st.integers(0, 60))
def test_adding_and_counting_agree(start, n):
    calendar = Calendar({date(2026, 2, 16): "off", date(2026, 2, 14): "work"}, frozenset({2024, 2025, 2026}))

    end, _ = calendar.add_working_days(start, n)

    assert calendar.working_days_between(start, end) == n


# Periods


def test_a_period_is_the_default_until_the_bureau_changes_it(seeded, city_clerk, period):
    assert periods.length_of(period) == (5, "working_days")

    actions.change_period(period, 7, basis="局务会2026年第3次会议", by=city_clerk)

    assert periods.length_of(period) == (7, "working_days")
    assert Period.objects.get(pk=period).basis == "局务会2026年第3次会议"


def test_a_deadline_counts_in_shanghai_not_in_utc(seeded, period):
    late_evening_utc = datetime(2026, 11, 1, 17, 0, tzinfo=ZoneInfo("UTC"))  # Monday 2 November, 01:00 there

    assert periods.deadline(period, late_evening_utc).day == date(2026, 11, 9)


def test_days_that_end_on_a_day_off_run_to_the_next_working_day(seeded, period):
    month = periods.declare("test.month", title="回执", length=30, unit=Period.Unit.DAYS)

    assert periods.deadline(month, datetime(2026, 9, 2, 9, tzinfo=SHANGHAI)).day == date(2026, 10, 8)


def test_hours_are_counted_to_the_second(seeded, period):
    undo = periods.declare("test.undo", title="撤销", length=24, unit=Period.Unit.HOURS)
    start = datetime(2026, 9, 2, 9, 30, 15, tzinfo=SHANGHAI)

    assert periods.moment(undo, start) == start + timedelta(hours=24)
    assert periods.deadline(undo, start).day == date(2026, 9, 3)


def test_a_period_is_declared_once(period):
    assert periods.declare(period, title="社区确认", length=5, unit=Period.Unit.WORKING_DAYS) == period
    with pytest.raises(ValueError, match="twice"):
        periods.declare(period, title="社区确认", length=6, unit=Period.Unit.WORKING_DAYS)


def test_an_undeclared_period_is_a_mistake_of_the_program(seeded):
    with pytest.raises(KeyError):
        periods.length_of("no.such")


def test_changing_a_period_twice_records_once(city_clerk, period):
    actions.change_period(period, 7, by=city_clerk)
    actions.change_period(period, 7, by=city_clerk)

    assert AuditEntry.objects.get(action="period.changed").before["length"] == 5


@pytest.mark.parametrize("length", [0, -1, 3651])
def test_a_period_without_sense_is_refused(city_clerk, period, length):
    with pytest.raises(RuleBroken):
        actions.change_period(period, length, by=city_clerk)


def test_a_district_changes_neither_periods_nor_years(db, period):
    clerk = make_staff(make_city().districts[0], "lead")

    with pytest.raises(PermissionDenied):
        actions.change_period(period, 7, by=clerk)
    with pytest.raises(PermissionDenied):
        actions.enter_year(2027, NEW_YEAR, source=SOURCE, by=clerk)


# Years


def test_the_seed_announces_three_years(seeded):
    assert list(AnnouncedYear.objects.values_list("year", flat=True)) == [2024, 2025, 2026]
    assert SpecialDay.objects.count() == 108


def test_seeding_again_undoes_no_correction(seeded, city_clerk):
    corrected = [Day(date(2026, 1, 1), "off", "元旦")]
    actions.enter_year(2026, corrected, source="更正通知", by=city_clerk)

    call_command("load_calendar", verbosity=0)

    assert SpecialDay.objects.filter(date__year=2026).count() == 1


def test_entering_a_year_makes_deadlines_final_and_tells_the_upper_rooms(seeded, city_clerk, monkeypatch):
    told = []
    monkeypatch.setattr(registry, "on_year_entered", [lambda *said: told.append(said)])

    actions.enter_year(2027, NEW_YEAR, source=SOURCE, by=city_clerk)

    assert days.add_working_days(date(2026, 12, 30), 2) == Deadline(date(2027, 1, 4), provisional=False)
    assert told == [(2027, city_clerk)]
    assert AuditEntry.objects.get(action="calendar.year_entered", target_id="2027").after["source"] == SOURCE


def test_entering_the_same_year_twice_tells_and_records_once(seeded, city_clerk, monkeypatch):
    told = []
    monkeypatch.setattr(registry, "on_year_entered", [lambda *said: told.append(said)])

    for _ in range(2):
        actions.enter_year(2027, NEW_YEAR, source=SOURCE, by=city_clerk)

    assert len(told) == 1
    assert AuditEntry.objects.filter(action="calendar.year_entered", target_id="2027").count() == 1


def test_a_correction_takes_the_place_of_what_stood_there(seeded, city_clerk):
    actions.enter_year(2027, NEW_YEAR, source=SOURCE, by=city_clerk)
    actions.enter_year(2027, [Day(date(2027, 1, 4), "off", "元旦")], source=SOURCE, by=city_clerk)

    assert [day.date for day in SpecialDay.objects.filter(date__year=2027)] == [date(2027, 1, 4)]


def test_a_notice_may_change_the_december_before(seeded, city_clerk):
    notice = [Day(date(2026, 12, 31), "off", "元旦"), *NEW_YEAR]

    for _ in range(2):
        actions.enter_year(2027, notice, source=SOURCE, by=city_clerk)

    assert not days.is_working_day(date(2026, 12, 31))


@pytest.mark.parametrize(
    ("year", "entered", "source"),
    [
        (2027, [], SOURCE),
        (2027, NEW_YEAR, "  "),
        (1890, NEW_YEAR, SOURCE),
        (2028, NEW_YEAR, SOURCE),
    ],
)
def test_a_year_without_days_or_source_or_of_other_days_is_refused(seeded, city_clerk, year, entered, source):
    with pytest.raises(RuleBroken):
        actions.enter_year(year, entered, source=source, by=city_clerk)


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_a_year_at_once_leave_one_of_the_two_lists_whole():
    clerk = make_staff(make_city().city)
    lists = [[Day(date(2027, month, n), "off", "节日") for n in range(1, 20)] for month in (1, 2)]
    actions.enter_year(2027, NEW_YEAR, source=SOURCE, by=clerk)

    at_the_same_time(
        *(
            lambda entered=entered: actions.enter_year(2027, entered, source=SOURCE, by=clerk)
            for entered in lists
        )
    )

    assert list(SpecialDay.objects.values_list("date", flat=True)) in [[d.date for d in one] for one in lists]


# Reading


def test_pasted_lines_are_read_in_every_usual_form():
    plan = read_days(
        ["date,kind,name", "2027-01-01,off,元旦", "2027年1月3日\t上班\t元旦", "", "2027/2/6，放假，春节"],
        year=2027,
    )

    assert plan.errors == []
    assert [(str(d.date), d.kind) for d in plan.days] == [
        ("2027-01-01", "off"),
        ("2027-01-03", "work"),
        ("2027-02-06", "off"),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2027-02-30,off,春节", "没有2027-02-30"),
        ("明天,off,春节", "日期应写成"),
        ("2027-01-01", "第二列"),
        ("2027-01-01,off", "第三列"),
        ("2026-01-01,off,元旦", "不在2027年"),
        ("", "没有读到"),
    ],
)
def test_a_line_with_a_fault_is_named(line, words):
    assert words in read_days([line], year=2027).errors[0]


def test_work_on_a_weekday_is_worth_a_second_look():
    plan = read_days(["2027-01-04,work,元旦"], year=2027)

    assert "请核对" in plan.warnings[0]


def test_the_system_may_enter_years(db):
    actions.enter_year(2027, NEW_YEAR, source=SOURCE, by=User.objects.system())

    assert AnnouncedYear.objects.filter(year=2027).exists()
