"""What a unit says of its people: enrol, correct, vouch, flags."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from members.people import actions, fields, registry
from members.people.models import Retiree
from members.people.shredding import opened
from members.units.actions import unit_of
from tests.communities.factories import make_external_unit, make_staff, make_unit
from tests.members.factories import RetireeFactory, make_id_number, make_member
from tests.members.racing import race

pytestmark = pytest.mark.django_db

VALUES = {
    "name": "李淑华",
    "id_number": make_id_number(7, born=date(1948, 7, 1), sex="F"),
    "phone": "139 0000 0007",
    "kind": "tuixiu",
    "rank": "county_1",
    "retired_on": "2008-08",
}


def test_enrolling_makes_a_person_of_the_unit(unit, unit_clerk):
    person = actions.enrol(VALUES, unit.pk, by=unit_clerk)

    person = Retiree.objects.get(pk=person.pk)
    assert (person.name, person.name_pinyin, person.standing) == ("李淑华", "lishuhua lsh", "roster")
    assert (person.birth_date, person.sex) == (date(1948, 7, 1), "F")
    assert (person.phone, person.phone_tail) == ("13900000007", "0007")
    assert unit_of(person) == unit


def test_enrolling_is_audited_without_full_numbers(unit, unit_clerk):
    person = actions.enrol(VALUES, unit.pk, by=unit_clerk)

    entry = AuditEntry.objects.get(action="retiree.enrolled", target_id=str(person.pk))
    assert entry.after["id_number"] == f"…{person.id_number[-4:]}"
    assert person.phone not in str(entry.after)


def test_enrolling_twice_enters_one_person(unit, unit_clerk):
    first = actions.enrol(VALUES, unit.pk, by=unit_clerk)
    second = actions.enrol(VALUES, unit.pk, by=unit_clerk)

    assert first == second
    assert AuditEntry.objects.filter(action="retiree.enrolled").count() == 1


def test_an_old_record_without_numbers_is_taken(unit, unit_clerk):
    person = actions.enrol({"name": "周平"}, unit.pk, by=unit_clerk)

    assert person.id_index is None
    assert ("id_number", "身份证号") in fields.missing_for_confirmation(person)


def test_who_is_in_another_units_roster_is_refused_and_told_where(city, unit, unit_clerk):
    other = make_unit("青岛市第二中学", place=city.districts[0].division)
    actions.enrol(VALUES, unit.pk, by=unit_clerk)

    with pytest.raises(RuleBroken, match="青岛市第一研究所"):
        actions.enrol(VALUES, other.pk, by=make_staff(other))


def test_who_registered_alone_is_taken_over_by_the_roster(unit, unit_clerk):
    claimed = RetireeFactory(
        standing="claimed", id_number=VALUES["id_number"], birth_date=date(1948, 7, 1), sex="F", name="李淑花"
    )

    person = actions.enrol(VALUES, unit.pk, by=unit_clerk)

    assert person.pk == claimed.pk
    assert (person.standing, person.name) == ("roster", "李淑华")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": " "}, "请填姓名"),
        ({"id_number": "37020219480701"}, "身份证号少 4 位"),
        ({"rank": "general"}, "请从列表里选一项"),
        ({"retired_on": "2008/8"}, "请填年份"),
        ({"birth_date": date(1950, 1, 1)}, "出生日期和身份证号对不上"),
        ({"sex": "M"}, "性别和身份证号对不上"),
        ({"kind": "lixiu", "joined_work_on": "1950-01"}, "1949 年 9 月 30 日以前"),
    ],
)
def test_a_wrong_value_is_refused_in_words(unit, unit_clerk, values, words):
    with pytest.raises(RuleBroken, match=words):
        actions.enrol(VALUES | values, unit.pk, by=unit_clerk)


def test_another_unit_enrols_nobody_here(city, unit):
    other = make_unit()

    with pytest.raises(PermissionDenied):
        actions.enrol(VALUES, unit.pk, by=make_staff(other))


def test_the_bureau_above_may_enrol(unit, bureau_clerk):
    assert actions.enrol(VALUES, unit.pk, by=bureau_clerk).standing == "roster"


@pytest.mark.django_db(transaction=True)
def test_two_who_enrol_the_same_person_at_once_make_one(unit, unit_clerk):
    answers = race(2, lambda _: actions.enrol(VALUES, unit.pk, by=unit_clerk))

    assert Retiree.objects.count() == 1
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(answer, RuleBroken) for answer in refused)


# vouching


def test_a_unit_vouches_for_a_claimed_person(unit, unit_clerk):
    person = RetireeFactory(standing="claimed", claimed_unit=unit)

    actions.confirm_standing(person.pk, unit.pk, by=unit_clerk)

    person.refresh_from_db()
    assert (person.standing, person.claimed_unit) == ("roster", None)
    assert unit_of(person) == unit
    assert AuditEntry.objects.filter(action="retiree.vouched").count() == 1


def test_vouching_twice_is_once(unit, unit_clerk):
    person = RetireeFactory(standing="claimed", claimed_unit=unit)
    actions.confirm_standing(person.pk, unit.pk, by=unit_clerk)
    actions.confirm_standing(person.pk, unit.pk, by=unit_clerk)

    assert AuditEntry.objects.filter(action="retiree.vouched").count() == 1


def test_a_unit_does_not_vouch_for_who_has_another_unit(city, member):
    other = make_unit()

    with pytest.raises(RuleBroken, match="现由“青岛市第一研究所”管理"):
        actions.confirm_standing(member.pk, other.pk, by=make_staff(other))


def test_nobody_vouches_in_the_name_of_another_unit(unit, stranger):
    person = RetireeFactory(standing="claimed")

    with pytest.raises(PermissionDenied):
        actions.confirm_standing(person.pk, unit.pk, by=stranger)


def test_nobody_vouches_for_oneself(unit, unit_clerk):
    person = RetireeFactory(standing="claimed", claimed_unit=unit, user=unit_clerk)

    with pytest.raises(PermissionDenied):
        actions.confirm_standing(person.pk, unit.pk, by=unit_clerk)


def test_the_community_that_saw_the_paper_vouches_for_a_unit_outside(city, community_clerk):
    outside = make_external_unit()
    person = RetireeFactory(standing="claimed", residence=city.communities[0].division)

    actions.confirm_standing(person.pk, outside.pk, by=community_clerk)

    assert unit_of(person) == outside


# correcting


def test_a_unit_corrects_what_it_owns(member, unit_clerk):
    actions.update_unit_fields(member.pk, {"name": "王建军", "rank": "county_2"}, by=unit_clerk)

    member.refresh_from_db()
    assert (member.name, member.name_pinyin, member.rank, member.version) == (
        "王建军",
        "wangjianjun wjj",
        "county_2",
        2,
    )
    entry = AuditEntry.objects.get(action="retiree.corrected")
    assert (entry.before["rank"], entry.after["rank"]) == ("county_1", "county_2")
    names = opened([entry.before["name"], entry.after["name"]])
    assert list(names.values()) == ["王建国", "王建军"]


def test_the_rooms_above_hear_what_changed(member, unit_clerk, monkeypatch):
    heard = []
    monkeypatch.setattr(registry, "on_changed", [lambda person, names, by: heard.append(names)])

    actions.update_unit_fields(member.pk, {"rank": "county_2", "name": member.name}, by=unit_clerk)

    assert heard == [frozenset(["rank"])]


def test_correcting_to_the_same_changes_and_records_nothing(member, unit_clerk):
    actions.update_unit_fields(member.pk, {"rank": member.rank}, by=unit_clerk)

    member.refresh_from_db()
    assert member.version == 1
    assert not AuditEntry.objects.filter(action="retiree.corrected").exists()


def test_what_was_typed_into_a_stale_page_is_refused(member, unit_clerk):
    actions.update_unit_fields(member.pk, {"rank": "county_2"}, by=unit_clerk, version=1)

    with pytest.raises(RuleBroken, match="请刷新后再改"):
        actions.update_unit_fields(member.pk, {"rank": "clerk"}, by=unit_clerk, version=1)


def test_a_unit_does_not_write_what_the_community_owns(member, unit_clerk):
    with pytest.raises(RuleBroken, match="居住状态由另一方管理"):
        actions.update_unit_fields(member.pk, {"living_situation": "alone"}, by=unit_clerk)


def test_an_id_number_that_is_somebody_elses_is_refused(unit, member, unit_clerk):
    other = make_member(unit)

    with pytest.raises(RuleBroken, match="另一位老同志名下"):
        actions.update_unit_fields(member.pk, {"id_number": other.id_number}, by=unit_clerk)


@pytest.mark.parametrize("who", ["community_clerk", "stranger"])
def test_the_community_does_not_write_what_the_unit_owns(member, city, who, request):
    member.residence = city.communities[0].division
    member.save()

    with pytest.raises(PermissionDenied):
        actions.update_unit_fields(member.pk, {"rank": "clerk"}, by=request.getfixturevalue(who))


# flags


def test_a_bureau_takes_somebody_out_of_the_statistics(member, bureau_clerk):
    actions.set_flags(member.pk, statistics_flag=False, by=bureau_clerk)

    member.refresh_from_db()
    assert member.statistics_flag is False
    assert AuditEntry.objects.get(action="retiree.flagged").after == {"statistics_flag": False}


def test_a_unit_sets_no_flags(member, unit_clerk):
    with pytest.raises(PermissionDenied):
        actions.set_flags(member.pk, statistics_flag=False, by=unit_clerk)


def test_an_empty_record_says_what_is_missing(db):
    person = RetireeFactory(rank="", phone="")

    share, missing = fields.completeness(person)

    assert fields.missing_for_confirmation(person) == [("phone", "手机号码"), ("rank", "职级")]
    assert 0 < share < 1
    assert "紧急联系人" in missing
