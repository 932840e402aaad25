"""The bureau's pages about units: found, added, and reorganised step by step."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from communities.organisations import credit_codes
from communities.organisations.models import Organisation
from huifeng.jobs.models import Job
from members.units import actions
from members.units.models import UnitReorganisation
from tests.communities.factories import make_external_unit, make_staff, make_unit
from tests.members.factories import make_member
from tests.members.reorganising import DAY, PAPER, carry_out, plan, work_off

pytestmark = pytest.mark.django_db
State = UnitReorganisation.State
DAY_PARTS = {"effective_on_0": "2026", "effective_on_1": "3", "effective_on_2": "31"}


@pytest.fixture
def bureau(client, bureau_clerk):
    """A browser of the bureau of the first district."""
    client.force_login(bureau_clerk)
    return client


def address(name, *args, **query):
    return reverse(f"units:{name}", args=args, query=query or None)


def pages(unit, made):
    return [
        address("units"),
        address("unit", unit.pk),
        address("add"),
        address("history"),
        address("new"),
        address("choose", "merge"),
        address("reorganisation", made.pk),
        address("people", made.pk),
    ]


def test_every_page_opens_for_the_bureau(bureau, unit, other, member, bureau_clerk):
    made = plan("split", [unit], [other], by=bureau_clerk)

    assert [bureau.get(url).status_code for url in pages(unit, made)] == [200] * 8


@pytest.mark.parametrize("who", ["street", "community", "unit"])
def test_every_page_is_closed_to_others(client, city, unit, other, member, bureau_clerk, who):
    made = plan("split", [unit], [other], by=bureau_clerk)
    client.force_login(
        make_staff({"street": city.streets[0], "community": city.communities[0], "unit": unit}[who])
    )

    assert {client.get(url).status_code for url in pages(unit, made)} == {403}


def test_units_and_reorganisations_elsewhere_do_not_exist(client, city, unit, other, member, bureau_clerk):
    made = plan("split", [unit], [other], by=bureau_clerk)
    client.force_login(make_staff(city.districts[1]))

    for url in (address("unit", unit.pk), address("reorganisation", made.pk), address("people", made.pk)):
        assert client.get(url).status_code == 404
    for name in ("preview", "start", "undo"):
        assert client.post(address(name, made.pk)).status_code == 404


def test_the_bureau_of_the_receiving_unit_reads_and_changes_nothing(client, city, unit, member, bureau_clerk):
    elsewhere = make_unit(place=city.districts[1].division)
    made = plan("merge", [unit], [elsewhere], by=bureau_clerk)
    client.force_login(make_staff(city.districts[1]))

    seen = client.get(address("reorganisation", made.pk))

    assert "预览" not in seen.content.decode()
    assert client.post(address("preview", made.pk)).status_code == 403


# the list


def test_units_are_found_by_name_or_code_with_their_people(bureau, unit, other, member):
    by_name = bureau.get(address("units", q="第一研究")).content.decode()
    by_code = bureau.get(address("units", q=other.credit_code)).content.decode()

    assert "青岛市第一研究所" in by_name
    assert "青岛市第二中学" not in by_name
    assert '<td data-label="离退休干部" class="num">1</td>' in by_name
    assert "青岛市第二中学" in by_code


def test_counting_people_stops_where_the_page_says(bureau, unit, monkeypatch):
    monkeypatch.setattr("members.units.lists.MOST_COUNTED", 2)
    for _ in range(5):
        make_member(unit)

    assert "2+" in bureau.get(address("units")).content.decode()


def test_closed_units_have_a_list_of_their_own(bureau, unit, other, member, bureau_clerk):
    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    assert "第一研究所" not in bureau.get(address("units")).content.decode()
    assert "由青岛市第二中学承接" in bureau.get(address("units", state="closed")).content.decode()


def test_a_unit_shows_where_its_people_came_from(bureau, unit, other, member, bureau_clerk):
    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    page = bureau.get(address("unit", other.pk)).content.decode()
    old = bureau.get(address("unit", unit.pk)).content.decode()

    assert "由这些单位并入" in page
    assert "现管离退休干部 1 人" in page
    assert "2026年3月31日撤销" in old


# adding


def unit_form(**changed):
    code = credit_codes.make(4321, region="370202")
    said = {
        "name": "市南区融媒体中心",
        "credit_code": code,
        "seat": "370202000000",
        "nature": "institution",
        "tier": "",
    }
    return said | changed


def test_a_unit_is_added_with_its_seat_and_nature(bureau, city):
    answer = bureau.post(address("add"), unit_form())

    made = Organisation.objects.get(name="市南区融媒体中心")
    assert answer["Location"] == address("unit", made.pk)
    assert (made.nature, made.parent) == ("institution", city.districts[0])


@pytest.mark.parametrize("changed", [{"credit_code": "123"}, {"seat": "370203000000"}, {"name": ""}])
def test_what_is_wrong_with_a_new_unit_is_said_at_the_field(bureau, changed):
    answer = bureau.post(address("add"), unit_form(**changed))

    assert answer.status_code == 422
    assert not Organisation.objects.filter(name="市南区融媒体中心").exists()


def test_a_unit_added_on_the_way_comes_back_as_the_target(bureau, unit):
    then = address("choose", "merge", source=unit.pk)

    answer = bureau.post(address("add", then=then), unit_form())

    made = Organisation.objects.get(name="市南区融媒体中心")
    assert answer["Location"] == f"{then}&target={made.pk}"


def test_nobody_is_sent_to_another_site_after_adding(bureau):
    answer = bureau.post(address("add", then="https://elsewhere.example/"), unit_form())

    assert answer["Location"].startswith("/bureau/units/")


# step by step


def test_a_merger_from_the_first_page_to_the_last(bureau, unit, other, member):
    kind = bureau.post(address("new", source=unit.pk), {"kind": "merge"})
    found = bureau.get(kind["Location"] + "&q=第二中学").content.decode()
    assert f"source={unit.pk}&amp;target={other.pk}" in found

    details = address("details", "merge", source=unit.pk, target=other.pk)
    drafted = bureau.post(details, {**DAY_PARTS, "document": PAPER, "words": ""})
    made = UnitReorganisation.objects.get()
    assert drafted["Location"] == address("reorganisation", made.pk)

    looked = bureau.post(address("preview", made.pk), follow=True).content.decode()
    assert "1 人" in looked
    refused = bureau.post(address("start", made.pk), {"confirmation": "好的"})
    assert refused.status_code == 422
    bureau.post(address("start", made.pk), {"confirmation": "确认合并"})
    assert "正在后台办理" in bureau.get(address("reorganisation", made.pk)).content.decode()

    work_off(made)
    done = bureau.get(address("reorganisation", made.pk)).content.decode()
    assert "共转 1 人" in done
    assert Job.objects.get().page == address("reorganisation", made.pk)

    bureau.post(address("undo", made.pk))
    assert "已经撤回" in bureau.get(address("reorganisation", made.pk)).content.decode()
    assert actions.unit_of(member) == unit


def test_a_split_asks_for_its_people(bureau, unit, other, bureau_clerk):
    first, second, third = (make_member(unit, name=name) for name in ("王一", "李二", "张三"))
    details = address("details", "split", source=unit.pk, target=other.pk)
    answer = bureau.post(details, {**DAY_PARTS, "document": "", "rest": "stay", "words": ""})
    made = UnitReorganisation.objects.get()
    assert answer["Location"] == address("people", made.pk)

    bureau.post(address("people", made.pk), {"id": [first.pk], "goal": other.pk})
    bureau.post(address("people", made.pk, q="李"), {"shown": [second.pk], "goal": other.pk, "act": "page"})
    bureau.post(address("people", made.pk), {"id": [first.pk], "goal": "rest"})

    assert list(made.people.values_list("retiree", flat=True)) == [second.pk]
    found = bureau.get(address("people", made.pk, q="张")).content.decode()
    assert "张三" in found
    assert "李二" not in found
    assert third.pk not in made.people.values_list("retiree", flat=True)


def test_ticking_nobody_is_answered_with_words(bureau, unit, other, member, bureau_clerk):
    made = plan("move", [unit], [other], by=bureau_clerk)

    answer = bureau.post(address("people", made.pk), {"goal": other.pk}, follow=True)

    assert "请先勾选人员" in answer.content.decode()


def test_a_day_to_come_is_refused_at_the_field(bureau, unit, other):
    day = timezone.localdate() + timedelta(days=3)
    parts = {f"effective_on_{n}": str(part) for n, part in enumerate((day.year, day.month, day.day))}

    answer = bureau.post(
        address("details", "merge", source=unit.pk, target=other.pk),
        {**parts, "document": PAPER, "words": ""},
    )

    assert answer.status_code == 422
    assert "不能晚于今天" in answer.content.decode()


def test_a_split_that_closes_the_unit_lets_nobody_stay(bureau, unit, other):
    answer = bureau.post(
        address("details", "split", source=unit.pk, target=other.pk),
        {**DAY_PARTS, "document": PAPER, "closes": "on", "rest": "stay", "words": ""},
    )

    assert answer.status_code == 422


def test_a_draft_is_changed_in_place(bureau, unit, other, member, bureau_clerk):
    made = plan("merge", [unit], [other], by=bureau_clerk)

    bureau.post(
        address("details", "merge", source=unit.pk, target=other.pk, of=made.pk),
        {**DAY_PARTS, "document": "青编办〔2026〕77号", "words": ""},
    )

    made.refresh_from_db()
    assert (UnitReorganisation.objects.count(), made.document) == (1, "青编办〔2026〕77号")


def test_a_unit_of_another_district_may_receive_but_not_give(bureau, city, unit):
    make_unit("青岛市北小学", place=city.districts[1].division)

    found = bureau.get(address("choose", "merge", q="市北小学")).content.decode()

    assert "作接收单位" in found
    assert "作原单位" not in found


def test_a_unit_outside_the_city_may_receive(bureau, unit):
    make_external_unit("南京市第九机械厂")

    assert "南京市第九机械厂" in bureau.get(address("choose", "move", q="南京")).content.decode()


def test_a_kind_nobody_knows_is_no_page(bureau):
    assert bureau.get(address("choose", "abolish")).status_code == 404


def test_what_speaks_against_it_is_shown(bureau, unit, other, member, bureau_clerk):
    made = plan("move", [unit], [other], by=bureau_clerk)

    page = bureau.post(address("preview", made.pk), follow=True).content.decode()

    assert "还没有人要转" in page
    assert "开始办理" not in page


def test_the_day_after_it_is_no_longer_offered_to_undo(bureau, unit, other, member, bureau_clerk):
    made = carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)
    UnitReorganisation.objects.update(done_at=timezone.now() - timedelta(hours=25))

    assert "撤回这次撤并" not in bureau.get(address("reorganisation", made.pk)).content.decode()


def test_the_history_shows_day_paper_and_state(bureau, unit, other, member, bureau_clerk):
    carry_out(plan("merge", [unit], [other], by=bureau_clerk), by=bureau_clerk)

    page = bureau.get(address("history")).content.decode()

    assert PAPER in page
    assert "已办理" in page
    assert f"{DAY:%Y年%-m月%-d日}" in page
