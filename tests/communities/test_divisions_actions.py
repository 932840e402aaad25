import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from communities.divisions import actions
from communities.divisions.models import Division, DivisionAlias, NamedPlace
from communities.divisions.register import QINGDAO, Row, read_register
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken

from .factories import DISTRICTS, NamedPlaceFactory, make_city, make_staff, make_unit
from .threads import at_the_same_time

Level = Division.Level


@pytest.fixture
def city(db):
    return make_city()


@pytest.fixture
def clerk(city):
    """Of the bureau of 市南区, where communities 0 to 3 are."""
    return make_staff(city.districts[0])


@pytest.fixture
def system(db):
    return User.objects.system()


def file_of(rows):
    lines = ["code,name,level,parent_code", *(",".join(row) for row in rows)]
    return io.StringIO("\n".join(lines))


def register_of_the_tiny_city(**renamed):
    rows = [
        Row("370000000000", "山东省", Level.PROVINCE, ""),
        Row("370200000000", "青岛市", Level.CITY, "370000000000"),
    ]
    for district, streets in DISTRICTS.items():
        rows.append(Row(*district, Level.DISTRICT, "370200000000"))
        for street, communities in streets.items():
            rows.append(Row(*street, Level.STREET, district[0]))
            rows += [Row(code, name, Level.COMMUNITY, street[0]) for code, name in communities]
    return [Row(row.code, renamed.get(f"c{row.code}", row.name), row.level, row.parent_code) for row in rows]


def test_the_register_of_qingdao_is_loaded_whole(system):
    with QINGDAO.open(encoding="utf-8") as file:
        report = actions.load(read_register(file), by=system)

    counts = {level: Division.objects.filter(level=level).count() for level in Level}
    assert counts == {"province": 1, "city": 1, "district": 10, "street": 141, "community": 2120}
    assert len(report.added) == 2273
    assert Division.objects.filter(is_virtual=True).count() == 2


def test_loading_takes_a_few_statements_only(system, django_assert_max_num_queries):
    with QINGDAO.open(encoding="utf-8") as file:
        rows = read_register(file)

    with django_assert_max_num_queries(15):
        actions.load(rows, by=system)


def test_loading_twice_changes_and_records_nothing(system):
    actions.load(register_of_the_tiny_city(), by=system)
    report = actions.load(register_of_the_tiny_city(), by=system)

    assert (report.added, report.renamed, report.vanished, report.unchanged) == ([], [], [], 16)
    assert AuditEntry.objects.filter(action="divisions.loaded").count() == 1


def test_a_name_the_register_changed_is_reported_and_the_former_one_stays_an_alias(city, system):
    report = actions.load(register_of_the_tiny_city(c370202001001="闽江路社区居委会"), by=system)

    assert report.renamed == [{"code": "370202001001", "from": "云霄路社区", "to": "闽江路社区居委会"}]
    assert Division.objects.get(pk="370202001001").short_name == "闽江路社区"
    assert DivisionAlias.objects.get(alias="云霄路社区").division_id == "370202001001"


def test_a_place_the_register_lost_is_reported_and_stays_open(city, system):
    rows = [row for row in register_of_the_tiny_city() if row.code != "370202001001"]

    report = actions.load(rows, by=system)

    assert report.vanished == [{"code": "370202001001", "name": "云霄路社区"}]
    assert Division.objects.get(pk="370202001001").closed_on is None


def test_a_file_of_one_district_says_nothing_about_the_other(city, system):
    rows = [row for row in register_of_the_tiny_city() if not row.code.startswith("370203")]

    assert actions.load(rows, by=system).vanished == []


def test_what_was_done_by_hand_outlives_the_next_load(city, clerk, system):
    added = actions.add_community("370202001000", "惠风社区", by=clerk)
    actions.rename("370202001001", "闽江路社区", by=clerk)
    actions.close("370202001014", by=clerk)

    report = actions.load(register_of_the_tiny_city(), by=system)

    assert [row["code"] for row in report.kept] == ["370202001001", "370202001014"]
    assert report.vanished == []
    assert Division.objects.get(pk=added.pk).closed_on is None
    assert Division.objects.get(pk="370202001001").name == "闽江路社区"
    assert Division.objects.get(pk="370202001014").closed_on


def test_loading_is_not_a_district_s_to_do(city, clerk):
    with pytest.raises(PermissionDenied):
        actions.load(register_of_the_tiny_city(), by=clerk)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("37", "山东省", "province", "")], "12位"),
        ([("370000000000", "山东省", "planet", "")], "级别"),
        ([("370000000000", "", "province", "")], "名称"),
        ([("370200000000", "青岛市", "city", "370000000000")], "不在文件里"),
        ([("370000000000", "山东省", "province", "")] * 2, "重复"),
        ([], "没有数据"),
    ],
)
def test_a_file_with_a_fault_is_refused_by_its_line(rows, words):
    with pytest.raises(RuleBroken, match=words):
        read_register(file_of(rows))


def test_an_added_community_gets_a_code_of_ours_an_organisation_and_an_entry(city, clerk):
    first = actions.add_community("370202001000", "惠风社区居民委员会", by=clerk, reason="新建小区")
    second = actions.add_community("370202001000", "和畅社区", by=clerk)

    assert (first.code, second.code) == ("370202001900", "370202001901")
    organisation = Organisation.objects.get(code=first.code)
    assert (organisation.name, organisation.parent) == ("惠风社区", city.streets[0])
    assert AuditEntry.objects.get(target_id=first.code).note == "新建小区"


def test_adding_the_same_community_twice_adds_one(city, clerk):
    actions.add_community("370202001000", "惠风社区", by=clerk)
    actions.add_community("370202001000", "惠风社区", by=clerk)

    assert Division.objects.filter(short_name="惠风社区").count() == 1
    assert AuditEntry.objects.filter(action="community.added").count() == 1


@pytest.mark.parametrize(
    ("street", "name", "code"),
    [
        ("370202000000", "惠风社区", "not_a_street"),
        ("370202001001", "惠风社区", "not_a_street"),
        ("370202001000", "云霄路社区居委会", "name_taken"),
        ("370202001000", " ", "bad_name"),
        ("370202001000", "长" * 61, "bad_name"),
    ],
)
def test_adding_is_refused_where_it_makes_no_sense(city, clerk, street, name, code):
    with pytest.raises(RuleBroken) as refused:
        actions.add_community(street, name, by=clerk)

    assert refused.value.code == code


@pytest.mark.django_db(transaction=True)
def test_two_who_add_at_once_get_two_codes():
    city = make_city()
    clerk = make_staff(city.districts[0])

    results = at_the_same_time(
        lambda: actions.add_community("370202001000", "惠风社区", by=clerk).code,
        lambda: actions.add_community("370202001000", "和畅社区", by=clerk).code,
    )

    assert sorted(results) == ["370202001900", "370202001901"]


def test_a_renamed_community_keeps_its_code_and_its_organisation_follows(city, clerk):
    community = actions.rename("370202001001", "闽江路社区居委会", by=clerk, reason="更名批复")

    assert (community.short_name, community.renamed_by_hand) == ("闽江路社区", True)
    assert Organisation.objects.get(code="370202001001").name == "闽江路社区"
    entry = AuditEntry.objects.get(action="community.renamed")
    assert (entry.before, entry.note) == ({"name": "云霄路社区"}, "更名批复")


def test_renaming_twice_records_once(city, clerk):
    actions.rename("370202001001", "闽江路社区", by=clerk)
    actions.rename("370202001001", "闽江路社区", by=clerk)

    assert AuditEntry.objects.filter(action="community.renamed").count() == 1


def test_a_name_the_street_already_has_is_refused(city, clerk):
    with pytest.raises(RuleBroken, match="浮山所社区"):
        actions.rename("370202001001", "浮山所社区居委会", by=clerk)


def test_merging_closes_one_and_hands_its_names_over(city, clerk):
    NamedPlaceFactory(community_id="370202001001", name="惠风花园")

    closed = actions.merge("370202001001", into="370202001014", by=clerk, reason="撤并")

    assert (closed.successor_id, closed.closed_on) == ("370202001014", timezone.localdate())
    assert NamedPlace.objects.get().community_id == "370202001014"
    assert DivisionAlias.objects.get(alias="云霄路社区").division_id == "370202001014"
    organisation = Organisation.objects.get(code="370202001001")
    assert organisation.successor == city.communities[1]
    assert AuditEntry.objects.get(action="community.merged").after["successor"] == "370202001014"


def test_merging_ends_the_work_of_the_closed_community_s_staff(city, clerk):
    make_staff(city.communities[0])

    actions.merge("370202001001", into="370202001014", by=clerk)

    assert Assignment.objects.get(organisation=city.communities[0]).valid_until == timezone.localdate()


def test_merging_hands_over_a_name_that_both_have_only_once(city, clerk):
    NamedPlaceFactory(community_id="370202001001", name="惠风花园")
    NamedPlaceFactory(community_id="370202001014", name="惠风花园")

    actions.merge("370202001001", into="370202001014", by=clerk)

    assert NamedPlace.objects.count() == 1


def test_merging_twice_records_once(city, clerk):
    actions.merge("370202001001", into="370202001014", by=clerk)
    actions.merge("370202001001", into="370202001014", by=clerk)

    assert AuditEntry.objects.filter(action="community.merged").count() == 1


@pytest.mark.parametrize(
    ("code", "into", "refusal"),
    [
        ("370202001001", "370202001001", "same_community"),
        ("370202001001", "370202001000", "not_a_community"),
        ("370202001000", "370202001001", "not_a_community"),
        ("370202001001", "370202007001", "closed"),
        ("370202007001", "370202001001", "closed"),
    ],
)
def test_merging_is_refused_where_it_makes_no_sense(city, clerk, code, into, refusal):
    actions.close("370202007001", by=clerk)

    with pytest.raises(RuleBroken) as refused:
        actions.merge(code, into=into, by=clerk)

    assert refused.value.code == refusal


def test_a_community_cannot_close_tomorrow(city, clerk):
    with pytest.raises(RuleBroken, match="今天"):
        actions.close("370202001001", by=clerk, on=timezone.localdate() + timedelta(days=1))


def test_closing_twice_keeps_the_first_day_and_records_once(city, clerk):
    actions.close("370202001001", by=clerk, on=date(2026, 1, 5))
    closed = actions.close("370202001001", by=clerk)

    assert closed.closed_on == date(2026, 1, 5)
    assert AuditEntry.objects.filter(action="community.closed").count() == 1
    assert Organisation.objects.get(code="370202001001").closed_on == date(2026, 1, 5)


def test_a_closed_community_is_not_renamed(city, clerk):
    actions.close("370202001001", by=clerk)

    with pytest.raises(RuleBroken, match="撤销"):
        actions.rename("370202001001", "闽江路社区", by=clerk)


@pytest.mark.django_db(transaction=True)
def test_two_who_merge_crosswise_at_once_leave_one_open():
    city = make_city()
    clerk = make_staff(city.districts[0])

    at_the_same_time(
        lambda: actions.merge("370202001001", into="370202001014", by=clerk),
        lambda: actions.merge("370202001014", into="370202001001", by=clerk),
    )

    assert Division.objects.open().filter(code__in=["370202001001", "370202001014"]).count() == 1


@pytest.mark.parametrize(
    "who", ["other_district", "street", "community", "unit", "nobody", "former", "disabled"]
)
@pytest.mark.parametrize("verb", ["add", "rename", "merge", "close"])
def test_only_the_bureau_of_the_place_changes_communities(city, who, verb):
    user = {
        "other_district": lambda: make_staff(city.districts[1]),
        "street": lambda: make_staff(city.streets[0]),
        "community": lambda: make_staff(city.communities[0], "lead"),
        "unit": lambda: make_staff(make_unit(), "lead"),
        "nobody": lambda: User.objects.create_user("nobody", display_name="路人"),
        "former": lambda: make_staff(city.districts[0], valid_until=date(2025, 1, 1)),
        "disabled": lambda: make_staff(city.districts[0], is_active=False),
    }[who]()
    act = {
        "add": lambda: actions.add_community("370202001000", "惠风社区", by=user),
        "rename": lambda: actions.rename("370202001001", "闽江路社区", by=user),
        "merge": lambda: actions.merge("370202001001", into="370202001014", by=user),
        "close": lambda: actions.close("370202001001", by=user),
    }[verb]

    with pytest.raises(PermissionDenied):
        act()


def test_a_district_may_not_merge_into_another_district(city, clerk):
    with pytest.raises(PermissionDenied):
        actions.merge("370202001001", into="370203008002", by=clerk)


def test_the_city_bureau_may_merge_across_districts(city):
    merged = actions.merge("370202001001", into="370203008002", by=make_staff(city.city))

    assert merged.successor_id == "370203008002"


@pytest.mark.parametrize("who", ["community", "street", "bureau"])
def test_those_who_know_the_place_list_its_estates_and_roads(city, who):
    organisation = {"community": city.communities[0], "street": city.streets[0], "bureau": city.city}[who]
    user = make_staff(organisation)

    new = actions.add_places("370202001001", [NamedPlace(kind="estate", name="惠风 花园")], by=user)
    again = actions.add_places("370202001001", [NamedPlace(kind="estate", name="惠风花园")], by=user)

    assert (new, again) == (1, 0)
    assert NamedPlace.objects.get().sound
    assert AuditEntry.objects.filter(action="community.places_added").count() == 1


def test_a_neighbouring_community_does_not_list_them(city):
    user = make_staff(city.communities[1])
    place = NamedPlaceFactory(community_id="370202001001")

    with pytest.raises(PermissionDenied):
        actions.add_places("370202001001", [NamedPlace(kind="estate", name="惠风花园")], by=user)
    with pytest.raises(PermissionDenied):
        actions.remove_place(place.pk, by=user)


def test_removing_a_place_twice_records_once(city, clerk):
    place = NamedPlaceFactory(community_id="370202001001", name="惠风花园")

    actions.remove_place(place.pk, by=clerk)
    actions.remove_place(place.pk, by=clerk)

    assert AuditEntry.objects.get(action="community.place_removed").before == {"places": ["惠风花园"]}
