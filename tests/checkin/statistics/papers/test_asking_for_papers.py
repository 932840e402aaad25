"""Papers are asked for, made in the background, and fetched by who asked."""

from io import BytesIO
from urllib.parse import unquote

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from checkin.statistics import actions
from checkin.statistics.actions import ANNUAL, BULLETIN, WORKBOOK, ask_for_paper
from checkin.statistics.months import Month
from checkin.statistics.ranking import Quarter
from huifeng.accounts.models import User
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import actions as jobs
from huifeng.jobs import running
from huifeng.jobs.models import Job
from tests.checkin.record.staff import browser_of
from tests.checkin.world import World
from tests.communities.factories import make_staff

CITY, SHINAN, SHIBEI = "3702", "370202", "370203"
PAGE = "/bureau/statistics/papers/"
MONTH = Month.current().previous
QUARTER = Quarter.of(Month.current()).previous
YEAR = str(Month.current().year - 1)


@pytest.fixture
def chief(world: World) -> User:
    return make_staff(world.city.city, display_name="王局")


def made(job: Job) -> bytes:
    """The file of a job, made here and now."""
    done = running.run(job.pk)
    assert done is not None
    assert done.state == Job.State.DONE, done.error
    return jobs.fetch_file(job.pk, by=job.by)[1]


def test_a_month_is_made_as_a_workbook(world: World, chief: User) -> None:
    world.confirmed()
    job = ask_for_paper(WORKBOOK, str(MONTH), CITY, by=chief)
    assert load_workbook(BytesIO(made(job))).sheetnames[0] == "全市"
    job.refresh_from_db()
    assert job.file_name == f"离退休干部居住地报到情况统计表_{MONTH.words}_青岛市.xlsx"
    assert job.title == f"月度统计表 {MONTH.words} 青岛市"


def test_a_year_is_made_as_a_workbook(world: World, chief: User) -> None:
    world.member()
    content = made(ask_for_paper(ANNUAL, YEAR, CITY, by=chief))
    assert load_workbook(BytesIO(content)).sheetnames[0] == "退休基本情况"


def test_a_quarter_is_made_as_a_paper_to_print(world: World, chief: User) -> None:
    world.confirmed()
    content = made(ask_for_paper(BULLETIN, str(QUARTER), CITY, by=chief))
    words = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).replace("\n", "")
    for part in ("通报", "各区市报到率排名", "各区市确认及时率排名", "市南区", "市委老干部局", "审核人"):
        assert part in words.replace(" ", ""), part


def test_papers_hold_no_names_of_people(world: World, chief: User) -> None:
    retiree = world.confirmed(world.member(name="欧阳建国")).retiree
    content = made(ask_for_paper(WORKBOOK, str(Month.current()), CITY, by=chief))
    cells = [
        str(cell.value)
        for sheet in load_workbook(BytesIO(content))
        for row in sheet.iter_rows()
        for cell in row
    ]
    assert not [cell for cell in cells if retiree.name in cell]


def test_asking_is_audited(world: World, chief: User) -> None:
    job = ask_for_paper(WORKBOOK, str(MONTH), SHINAN, by=chief)
    entry = AuditEntry.objects.get(action="paper.asked")
    assert (entry.actor_id, entry.target_id) == (chief.pk, str(job.pk))
    assert entry.after == {"paper": WORKBOOK, "period": str(MONTH), "area": SHINAN}


def test_asking_twice_is_asking_once_while_it_is_made(world: World, chief: User) -> None:
    job = ask_for_paper(WORKBOOK, str(MONTH), CITY, by=chief)
    assert ask_for_paper(WORKBOOK, str(MONTH), CITY, by=chief) == job
    assert AuditEntry.objects.filter(action="paper.asked").count() == 1
    made(job)
    assert ask_for_paper(WORKBOOK, str(MONTH), CITY, by=chief) != job


def test_a_job_that_is_done_again_replaces_its_file(world: World, chief: User) -> None:
    job = ask_for_paper(WORKBOOK, str(MONTH), CITY, by=chief)
    made(job)
    job.refresh_from_db()
    first = job.file_id
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED, finished_at=None)
    made(job)
    job.refresh_from_db()
    assert job.file_id != first


@pytest.mark.parametrize("area", [CITY, SHIBEI, "37"])
def test_an_area_beside_or_above_is_refused(world: World, area: str) -> None:
    with pytest.raises(PermissionDenied):
        ask_for_paper(WORKBOOK, str(MONTH), area, by=world.bureau_clerk)


@pytest.mark.parametrize("who", ["clerk", "unit_clerk"])
def test_communities_and_units_get_no_papers(world: World, who: str) -> None:
    with pytest.raises(PermissionDenied):
        ask_for_paper(WORKBOOK, str(MONTH), SHINAN, by=getattr(world, who))


def test_who_no_longer_oversees_the_area_gets_no_file(world: World) -> None:
    job = ask_for_paper(WORKBOOK, str(MONTH), SHINAN, by=world.bureau_clerk)
    world.bureau_clerk.assignments.all().delete()
    done = running.run(job.pk)
    assert done is not None
    assert (done.state, done.file_id) == (Job.State.FAILED, None)


@pytest.mark.parametrize(
    ("kind", "period", "code"),
    [
        (WORKBOOK, "2099-01", "month_in_future"),
        (WORKBOOK, "jetzt", "month_unreadable"),
        (BULLETIN, "2099Q1", "quarter_in_future"),
        (BULLETIN, "2026Q5", "quarter_unreadable"),
        (ANNUAL, "2099", "month_in_future"),
        (ANNUAL, "20", "year_unreadable"),
        ("statistics.secret", "2026-01", "unknown_paper"),
    ],
)
def test_what_cannot_be_is_refused_before_it_is_begun(chief: User, kind: str, period: str, code: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        ask_for_paper(kind, period, CITY, by=chief)
    assert refused.value.code == code
    assert not Job.objects.exists()


def test_an_area_that_does_not_exist_is_refused(chief: User) -> None:
    with pytest.raises(RuleBroken) as refused:
        ask_for_paper(WORKBOOK, str(MONTH), "370299", by=chief)
    assert refused.value.code == "unknown_area"


def test_the_page_asks_for_a_paper_and_leads_to_its_job(chief: User) -> None:
    asked = {"kind": WORKBOOK, "area": SHIBEI, "month": str(MONTH), "quarter": "", "year": ""}
    answer = browser_of(chief).post(PAGE, asked)
    job = Job.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/files/{job.pk}/")
    assert job.args == {"period": str(MONTH), "area": SHIBEI}


def test_the_page_offers_the_papers_and_the_parts_of_ones_own_area(world: World) -> None:
    page = browser_of(world.bureau_clerk).get(PAGE).content.decode()
    for words in ("月度统计表", "季度通报", "年度统计表", "市南区", "香港中路街道"):
        assert words in page
    assert "市北区" not in page


def test_the_page_asks_for_the_period_of_the_chosen_paper(chief: User) -> None:
    answer = browser_of(chief).post(PAGE, {"kind": ANNUAL, "area": CITY, "month": str(MONTH)})
    assert answer.status_code == 422
    assert "请选择年份" in answer.content.decode()
    assert not Job.objects.exists()


def test_an_area_of_others_cannot_be_chosen(world: World) -> None:
    answer = browser_of(world.bureau_clerk).post(
        PAGE, {"kind": WORKBOOK, "area": SHIBEI, "month": str(MONTH)}
    )
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_the_file_is_fetched_under_its_name(world: World, chief: User) -> None:
    job = ask_for_paper(BULLETIN, str(QUARTER), CITY, by=chief)
    made(job)
    answer = browser_of(chief).get(f"/files/{job.pk}/download/")
    assert f"离退休干部居住地报到情况通报_{QUARTER.words}_青岛市.pdf" in unquote(
        answer["Content-Disposition"]
    )
    assert Client().get(f"/files/{job.pk}/download/").status_code == 302


def test_every_paper_has_a_kind_of_work() -> None:
    from huifeng.jobs.registry import kinds

    assert set(actions.KINDS) <= set(kinds)
