"""ID numbers, phones, the spelling of names."""

import contextlib
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from members.people import id_numbers, phones, pinyin
from tests.members.factories import make_id_number


@pytest.fixture(autouse=True)
def codes():
    """No code lists here."""


def test_the_example_of_the_standard_is_right():
    assert id_numbers.clean("11010519491231002X") == "11010519491231002X"


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        " 110105 19491231 002x ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002X",
    ],
)
def test_an_id_number_is_taken_as_people_write_it(written):
    assert id_numbers.clean(written) == "11010519491231002X"


def test_an_old_15_digit_number_becomes_18():
    assert id_numbers.clean("110105491231002") == "11010519491231002X"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("11010519491231002", "身份证号少 1 位"),
        ("11010519491231", "身份证号少 4 位"),
        ("11010519491231002X9", "身份证号多 1 位"),
        ("110105194912310021", "最后一位对不上"),
        ("1101051949123100人X", "不认识的字"),
        ("1101051949X231002X", "只能在最后一位"),
        ("110105194913310021", "出生日期不对"),
        ("110105304912310021", "出生年份不对"),
    ],
)
def test_a_wrong_id_number_is_told_what_is_wrong(written, words):
    with pytest.raises(ValidationError, match=words):
        id_numbers.clean(written)


def test_no_id_number_stays_none():
    assert id_numbers.clean("  ") == ""


def test_birth_date_and_sex_are_read_from_the_number():
    number = id_numbers.clean("11010519491231002X")

    assert id_numbers.birth_date(number) == date(1949, 12, 31)
    assert id_numbers.birth_month(number) == "1949-12"
    assert id_numbers.sex(number) == "F"


@given(st.integers(0, 499_999), st.dates(date(1910, 1, 1), date(1975, 1, 1)), st.sampled_from("MF"))
def test_every_made_number_is_valid_and_says_who_it_is(serial, born, sex):
    number = make_id_number(serial, born=born, sex=sex)

    assert id_numbers.clean(number) == number
    assert (id_numbers.birth_date(number), id_numbers.sex(number)) == (born, sex)


@given(st.integers(0, 499_999), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_noticed(serial, place, digit):
    number = make_id_number(serial)
    wrong = number[:place] + digit + number[place + 1 :]

    if wrong != number:
        with pytest.raises(ValidationError):
            id_numbers.clean(wrong)


@given(st.text(max_size=30))
def test_whatever_is_typed_is_taken_or_refused_in_words(text):
    for clean in (id_numbers.clean, phones.clean):
        with contextlib.suppress(ValidationError):
            clean(text)


@pytest.mark.parametrize(
    "written",
    [
        "13912345678",
        "139 1234 5678",
        "139-1234-5678",
        "+86 13912345678",
        "8613912345678",
        "１３９１２３４５６７８",
        "0086-139-1234-5678",
    ],
)
def test_a_phone_is_taken_as_people_write_it(written):
    assert phones.clean(written) == "13912345678"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("1391234567", "手机号少 1 位"),
        ("139123456789", "手机号多 1 位"),
        ("12912345678", "开头不对"),
        ("1391234567a", "不认识的字"),
    ],
)
def test_a_wrong_phone_is_told_what_is_wrong(written, words):
    with pytest.raises(ValidationError, match=words):
        phones.clean(written)


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        ("王建国", "wangjianguo wjg"),
        ("单田芳", "shantianfang stf"),
        ("曾国藩", "zengguofan zgf"),
        ("尉迟恭", "yuchigong ycg"),
        ("吕曾", "lvceng lc"),
        ("欧阳修齐", "ouyangxiuqi oyxq"),
        ("", ""),
    ],
)
def test_a_name_is_spelled_for_search(name, spelling):
    assert pinyin.spell(name) == spelling


@given(st.text(max_size=30))
def test_any_name_is_spelled_within_120_letters(name):
    assert len(pinyin.spell(name)) <= 120
