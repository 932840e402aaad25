"""A whole row: what its cells say together, and whose unit it speaks of."""

import pytest

from members.roster.checking import Checker
from members.roster.places import Places
from members.roster.tables import tables
from tests.members.factories import make_id_number

from .workbooks import HEADINGS, sheet, somebody, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("db")]  # the mark comes before the codes


def check(row, *, headings=HEADINGS, **about):
    """The person of a sheet with one row."""
    (one,) = tables([sheet(*table([row], headings), **about)], [])
    checker = Checker(one, Places.load())
    ((number, cells),) = one.people
    return checker.check(number, cells)


def codes_of(person):
    return [note.code for note in person.notes]


def test_a_good_row_says_who_it_is_and_nothing_else():
    person = check(somebody(1))

    assert (person.notes, person.is_refused) == ([], False)
    assert person.values["birth_date"].isoformat() == "1950-03-08"
    assert (person.values["sex"], person.values["rank"], person.values["retired_on"]) == (
        "M",
        "county_1",
        "2010-04",
    )


@pytest.mark.parametrize("empty", ["", " ", "\u3000", "\n"])
def test_an_empty_cell_says_nothing_also_with_spaces_in_it(empty):
    person = check(somebody(1, 手机号码=empty, 职级=empty, 政治面貌=empty, 离退休时间=empty, 性别=empty))

    assert not {"phone", "rank", "political_status", "retired_on"} & set(person.values)
    assert person.notes == []


@pytest.mark.parametrize("heading", ["姓名", "身份证号", "离退休类别"])
@pytest.mark.parametrize("empty", ["", "  "])
def test_what_is_needed_and_missing_keeps_the_row_out(heading, empty):
    person = check(somebody(1, **{heading: empty}))

    assert (person.is_refused, codes_of(person)) == (True, ["required"])


def test_the_id_number_decides_birth_and_sex_and_that_is_said():
    person = check(somebody(1, 性别="女", 出生日期="1951-03"))

    assert codes_of(person) == ["birth_disagrees", "sex_disagrees"]
    assert (person.values["sex"], str(person.values["birth_date"])) == ("M", "1950-03-08")


@pytest.mark.parametrize("birth", ["1950", "1950.3", "1950年3月", "1950/3/1", "1950-03-08", 1950.03])
def test_a_birth_that_says_less_does_not_disagree(birth):
    assert check(somebody(1, 出生日期=birth)).notes == []


def test_retired_before_the_first_working_day_is_said():
    row = somebody(1, 参加工作时间="1968-12", 离退休时间="1950-03")

    assert codes_of(check(row, headings=[*HEADINGS, "参加工作时间"])) == ["dates_disagree"]


def test_a_day_of_joining_the_party_does_not_go_with_the_masses():
    row = somebody(1, 政治面貌="群众", 入党时间="1975-07")

    assert codes_of(check(row, headings=[*HEADINGS, "入党时间"])) == ["party_disagrees"]


def test_nobody_who_began_after_september_1949_is_lixiu():
    row = somebody(1, 离退休类别="离休", 参加工作时间="1949-10")
    person = check(row, headings=[*HEADINGS, "参加工作时间"])

    assert (codes_of(person), person.is_refused) == (["kind_disagrees"], True)


def test_a_formula_without_its_result_is_said_and_left_out():
    person = check(somebody(1, 职级=""), uncached=[(2, HEADINGS.index("职级"))])

    assert (codes_of(person), person.is_refused) == (["formula"], False)


@pytest.mark.parametrize("heading", ["姓名", "身份证号", "离退休类别"])
def test_a_formula_in_place_of_who_it_is_keeps_the_row_out(heading):
    person = check(somebody(1, **{heading: ""}), uncached=[(2, HEADINGS.index(heading))])

    assert (codes_of(person), person.is_refused) == (["formula"], True)


def test_a_formula_in_a_column_that_says_nothing_is_not_said():
    assert check(somebody(1), uncached=[(2, 0), (2, 99)]).notes == []


def test_the_community_becomes_the_home(city):
    row = somebody(1, 居住地区市="市南区", 街道="香港中路街道", 社区="云霄路社区", 详细地址="云霄路 12 号")
    person = check(row, headings=[*HEADINGS, "居住地区市", "街道", "社区", "详细地址"])

    assert (person.values["residence_id"], person.values["elsewhere"]) == ("370202001001", "")
    assert person.values["residence_address"] == "云霄路 12 号"


def test_outside_the_city_all_words_are_the_address(city):
    row = somebody(1, 居住地区市="北京市海淀区", 社区="幸福里社区", 详细地址="1号楼")
    person = check(row, headings=[*HEADINGS, "居住地区市", "社区", "详细地址"])

    assert (person.values["elsewhere"], person.notes) == ("outside", [])
    assert person.values["residence_address"] == "北京市海淀区幸福里社区1号楼"


def test_a_date_of_excel_is_the_day():
    assert (
        check(
            somebody(1, 离退休时间="2010-04-01"),
        ).values["retired_on"]
        == "2010-04-01"
    )
    assert check(somebody(1, 离退休时间=40269)).values["retired_on"] == "2010-04-01"


def test_numbers_as_id_are_refused_and_15_digits_of_them_taken():
    assert codes_of(check(somebody(1, 身份证号=float(make_id_number(1)[:17] + "0")))) == ["id_lost_digits"]
    old = make_id_number(1)

    person = check(somebody(1, 身份证号=float(old[:6] + old[8:17])))

    assert (person.values["id_number"], codes_of(person)) == (old, ["id_15"])
