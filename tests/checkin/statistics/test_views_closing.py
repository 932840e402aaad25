"""Submitting, reminding, closing and reopening a month with the buttons of its pages."""

import pytest
from django.test import Client

from checkin.statistics import actions
from checkin.statistics.models import MonthlyStatement
from checkin.statistics.months import Month
from communities.notices.models import Notice
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import running
from huifeng.jobs.models import Job
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.statistics.pages import LAST, Staff, close, fill, staff_of
from tests.checkin.world import World

PAGE = f"/bureau/statistics/closing/{LAST}/"
CHECK, REMIND, SUBMIT = f"{PAGE}check/", f"{PAGE}remind/", f"{PAGE}submit/"
ASK, REOPEN = f"{PAGE}ask-reopen/", f"{PAGE}reopen/"
TYPED = f"封存{LAST.words}"


@pytest.fixture
def staff(world: World) -> Staff:
    return staff_of(world)


@pytest.fixture
def city(staff: Staff) -> Client:
    return browser_of(staff.city)


@pytest.fixture
def district(staff: Staff) -> Client:
    return browser_of(staff.district)


def state() -> str:
    return MonthlyStatement.objects.get(area="3702", month=LAST.first).state


def test_the_newest_month_that_is_over_is_shown_first(city: Client) -> None:
    assert city.get("/bureau/statistics/closing/")["Location"] == PAGE


def test_the_work_list_names_what_is_missing(world: World, city: Client) -> None:
    fill(world)

    page = city.get(PAGE)
    words = text_of(page)

    assert "没有上报：市南区、市北区" in words
    assert "各区市上报 0/2" in words
    assert [check["first"] for check in page.context["checks"] if not check["holds"]] == ["延安二路社区"]


def test_a_district_submits_once(staff: Staff, city: Client, district: Client) -> None:
    assert "数字属实，上报" in text_of(district.get(PAGE))

    district.post(SUBMIT)
    again = district.post(SUBMIT, follow=True)

    assert "数字属实，上报" not in text_of(again)
    assert AuditEntry.objects.filter(action="statement.submitted").count() == 1
    assert "没有上报：市北区" in text_of(city.get(PAGE))


@pytest.mark.parametrize("who", ["city", "street"])
def test_only_a_district_submits(staff: Staff, who: str) -> None:
    assert browser_of(getattr(staff, who)).post(SUBMIT).status_code in (403, 409)
    assert not MonthlyStatement.objects.filter(state="submitted").exists()


def test_missing_districts_are_reminded_once_a_day(world: World, city: Client, district: Client) -> None:
    district.post(SUBMIT)

    first = text_of(city.post(REMIND, follow=True))
    second = text_of(city.post(REMIND, follow=True))

    told = Notice.objects.get(kind=actions.REMINDED)
    assert told.receiver == world.city.districts[1]
    assert f"{LAST.words}月报" in told.words
    assert "已催报：市北区" in first
    assert "今天已经催报过" in second
    assert AuditEntry.objects.filter(action="statement.reminded").count() == 1


def test_the_reminder_leads_to_the_page(world: World, city: Client) -> None:
    city.post(REMIND)

    assert PAGE in text_of(browser_of(world.bureau_clerk).get("/bureau/"))


@pytest.mark.parametrize("who", ["district", "street"])
def test_only_the_city_reminds(staff: Staff, who: str) -> None:
    assert browser_of(getattr(staff, who)).post(REMIND).status_code == 403
    assert not Notice.objects.filter(kind=actions.REMINDED).exists()


def test_nobody_is_reminded_of_a_closed_month(staff: Staff) -> None:
    close(LAST, staff.city)

    with pytest.raises(RuleBroken, match="已经封存"):
        actions.remind(LAST, by=staff.city)


def test_nobody_is_reminded_of_a_month_that_is_not_over(staff: Staff) -> None:
    with pytest.raises(RuleBroken, match="还没有过完"):
        actions.remind(Month.current(), by=staff.city)


def test_the_totals_are_shown_with_the_difference_before_closing(world: World, city: Client) -> None:
    fill(world)

    rows = {title: (value, change) for title, value, change, _ in city.get(CHECK).context["rows"]}

    assert rows["累计已报到"] == ("3", "持平")
    assert rows["期初已报到"] == ("3", "+3")


@pytest.mark.parametrize("typed", ["", "封存", f"封存{Month.current().words}"])
def test_without_the_words_nothing_is_closed(city: Client, typed: str) -> None:
    answer = city.post(CHECK, {"typed": typed, "explanation": "口头上报"})

    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_without_a_reason_a_month_with_gaps_is_not_closed(city: Client) -> None:
    answer = city.post(CHECK, {"typed": TYPED})

    assert answer.status_code == 422
    assert "explanation" in answer.context["form"].errors
    assert not Job.objects.exists()


def test_the_words_close_the_month_in_the_background(city: Client, staff: Staff) -> None:
    city.post(CHECK, {"typed": TYPED, "explanation": "口头上报"})
    job = Job.objects.get()
    assert "排队中" in text_of(city.get(PAGE))
    running.run(job.pk)

    words = text_of(city.get(PAGE))

    assert state() == "closed"
    assert "这是第 1 次封存" in words
    assert "封存说明：口头上报" in words
    assert city.get(CHECK)["Location"] == PAGE


def test_asking_twice_hands_over_once(city: Client) -> None:
    for _ in range(2):
        city.post(CHECK, {"typed": TYPED, "explanation": "口头上报"})

    assert Job.objects.count() == 1


def test_a_colleague_sees_whose_closing_it_is(city: Client, staff: Staff) -> None:
    city.post(CHECK, {"typed": TYPED, "explanation": "口头上报"})

    assert "吴建华正在办理" in text_of(browser_of(staff.colleague).get(PAGE))


@pytest.mark.parametrize("path", [CHECK, ASK])
@pytest.mark.parametrize("who", ["district", "street"])
def test_only_the_city_closes_and_reopens(staff: Staff, who: str, path: str) -> None:
    answer = browser_of(getattr(staff, who)).post(path, {"typed": TYPED, "explanation": "x", "reason": "x"})

    assert answer.status_code == 403


def test_a_month_that_is_not_over_is_not_closed(city: Client) -> None:
    now = Month.current()

    assert city.get(f"/bureau/statistics/closing/{now}/check/").status_code == 422
    assert "还没有过完" in text_of(city.get(f"/bureau/statistics/closing/{now}/"))


def test_reopening_takes_two_people_and_a_reason(staff: Staff, city: Client) -> None:
    close(LAST, staff.city)
    assert city.post(ASK, {"reason": ""}).status_code == 422
    city.post(ASK, {"reason": "市北区补报三人"})
    assert "请同事打开本页办理" in text_of(city.get(PAGE))
    assert city.post(REOPEN).status_code == 409
    assert state() == "closed"

    colleague = browser_of(staff.colleague)
    assert "市北区补报三人" in text_of(colleague.get(PAGE))
    colleague.post(REOPEN)

    assert state() == "reopened"


def test_that_a_month_was_reopened_stands_on_every_page(staff: Staff, city: Client) -> None:
    close(LAST, staff.city)
    actions.ask_reopen(LAST, reason="市北区补报三人", by=staff.city)
    actions.reopen(LAST, by=staff.colleague)

    for path in ("", "table/", "people/?measure=total"):
        address = f"/bureau/statistics/{path}{'&' if '?' in path else '?'}month={LAST}"
        assert "由郑晓重开，原因：市北区补报三人" in text_of(city.get(address)), path


@pytest.mark.parametrize("text", ["x", "2026-13"])
def test_what_is_no_month_is_not_found(city: Client, text: str) -> None:
    assert city.get(f"/bureau/statistics/closing/{text}/").status_code == 404
