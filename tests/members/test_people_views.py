"""Who somebody is, family help, and one's own data, as pages."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huifeng.audit import actions as audit
from huifeng.texts.models import Text
from members.people.models import Helper, HelperRequest, IdentityClaim, Retiree
from tests.members.factories import (
    RetireeFactory,
    make_account,
    make_id_number,
    make_linked_member,
    make_member,
    make_phone,
)

pytestmark = pytest.mark.django_db

STRANGERS_PHONE = make_phone(99_000_001)


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def newcomer(unit):
    """An account whose phone is in no roster."""
    return make_account(STRANGERS_PHONE, username="newcomer", display_name="")


@pytest.fixture
def person(unit):
    return make_linked_member(unit)


def answers(**changed) -> dict:
    return {
        "kind": "tuixiu", "name": "赵长河", "id_number": make_id_number(4321),
        "unit_words": "青岛市第一研究所", **changed,
    }  # fmt: skip


def help_of(person, user, **fields) -> Helper:
    return Helper.objects.create(
        retiree=person, user=user, name="刘芳", relation="daughter", consent="code", consent_text="x",
        consented_at=timezone.now(), **fields,
    )  # fmt: skip


def test_somebody_known_is_not_asked_who_they_are(person):
    assert browser_of(person.user).get("/my/who/")["Location"] == "/my/"


def test_newcomer_of_a_known_unit_may_go_on_at_once(newcomer, unit):
    response = browser_of(newcomer).post("/my/who/", answers())

    made = Retiree.objects.get(user=newcomer)
    assert response["Location"] == "/my/"
    assert (made.standing, made.claimed_unit) == (Retiree.Standing.CLAIMED, unit)


def test_part_of_a_units_name_offers_the_units(newcomer, unit):
    response = browser_of(newcomer).post("/my/who/", answers(unit_words="第一研究"))

    assert unit.name in text_of(response)
    assert not Retiree.objects.filter(user=newcomer).exists()


def test_chosen_unit_is_taken(newcomer, unit):
    browser_of(newcomer).post("/my/who/", answers(unit_words="第一研究", unit=unit.pk))

    assert Retiree.objects.get(user=newcomer).claimed_unit == unit


def test_unit_outside_the_city_is_taken_as_written(newcomer):
    browser_of(newcomer).post("/my/who/", answers(unit_words="南京市第三机械厂"))

    made = Retiree.objects.get(user=newcomer)
    assert (made.claimed_unit, made.original_unit) == (None, "南京市第三机械厂")


def test_wrong_id_number_is_shown_at_its_box(newcomer):
    response = browser_of(newcomer).post("/my/who/", answers(id_number="37020219500308123"))

    assert response.status_code == 422
    assert "身份证号少 1 位" in text_of(response)
    assert "<title>错误：" in text_of(response)


@pytest.mark.parametrize(("kind", "office"), [("army", "军休服务机构"), ("enterprise", "人社服务中心")])
def test_who_belongs_elsewhere_is_told_where_and_nothing_is_kept(newcomer, kind, office):
    response = browser_of(newcomer).post("/my/who/", {"kind": kind})

    assert response.status_code == 200
    assert office in text_of(response)
    assert not Retiree.objects.filter(user=newcomer).exists()


def test_somebody_of_the_roster_with_another_phone_waits_for_a_call(newcomer, unit):
    known = make_member(unit, name="赵长河")

    response = browser_of(newcomer).post("/my/who/", answers(id_number=known.id_number), follow=True)

    assert "请等工作人员打电话" in text_of(response)
    assert IdentityClaim.objects.get(user=newcomer).retiree == known


def test_two_with_one_phone_are_told_apart(unit):
    user = make_account(STRANGERS_PHONE, username="shared", display_name="")
    make_member(unit, name="王建国", phone=STRANGERS_PHONE)
    wife = make_member(unit, name="李秀英", sex="F", phone=STRANGERS_PHONE)
    browser = browser_of(user)

    assert "这个手机号有两位老同志在用" in text_of(browser.get("/my/who/"))
    browser.post("/my/who/", {"name": "李秀英", "born_0": "1950", "born_1": "3"})

    assert Retiree.objects.get(user=user) == wife


ASKED = {
    "name": "刘芳",
    "relation": "daughter",
    "elder_name": "王建国",
    "born_0": "1950",
    "born_1": "3",
    "way": "code",
}


@pytest.mark.django_db(transaction=True)
def test_family_may_act_once_the_elder_reads_the_digits_out(person):
    user = make_account(STRANGERS_PHONE, username="family", display_name="")
    browser = browser_of(user)
    asked = browser.post("/my/help/", {**ASKED, "phone": person.phone})
    words = Text.objects.get(phone_tail=person.phone[-4:]).words
    digits = next(
        part for part in "".join(c if c.isdigit() else " " for c in words).split() if len(part) == 6
    )

    response = browser.post("/my/help/code/", {"digits": digits})

    assert asked["Location"] == reverse("people:help_code")
    assert response["Location"] == f"/my/for/{person.pk}/"
    assert f"您正在替 {person.name} 办理" in text_of(browser.get(response["Location"]))


@pytest.mark.django_db(transaction=True)
def test_wrong_digits_are_told_at_the_box(person):
    browser = browser_of(make_account(STRANGERS_PHONE, username="family", display_name=""))
    browser.post("/my/help/", {**ASKED, "phone": person.phone})

    response = browser.post("/my/help/code/", {"digits": "000000"})

    assert response.status_code == 422
    assert "还可以试" in text_of(response)


def test_asking_for_somebody_unknown_gets_the_same_answer(newcomer):
    response = browser_of(newcomer).post("/my/help/", {**ASKED, "phone": make_phone(77)}, follow=True)

    assert "请输入老人短信里的 6 位数字" in text_of(response)
    assert HelperRequest.objects.get(user=newcomer).retiree is None


def test_elder_stops_a_helper_after_being_asked_once_more(person, newcomer):
    helper = help_of(person, newcomer)
    own = browser_of(person.user)
    address = reverse("people:stop_helper", args=[helper.pk])

    own.get(address)
    helper.refresh_from_db()
    assert helper.ended_at is None
    own.post(address)
    helper.refresh_from_db()
    assert helper.ended_at is not None


def test_helper_of_somebody_else_cannot_be_stopped_here(person, newcomer, unit):
    other = help_of(RetireeFactory(name="李秀英"), newcomer)

    assert browser_of(person.user).post(reverse("people:stop_helper", args=[other.pk])).status_code == 404


def test_own_page_shows_no_whole_id_number(person):
    page = text_of(browser_of(person.user).get("/my/info/"))

    assert person.name in page
    assert person.id_number not in page


def test_person_corrects_the_phone(person):
    browser_of(person.user).post("/my/info/contact/", {"phone": "138 0013 8000", "version": person.version})

    person.refresh_from_db()
    assert person.phone == "13800138000"


def test_helper_has_no_box_for_the_elders_phone(person, newcomer):
    help_of(person, newcomer)

    page = text_of(browser_of(newcomer).get(f"/my/for/{person.pk}/info/contact/"))

    assert 'name="phone"' not in page


def test_who_looked_is_told_by_office_not_by_name(person, community_clerk):
    office = community_clerk.assignments.get().organisation
    audit.record("retiree.viewed", person, by=community_clerk, organisation_id=office.pk)

    page = text_of(browser_of(person.user).get("/my/info/seen/"))

    assert f"{office.name}，看了您的信息" in page
    assert community_clerk.display_name not in page


def test_a_helper_who_opens_the_elders_pages_is_told_once_a_day(person, newcomer):
    help_of(person, newcomer)
    daughter = browser_of(newcomer)
    for page in ("info/", "info/", "info/contact/"):
        assert daughter.get(f"/my/for/{person.pk}/{page}").status_code == 200

    assert text_of(browser_of(person.user).get("/my/info/seen/")).count("家人，看了您的信息") == 1
    assert "看了您的信息" not in text_of(daughter.get(f"/my/for/{person.pk}/info/seen/"))


def test_list_of_looks_costs_the_same_for_many(person, community_clerk, django_assert_max_num_queries):
    for _ in range(12):
        audit.record("retiree.viewed", person, by=community_clerk)
    own = browser_of(person.user)

    with django_assert_max_num_queries(8):
        own.get("/my/info/seen/")
