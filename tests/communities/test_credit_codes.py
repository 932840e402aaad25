import pytest
from hypothesis import given
from hypothesis import strategies as st

from communities.organisations import credit_codes

REAL = "91350100M000100Y43"  # the example of GB 32100-2015


def test_the_example_of_the_standard_is_valid():
    assert credit_codes.is_valid(REAL)


@pytest.mark.parametrize("place", range(18))
def test_any_one_wrong_character_is_noticed(place):
    other = "8" if REAL[place] != "8" else "7"

    assert not credit_codes.is_valid(REAL[:place] + other + REAL[place + 1 :])


@pytest.mark.parametrize(
    "code", ["", "9135", REAL + "1", REAL.replace("M", "I"), REAL.lower(), "９" + REAL[1:]]
)
def test_another_shape_is_refused(code):
    assert not credit_codes.is_valid(code)


def test_a_code_is_tidied_before_it_is_checked():
    assert credit_codes.tidy(" 91350100-m000100ｙ43 ") == REAL


@given(st.integers(min_value=0, max_value=99_999_999), st.sampled_from(["11", "12", "91"]))
def test_made_codes_are_valid(serial, kind):
    code = credit_codes.make(serial, kind=kind)

    assert credit_codes.is_valid(code)
    assert code.startswith(f"{kind}370200")


@given(st.text(max_size=30))
def test_no_text_breaks_the_check(text):
    credit_codes.is_valid(credit_codes.tidy(text))
