"""Dates as people write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.people.partial_dates import check_partial_date
from members.roster import dates


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("1958", "1958"),
        ("1958年", "1958"),
        ("1958.3", "1958-03"),
        ("1958.03", "1958-03"),
        ("1958．3", "1958-03"),
        ("１９５８年３月", "1958-03"),
        ("1958年3月", "1958-03"),
        ("1958 年 3 月", "1958-03"),
        ("1958年03月", "1958-03"),
        ("1958-3", "1958-03"),
        ("1958-03", "1958-03"),
        ("1958—03", "1958-03"),
        ("1958/3", "1958-03"),
        ("195803", "1958-03"),
        ("1958年3月1日", "1958-03-01"),
        ("1958年3月1号", "1958-03-01"),
        ("1958.3.1", "1958-03-01"),
        ("1958/3/1", "1958-03-01"),
        ("1958/03/01", "1958-03-01"),
        ("1958-03-01", "1958-03-01"),
        ("19580301", "1958-03-01"),
        ("1958-03-01 00:00:00", "1958-03-01"),
        ("1958/3/1 0:00", "1958-03-01"),
        ("1958-03-01T08:30:00", "1958-03-01"),
        ("21245", "1958-03-01"),
        (1958, "1958"),
        (1958.0, "1958"),
        (195803, "1958-03"),
        (19580301, "1958-03-01"),
        (1958.3, "1958-03"),
        (1958.03, "1958-03"),
        (1958.12, "1958-12"),
        (21245, "1958-03-01"),
        (21245.0, "1958-03-01"),
        (21245.5, "1958-03-01"),
        (21245.25, "1958-03-01"),
        (21245.123456, "1958-03-01"),
    ],
)
def test_a_date_is_read_as_it_is_meant_and_no_more_precise_than_it_is_written(cell, meant):
    assert dates.read(cell) == (meant, None)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1958年13月", "date_impossible"),
        ("1958-02-30", "date_impossible"),
        ("19581301", "date_impossible"),
        ("1858-03", "date_impossible"),
        (1958.13, "date_impossible"),
        ("不详", "date_unclear"),
        ("58.3", "date_unclear"),
        ("1958年春", "date_unclear"),
        ("٣٩٥٨-03", "date_unclear"),
        ("9" * 5000, "date_unclear"),
        (True, "date_unclear"),
        (-3, "date_unclear"),
        (float("nan"), "date_unclear"),
        (float("inf"), "date_unclear"),
        (1e300, "date_unclear"),
    ],
)
def test_what_is_no_date_is_said_and_left_out(cell, code):
    value, note = dates.read(cell)

    assert (value, note.code, note.level) == ("", code, "warning")


def test_a_number_that_may_be_january_or_october_is_kept_as_the_year():
    value, note = dates.read(1958.1)

    assert (value, note.code) == ("1958", "date_ambiguous")


@given(st.dates(date(1910, 1, 1), date(2060, 1, 1)), st.sampled_from(["%Y", "%Y-%m", "%Y-%m-%d"]))
def test_a_partial_date_comes_back_as_it_was_kept(day, form):
    kept = f"{day:{form}}"

    assert dates.read(kept) == (kept, None)


@given(st.dates(date(1910, 1, 1), date(2060, 1, 1)))
def test_the_day_count_of_excel_is_the_day(day):
    count = (day - dates.EXCEL_EPOCH).days

    assert {dates.read(cell)[0] for cell in (count, count + 0.5, str(count))} == {day.isoformat()}


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans()))
def test_no_cell_is_too_odd_for_a_date(cell):
    value, note = dates.read(cell)

    if value:
        check_partial_date(value)
        assert value.isascii()
    else:
        assert note is not None


@pytest.mark.parametrize(
    ("one", "other", "same"), [("1958", "1958-03", True), ("1958-03-01", "1958-04", False)]
)
def test_partial_dates_agree_as_far_as_both_say_something(one, other, same):
    assert dates.same(one, other) is same
