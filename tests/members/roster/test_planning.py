"""The verdict on each row, and that nothing is written before somebody has looked."""

from datetime import date

import pytest

from communities.organisations.models import Organisation
from members.people.models import Retiree
from members.roster import report
from members.roster.models import ImportRow
from members.units.models import UnitMembership
from tests.communities.factories import make_unit
from tests.members.factories import RetireeFactory, make_id_number, make_member

from .importing import adds_up, bring, codes_of, plan, rows_of
from .workbooks import HEADINGS, book, hainan, people, roster, somebody, table

pytestmark = pytest.mark.django_db

Verdict = ImportRow.Verdict


@pytest.fixture
def other_unit(city) -> Organisation:
    return make_unit("青岛市第二研究所", place=city.districts[0].division)


@pytest.fixture
def bureau(city) -> Organisation:
    return city.districts[0]


def verdicts(batch):
    return [(row.verdict, codes_of(row)) for row in rows_of(batch)]


def test_new_people_are_planned_and_nothing_is_written(unit):
    batch = plan(roster(people(3)), unit)

    assert verdicts(batch) == [(Verdict.NEW, [])] * 3
    assert (batch.state, Retiree.objects.count(), UnitMembership.objects.count()) == ("planned", 0, 0)


def test_what_was_planned_is_written(unit):
    bring(roster(people(3)), unit)

    assert UnitMembership.objects.open().filter(unit=unit).count() == 3
    person = Retiree.objects.get(name="陈国强")
    assert (person.id_number, person.rank, person.retired_on) == (make_id_number(1), "county_1", "2010-04")
    assert (str(person.birth_date), person.political_status) == ("1950-03-08", "cpc")


def test_the_layout_of_hainan_is_imported(unit):
    rows = [
        somebody(1, 单位全称=unit.name, 民族="汉族", 文化程度="大学", 人员类别="公务员", 入党时间="1975-07")
    ]

    batch = bring(hainan(rows), unit)

    assert report.of_plan(batch)["errors"] == []
    person = Retiree.objects.get()
    assert (person.original_post, person.category, person.education) == ("处长", "civil_servant", "bachelor")
    assert (person.party_joined_on, person.ethnicity) == ("1975-07", "01")


def test_sending_a_file_twice_changes_nothing(unit):
    content = roster(people(4))
    bring(content, unit)

    batch = plan(content, unit)

    found = report.of_plan(batch)
    assert [found[name] for name in ("rows", "new", "changed", "unchanged", "missing")] == [4, 0, 0, 4, 0]


def test_who_changed_shows_exactly_what_changed(unit):
    bring(roster(people(2)), unit)
    new = [somebody(1, 职级="副厅级", 离退休时间="2010-05", 手机号码="13911111111"), somebody(2)]

    batch = plan(roster(new), unit)

    changed, unchanged = rows_of(batch)
    assert (changed.verdict, sorted(changed.fields)) == (Verdict.CHANGED, ["phone", "rank", "retired_on"])
    assert changed.before == {"rank": "county_1", "retired_on": "2010-04"}
    assert (unchanged.verdict, unchanged.fields) == (Verdict.UNCHANGED, [])


def test_an_empty_cell_and_a_cell_of_spaces_change_nothing(unit):
    bring(roster(people(1)), unit)
    blank = somebody(1, 职级="", 手机号码=" ", 离退休时间="\u3000", 政治面貌="  ")

    batch = plan(roster([blank]), unit)

    assert verdicts(batch) == [(Verdict.UNCHANGED, [])]


def test_a_date_that_says_less_than_the_register_changes_nothing(unit):
    bring(roster([somebody(1, 离退休时间="2010-04-01")]), unit)

    assert [v for v, _ in verdicts(plan(roster([somebody(1, 离退休时间="2010.4")]), unit))] == [
        Verdict.UNCHANGED
    ]
    assert [v for v, _ in verdicts(plan(roster([somebody(1, 离退休时间="2010.5")]), unit))] == [
        Verdict.CHANGED
    ]


def test_who_is_not_in_the_file_is_counted_as_missing_and_left_alone(unit):
    bring(roster(people(3)), unit)

    batch = bring(roster(people(1)), unit)

    assert report.of_plan(batch)["missing"] == 2
    assert UnitMembership.objects.open().filter(unit=unit).count() == 3


def test_the_same_number_again_is_a_duplicate_and_the_first_one_counts(unit):
    batch = plan(roster([somebody(1), somebody(2), somebody(1)]), unit)

    assert [v for v, _ in verdicts(batch)] == [Verdict.NEW, Verdict.NEW, Verdict.DUPLICATE]
    assert "第 2 行" in rows_of(batch)[2].notes[-1]["message"]


def test_the_same_number_in_the_same_row_of_another_sheet_is_a_duplicate(unit):
    batch = bring(book(一=table(people(1)), 二=table(people(1))), unit)

    assert verdicts(batch) == [(Verdict.NEW, []), (Verdict.DUPLICATE, ["duplicate"])]
    assert "工作表“一”第 2 行" in rows_of(batch)[1].notes[0]["message"]
    assert Retiree.objects.count() == 1


def test_namesakes_with_one_birthday_in_the_same_row_of_two_sheets_are_looked_at(unit):
    batch = plan(book(一=table([somebody(1, 姓名="于延春")]), 二=table([somebody(2, 姓名="于延春")])), unit)

    assert [codes for _, codes in verdicts(batch)] == [[], ["likely_duplicate"]]


def test_a_namesake_with_the_birthday_of_a_member_is_looked_at_and_taken(unit):
    make_member(unit, name="于延春", birth_date=date(1950, 3, 8))

    batch = plan(roster([somebody(400, 姓名="于延春")]), unit)

    assert verdicts(batch) == [(Verdict.NEW, ["likely_duplicate"])]


def test_a_member_of_another_unit_is_left_out_and_asked_for(unit, other_unit):
    member = make_member(other_unit, name="于延春")

    batch = plan(roster([somebody(1, 姓名="于延春", 身份证号=member.id_number)]), unit)

    assert verdicts(batch) == [(Verdict.REJECTED, ["other_unit"])]
    assert (rows_of(batch)[0].other_unit_id, batch.counts["transfers"]) == (other_unit.pk, 1)


def test_a_number_of_somebody_else_tells_nothing_about_them(unit, other_unit):
    member = make_member(other_unit, name="王建国")

    batch = plan(roster([somebody(1, 姓名="于延春", 身份证号=member.id_number)]), unit)

    assert verdicts(batch) == [(Verdict.REJECTED, ["id_of_other"])]
    assert other_unit.name not in str(rows_of(batch)[0].notes)


def test_who_belongs_to_no_unit_yet_comes_in_as_new(unit):
    alone = RetireeFactory(name="于延春")

    batch = bring(roster([somebody(1, 姓名="于延春", 身份证号=alone.id_number)]), unit)

    assert verdicts(batch)[0][0] == Verdict.NEW
    assert UnitMembership.objects.get().retiree == alone


def test_who_belongs_to_no_unit_and_cannot_be_lixiu_is_left_out(unit):
    alone = RetireeFactory(name="于延春", joined_work_on="1970-01")

    batch = plan(roster([somebody(1, 姓名="于延春", 身份证号=alone.id_number, 离退休类别="离休")]), unit)

    assert verdicts(batch) == [(Verdict.REJECTED, ["kind_disagrees"])]


def test_a_row_that_is_left_out_is_not_said_to_be_looked_at_as_well(unit):
    found = report.of_plan(plan(roster([somebody(1, 身份证号="1", 职级="天级")]), unit))

    assert ([e["code"] for e in found["errors"]], found["warnings"]) == (["id_short"], [])


def test_somebody_who_moved_into_the_city_lives_elsewhere_no_more(unit):
    headings = [*HEADINGS, "居住地区市", "社区"]
    bring(roster([somebody(1, 居住地区市="北京市")], headings), unit)

    bring(roster([somebody(1, 居住地区市="市南区", 社区="云霄路社区")], headings), unit)

    person = Retiree.objects.get()
    assert (person.residence_id, person.elsewhere) == ("370202001001", "")


def test_rare_characters_and_formulas_are_names_like_others(unit):
    names = ["王𬸚", "李𫍯", '=HYPERLINK("http://x")', "@SUM(A)", "-王建国"]

    batch = bring(roster([somebody(n, 姓名=name) for n, name in enumerate(names, 1)]), unit)

    assert set(Retiree.objects.values_list("name", flat=True)) == {*names}
    assert {codes for _, c in verdicts(batch) for codes in c} == set()


# A bureau's file


def test_a_row_of_another_unit_is_left_out_of_a_units_file(unit, other_unit):
    headings = [*HEADINGS, "单位全称"]
    rows = [
        somebody(1, 单位全称=unit.name),
        somebody(2, 单位全称=other_unit.name),
        somebody(3, 单位全称="某单位"),
    ]

    batch = plan(roster(rows, headings), unit)

    assert [codes for _, codes in verdicts(batch)] == [[], ["other_unit_named"], []]


def test_a_sheet_of_another_unit_is_left_out_of_a_units_file(unit, other_unit):
    batch = plan(book(**{other_unit.name: table(people(2)), unit.name: table(people(1, 9))}), unit)

    assert [codes for _, codes in verdicts(batch)] == [["other_unit_named"], ["other_unit_named"], []]


def test_a_bureau_brings_several_units_named_in_a_column(bureau, unit, other_unit):
    headings = [*HEADINGS, "单位全称"]
    rows = [
        somebody(1, 单位全称=unit.name),
        somebody(2, 单位全称=f" {other_unit.name} "),
        somebody(3, 单位全称="某单位"),
    ]

    batch = bring(roster(rows, headings), bureau)

    assert [row.unit_id for row in rows_of(batch)] == [unit.pk, other_unit.pk, None]
    assert codes_of(rows_of(batch)[2]) == ["unit_unknown"]
    assert UnitMembership.objects.open().filter(unit=other_unit).count() == 1


def test_a_bureau_brings_several_units_named_by_their_sheets(bureau, unit, other_unit):
    batch = bring(book(**{unit.name: table(people(2)), other_unit.name: table(people(1, 9))}), bureau)

    assert [row.unit_id for row in rows_of(batch)] == [unit.pk, unit.pk, other_unit.pk]
    assert adds_up(report.of_plan(batch))


def test_a_units_name_with_brackets_is_known_in_any_width(bureau, city):
    school = make_unit("青岛市第一中学（北校区）", place=city.districts[0].division)
    rows = [somebody(1, 单位全称="青岛市第一中学（北校区）"), somebody(2, 单位全称="青岛市第一中学(北校区)")]

    batch = plan(roster(rows, [*HEADINGS, "单位全称"]), bureau)

    assert [row.unit_id for row in rows_of(batch)] == [school.pk, school.pk]


def test_a_bureau_cannot_bring_a_unit_of_another_district(bureau, city):
    far = make_unit("市北区研究所", place=city.districts[1].division)

    batch = plan(roster([somebody(1, 单位全称=far.name)], [*HEADINGS, "单位全称"]), bureau)

    assert codes_of(rows_of(batch)[0]) == ["unit_unknown"]
