"""The pages of exports: choosing, refusing with what was chosen kept, the records, the empty roster."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from huifeng.jobs.models import Job
from members.exports.models import ExportOrder
from tests.communities.factories import make_staff
from tests.members.exporting import done, job_page, order
from tests.members.factories import make_member

__all__ = ["job_page"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("job_page")]


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def browser(unit_clerk, member) -> Client:
    return browser_of(unit_clerk)


def filled(**fields: object) -> dict[str, object]:
    usual = {
        "key": uuid.uuid4(),
        "columns": ["name", "phone"],
        "purpose": "visit",
        "words": "重阳节走访",
        "file_format": "xlsx",
    }
    return usual | fields


def test_the_form_starts_a_job_and_leads_to_its_page(browser, unit):
    answer = browser.post("/unit/export/", filled())

    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/files/{job.pk}/")
    assert job.organisation_id == unit.pk
    assert job.page == "/unit/export/records/"


def test_conditions_of_the_page_are_said_and_come_back_with_the_form(browser):
    page = browser.get("/unit/export/?kind=tuixiu&after=9&nonsense=1")
    assert page.context["conditions"] == ["类别：退休"]
    assert page.context["hidden"] == [("f_kind", "tuixiu")]

    browser.post("/unit/export/", filled(f_kind="tuixiu"))
    assert ExportOrder.objects.get().wanted == {"kind": "tuixiu"}


@pytest.mark.parametrize("missing", ["columns", "purpose", "words", "file_format"])
def test_without_an_answer_nothing_starts(browser, missing):
    answer = browser.post("/unit/export/", filled(**{missing: ""}))

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {missing}
    assert not Job.objects.exists()


def test_whole_numbers_need_a_reason(browser):
    assert browser.post("/unit/export/", filled(full="on")).context["form"].errors.keys() == {"revealing"}

    browser.post("/unit/export/", filled(full="on", revealing="填写材料"))
    assert ExportOrder.objects.get().revealing == "填写材料"


def test_a_reason_without_the_tick_reveals_nothing(browser):
    browser.post("/unit/export/", filled(revealing="填写材料"))

    assert ExportOrder.objects.get().revealing == ""


def test_an_empty_list_says_so_and_keeps_what_was_chosen(browser):
    answer = browser.post("/unit/export/", filled(f_q="没有这个人"))

    assert answer.status_code == 422
    assert "没有符合条件的老同志" in answer.content.decode()
    assert answer.context["form"]["words"].value() == "重阳节走访"


def test_the_last_choice_stands_there_again_but_not_the_purpose(browser):
    assert browser.get("/unit/export/").context["form"]["columns"].value()[:2] == ["name", "sex"]

    browser.post("/unit/export/", filled(file_format="ods"))
    form = browser.get("/unit/export/").context["form"]
    assert form["columns"].value() == ["name", "phone"]
    assert form["file_format"].value() == "ods"
    assert not form["purpose"].value()


def test_one_s_last_choice_is_not_another_s(browser, unit):
    browser.post("/unit/export/", filled())

    assert len(browser_of(make_staff(unit)).get("/unit/export/").context["form"]["columns"].value()) > 2


def test_a_community_is_offered_no_rank(city, community_clerk):
    text = browser_of(community_clerk).get("/community/export/").content.decode()

    assert "职级" not in text
    assert "居住状态" in text


def test_a_column_that_is_not_offered_is_refused(city, community_clerk):
    answer = browser_of(community_clerk).post("/community/export/", filled(columns=["name", "rank"]))

    assert answer.status_code == 422
    assert not Job.objects.exists()


@pytest.mark.parametrize("address", ["", "records/", "template/"])
@pytest.mark.parametrize("area", ["unit", "community", "bureau"])
def test_who_acts_for_nobody_there_is_refused(db, area, address, city):
    nobody = make_staff(city.communities[0])
    nobody.assignments.all().delete()

    assert browser_of(nobody).get(f"/{area}/export/{address}").status_code == 403


def test_the_records_show_what_was_taken_out(browser, unit, unit_clerk):
    done(order(unit, unit_clerk, revealing="填写材料"))

    text = browser.get("/unit/export/records/").content.decode()
    for words in ("走访慰问：重阳节走访", "姓名、性别、身份证号", "填写材料", unit.name, "完整"):
        assert words in text


def test_a_bureau_reads_the_records_of_its_area_without_their_files(unit, unit_clerk, member, bureau_clerk):
    job = done(order(unit, unit_clerk))

    text = browser_of(bureau_clerk).get("/bureau/export/records/").content.decode()
    assert unit_clerk.display_name in text
    assert reverse("jobs:job", args=[job.pk]) not in text


def test_records_are_cut_by_key(browser, unit, unit_clerk):
    for _ in range(21):
        done(order(unit, unit_clerk))

    first = browser.get("/unit/export/records/")
    assert len(first.context["rows"]) == 20
    second = browser.get(f"/unit/export/records/{first.context['slice'].next_url}")
    assert len(second.context["rows"]) == 1
    assert second.context["slice"].next_url == ""


@pytest.mark.parametrize("many", [1, 12])
def test_the_records_ask_the_same_number_of_questions_however_long(
    browser, unit, unit_clerk, many, django_assert_max_num_queries
):
    for _ in range(many):
        done(order(unit, unit_clerk))

    with django_assert_max_num_queries(10):
        browser.get("/unit/export/records/")


def test_the_page_of_a_long_list_does_not_count_it(browser, unit, django_assert_max_num_queries):
    for _ in range(5):
        make_member(unit)

    with django_assert_max_num_queries(9):
        browser.get("/unit/export/")


def test_the_template_is_a_file(browser):
    answer = browser.get("/unit/export/template/")

    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.content.startswith(b"PK")
