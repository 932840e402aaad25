import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from communities.calendar.models import AnnouncedYear, Period, SpecialDay
from communities.calendar.periods import declared
from communities.divisions.models import Division, NamedPlace
from communities.organisations.models import Organisation
from huifeng.accounts.models import User

from .factories import NamedPlaceFactory, make_city, make_staff, make_unit

COMMUNITY, STREET = "370202001001", "370202001000"
LINES = "2027-01-01,放假,元旦\n2027-01-03,上班,元旦"
SOURCE = "国务院办公厅关于2027年部分节假日安排的通知"


@pytest.fixture
def city(db):
    return make_city()


@pytest.fixture
def district(client, city):
    """A browser of the bureau of 市南区."""
    client.force_login(make_staff(city.districts[0]))
    return client


@pytest.fixture
def city_bureau(client, city):
    client.force_login(make_staff(city.city))
    return client


def pages():
    return [
        reverse("places:places"),
        reverse("places:places") + "?q=云霄",
        reverse("places:street", args=[STREET]),
        reverse("places:add", args=[STREET]),
        reverse("places:community", args=[COMMUNITY]),
        reverse("calendar:calendar"),
        reverse("calendar:year", args=[2026]),
        reverse("calendar:enter", args=[2027]),
        reverse("calendar:period", args=[next(iter(declared))]),
    ]


def test_every_page_opens_for_the_city_bureau(city_bureau):
    NamedPlaceFactory(community_id=COMMUNITY, name="惠风花园")

    assert [city_bureau.get(url).status_code for url in pages()] == [200] * 9


def test_every_page_sends_a_stranger_to_the_login(client, city):
    assert {client.get(url).status_code for url in pages()} == {302}


@pytest.mark.parametrize("who", ["community", "street", "unit", "nobody"])
def test_every_page_is_closed_to_those_who_work_for_no_bureau(client, city, who):
    user = {
        "community": lambda: make_staff(city.communities[0]),
        "street": lambda: make_staff(city.streets[0]),
        "unit": lambda: make_staff(make_unit()),
        "nobody": lambda: User.objects.create_user("nobody", display_name="路人"),
    }[who]()
    client.force_login(user)

    assert {client.get(url).status_code for url in pages()} == {403}


def test_a_community_elsewhere_does_not_exist_for_a_district(district):
    for name, code in (("community", "370203008002"), ("street", "370203008000"), ("add", "370203008000")):
        assert district.get(reverse(f"places:{name}", args=[code])).status_code == 404


@pytest.mark.parametrize("act", ["rename", "merge", "close", "contact", "add_places"])
def test_acts_elsewhere_are_404_and_cannot_be_done_by_an_address_alone(district, act):
    assert district.post(reverse(f"places:{act}", args=["370203008002"]), {}).status_code == 404
    assert district.get(reverse(f"places:{act}", args=[COMMUNITY])).status_code == 405


def test_the_search_finds_by_any_part_of_the_name_within_the_area_only(district):
    assert "云霄路社区" in district.get(reverse("places:places"), {"q": "霄路"}).text
    assert "没有找到" in district.get(reverse("places:places"), {"q": "登州路"}).text


def test_a_community_is_added_on_its_street_s_page(district):
    url = reverse("places:add", args=[STREET])

    answer = district.post(url, {"name": "惠风社区居民委员会", "reason": "新建"}, follow=True)

    assert "已在香港中路街道新增惠风社区" in answer.text
    assert Organisation.objects.get(name="惠风社区").parent.code == STREET


def test_a_name_without_a_reason_comes_back_with_what_was_written(district):
    answer = district.post(reverse("places:add", args=[STREET]), {"name": "惠风社区", "reason": ""})

    assert answer.status_code == 422
    assert "请填写依据或原因" in answer.text
    assert 'value="惠风社区"' in answer.text


def test_a_rule_that_says_no_is_409_with_its_sentence(district):
    answer = district.post(reverse("places:add", args=[STREET]), {"name": "云霄路社区", "reason": "重复"})

    assert answer.status_code == 409
    assert "已有云霄路社区" in answer.text


def test_a_community_is_renamed_on_its_page(district):
    url = reverse("places:rename", args=[COMMUNITY])

    answer = district.post(url, {"name": "闽江路社区", "reason": "更名批复"}, follow=True)

    assert "曾用名：云霄路社区" in answer.text
    assert "更名：更名批复" in answer.text


def test_what_a_colleague_did_to_a_community_stands_on_its_page(client, city):
    url = reverse("places:rename", args=[COMMUNITY])
    client.force_login(make_staff(city.city))
    client.post(url, {"name": "闽江路社区", "reason": "更名批复"})

    client.force_login(make_staff(city.districts[0]))
    answer = client.get(reverse("places:community", args=[COMMUNITY]))

    assert "更名：更名批复" in answer.text


def test_a_community_is_merged_on_its_page_and_stays_readable(district):
    url = reverse("places:merge", args=[COMMUNITY])
    said = {"into": "370202001014", "on_0": "2026", "on_1": "1", "on_2": "5", "reason": "撤并"}

    answer = district.post(url, said, follow=True)

    assert "云霄路社区已并入浮山所社区" in answer.text
    assert Division.objects.get(pk=COMMUNITY).closed_on.isoformat() == "2026-01-05"
    assert 'id="s-contact"' not in answer.text


def test_merging_offers_the_open_communities_of_the_own_district_only(district):
    form = district.get(reverse("places:community", args=[COMMUNITY])).context["merge_form"]

    offered = {code for _, group in form.fields["into"].choices[1:] for code, _ in group}
    assert offered == {"370202001014", "370202007001", "370202007004"}


def test_a_community_is_closed_on_its_page(district):
    said = {"on_0": "2026", "on_1": "1", "on_2": "5", "reason": "拆迁"}

    district.post(reverse("places:close", args=[COMMUNITY]), said)

    assert Organisation.objects.get(code=COMMUNITY).closed_on.isoformat() == "2026-01-05"


def test_contact_and_hours_are_kept(district):
    said = {"address": "云霄路1号", "phone": "0532-12345678", "contact": "李主任", "hours": "工作日"}

    district.post(reverse("places:contact", args=[COMMUNITY]), said)

    assert Organisation.objects.filter(code=COMMUNITY, **said).exists()


def test_estates_and_roads_are_added_by_the_line_and_taken_off_one_by_one(district):
    lines = "湛山花园\n香港西路 1-99 单\n云霄路\n\n"

    district.post(reverse("places:add_places", args=[COMMUNITY]), {"lines": lines})
    kept = [(p.kind, p.name, p.number_from, p.number_to, p.parity) for p in NamedPlace.objects.order_by("pk")]
    first = NamedPlace.objects.earliest("pk")
    district.post(reverse("places:remove_place", args=[COMMUNITY, first.pk]))

    assert kept == [
        ("estate", "湛山花园", None, None, "all"),
        ("road", "香港西路", 1, 99, "odd"),
        ("road", "云霄路", None, None, "all"),
    ]
    assert not NamedPlace.objects.filter(pk=first.pk).exists()


def test_a_line_that_cannot_be_read_is_named_and_nothing_is_kept(district):
    answer = district.post(
        reverse("places:add_places", args=[COMMUNITY]), {"lines": "湛山花园\n香港西路 99-1\n路"}
    )

    assert answer.status_code == 422
    assert "第2、3行看不懂" in answer.text
    assert not NamedPlace.objects.exists()


def test_a_place_of_another_community_is_not_removed_through_this_one(district):
    place = NamedPlaceFactory(community_id="370203008002")

    district.post(reverse("places:remove_place", args=[COMMUNITY, place.pk]))

    assert NamedPlace.objects.filter(pk=place.pk).exists()


# Calendar


def test_a_year_is_shown_before_it_is_written(city_bureau):
    url = reverse("calendar:enter", args=[2027])

    preview = city_bureau.post(url, {"source": SOURCE, "lines": LINES})
    assert "读到 2 天" in preview.text
    assert not AnnouncedYear.objects.filter(pk=2027).exists()

    done = city_bureau.post(url, {"source": SOURCE, "lines": LINES, "confirm": "1"}, follow=True)
    assert "2027年已录入" in done.text
    assert SpecialDay.objects.filter(date__year=2027).count() == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_year_may_be_uploaded_in_either_encoding(city_bureau, encoding):
    file = SimpleUploadedFile("2027.csv", f"date,kind,name\n{LINES}".encode(encoding))

    preview = city_bureau.post(reverse("calendar:enter", args=[2027]), {"source": SOURCE, "file": file})

    assert "读到 2 天" in preview.text


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x00\x81", b"x" * 300_000, b""])
def test_a_file_that_is_no_list_of_days_is_refused(city_bureau, content):
    said = {"source": SOURCE, "file": io.BytesIO(content)}
    said["file"].name = "2027.csv"

    assert city_bureau.post(reverse("calendar:enter", args=[2027]), said).status_code == 422


def test_a_wrong_line_is_named_and_nothing_is_shown_to_confirm(city_bureau):
    answer = city_bureau.post(
        reverse("calendar:enter", args=[2027]),
        {"source": SOURCE, "lines": "2026-01-01,放假,元旦", "confirm": "1"},
    )

    assert answer.status_code == 422
    assert "不在2027年" in answer.text


def test_a_year_not_announced_says_so_in_words(city_bureau):
    assert "未公布，期限暂定" in city_bureau.get(reverse("calendar:year", args=[2031])).text
    assert city_bureau.get(reverse("calendar:year", args=[1031])).status_code == 404


def test_a_period_is_changed_on_its_page(city_bureau):
    key = next(iter(declared))

    city_bureau.post(reverse("calendar:period", args=[key]), {"length": "9", "basis": "会议纪要"})

    assert Period.objects.get(pk=key).length == 9
    assert city_bureau.get(reverse("calendar:period", args=["no.such"])).status_code == 404


def test_a_district_reads_the_calendar_and_changes_nothing(district):
    assert "由市委老干部局" in district.get(reverse("calendar:calendar")).text
    assert district.get(reverse("calendar:enter", args=[2027])).status_code == 403
    assert district.post(reverse("calendar:period", args=[next(iter(declared))]), {}).status_code == 403


@pytest.mark.parametrize("size", [20, 400])
def test_a_street_s_page_asks_the_same_number_of_questions_however_long(
    district, size, django_assert_max_num_queries
):
    rows = [
        Division(
            code=f"370202001{n:03d}",
            level="community",
            name=f"第{n}社区",
            short_name=f"第{n}社区",
            parent_id=STREET,
        )
        for n in range(100, 100 + size)
    ]
    Division.objects.bulk_create(rows)

    with django_assert_max_num_queries(14):
        district.get(reverse("places:street", args=[STREET]))


# Admin


@pytest.mark.parametrize("table", ["communities_divisions_namedplace", "communities_divisions_divisionalias"])
def test_the_reference_tables_open_in_the_admin_for_the_city_bureau_only(client, city, table):
    url = reverse(f"admin:{table}_changelist")
    for organisation, status in ((city.city, 200), (city.districts[0], 403)):
        client.force_login(make_staff(organisation, is_staff=True))
        assert client.get(url).status_code == status


def test_special_days_are_read_only_in_the_admin(client, city):
    client.force_login(make_staff(city.city, is_staff=True))

    assert client.get(reverse("admin:communities_calendar_specialday_changelist")).status_code == 200
    assert client.get(reverse("admin:communities_calendar_specialday_add")).status_code == 403
