"""A unit's own page: its figures, the people behind them, the paper; nobody else's."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from openpyxl import load_workbook

from checkin.statistics import actions, counting
from checkin.statistics.months import Month
from communities.organisations.models import Organisation
from huifeng.audit.models import AuditEntry
from huifeng.errors import RuleBroken
from huifeng.jobs import actions as jobs
from huifeng.jobs import running
from huifeng.jobs.models import Job
from members.people.models import Retiree
from members.units.models import UnitMembership
from tests.checkin.record.staff import browser_of, text_of
from tests.checkin.statistics.pages import LAST, close, fill, staff_of
from tests.checkin.world import World
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import make_member

PAGE, PEOPLE, PAPER = "/unit/statistics/", "/unit/statistics/people/", "/unit/statistics/paper/"
NOW = Month.current()


@pytest.fixture
def other(world: World) -> Organisation:
    """Another unit with two people, none of whom may show anywhere here."""
    unit = make_unit("青岛市规划设计院")
    make_member(unit), make_member(unit)
    return unit


def figures(page) -> dict[str, object]:
    return {figure.title: figure for _, found in page.context["groups"] for figure in found}


def test_a_unit_sees_its_own_row_and_nobody_else_s(world: World, other: Organisation) -> None:
    fill(world)
    row = next(row for row in counting.table(NOW, "3702", cut="unit").rows if row.code == str(world.unit.pk))

    shown = figures(browser_of(world.unit_clerk).get(PAGE))

    assert shown["离退休干部总数"].text == str(row.figures["total"])
    assert shown["累计已报到"].text == str(row.figures["checked_in"])
    theirs = figures(browser_of(make_staff(other)).get(PAGE))
    assert theirs["离退休干部总数"].text == "2"


def test_every_figure_opens_to_as_many_of_its_people(world: World, other: Organisation) -> None:
    fill(world)
    clerk = browser_of(world.unit_clerk)
    shown = figures(clerk.get(PAGE))

    for figure in shown.values():
        if figure.url:
            page = clerk.get(figure.url)
            assert page.context["count"] == int(figure.text)
            assert len(page.context["people"]) + page.context["hidden"] == page.context["count"], figure.title
            assert {row["entry"].unit_name for row in page.context["people"]} <= {world.unit.name}
    assert sum(bool(figure.url) for figure in shown.values()) > 15


def test_restricted_people_are_counted_and_not_listed(world: World) -> None:
    world.member(is_restricted=True)

    page = browser_of(world.unit_clerk).get(PEOPLE, {"measure": "total"})

    assert (page.context["count"], page.context["hidden"], len(page.context["people"])) == (1, 1, 0)
    assert "只有老干部局能看到名单" in text_of(page)


def test_a_month_is_beside_the_one_before(world: World) -> None:
    fill(world)

    figure = figures(browser_of(world.unit_clerk).get(PAGE))["累计已报到"]

    assert int(figure.text) - int(figure.before) == int(figure.change.replace("−", "-"))


def test_a_closed_month_stays_with_the_unit_of_then(world: World, other: Organisation) -> None:
    mover = world.member()
    Retiree.objects.filter(pk=mover.pk).update(created_at=timezone.now() - timedelta(days=90))
    close(LAST, make_staff(world.city.city))
    UnitMembership.objects.filter(retiree=mover).update(valid_until=LAST.last)
    UnitMembership.objects.create(retiree=mover, unit=other, valid_from=LAST.last)

    clerk = browser_of(world.unit_clerk)

    assert figures(clerk.get(PAGE, {"month": str(LAST)}))["离退休干部总数"].text == "1"
    listed = clerk.get(PEOPLE, {"month": str(LAST), "measure": "total"})
    assert [row["opens"] for row in listed.context["people"]] == [False]
    assert figures(browser_of(make_staff(other)).get(PAGE))["离退休干部总数"].text == "3"


@pytest.mark.parametrize("path", [PAGE, f"{PEOPLE}?measure=total"])
@pytest.mark.parametrize("who", ["city", "district", "street", "community"])
def test_others_are_refused(world: World, path: str, who: str) -> None:
    client = browser_of(getattr(staff_of(world), who))

    assert client.get(path).status_code == 403
    assert client.post(PAPER, {"month": str(LAST)}).status_code == 403


def test_an_address_cannot_name_another_unit(world: World, other: Organisation) -> None:
    page = browser_of(world.unit_clerk).get(
        PEOPLE, {"measure": "total", "unit": str(other.pk), "area": "3702"}
    )

    assert page.context["count"] == 0


@pytest.mark.parametrize(("asked", "status"), [({"month": "x"}, 404), ({"month": "2099-01"}, 409)])
def test_what_is_no_month_is_refused(world: World, asked: dict[str, str], status: int) -> None:
    assert browser_of(world.unit_clerk).get(PAGE, asked).status_code == status


def test_the_home_of_a_unit_leads_there(world: World) -> None:
    assert f'href="{PAGE}"' in browser_of(world.unit_clerk).get("/unit/").content.decode()


def test_the_paper_holds_the_unit_s_figures(world: World, other: Organisation) -> None:
    fill(world)
    clerk = browser_of(world.unit_clerk)
    shown = figures(clerk.get(PAGE))

    answer = clerk.post(PAPER, {"month": str(NOW)})

    job = Job.objects.get(kind=actions.UNIT_WORKBOOK)
    assert answer["Location"] == f"/files/{job.pk}/"
    done = running.run(job.pk)
    assert done is not None
    assert done.state == Job.State.DONE, done.error
    stored, content = jobs.fetch_file(job.pk, by=world.unit_clerk)
    assert world.unit.name in stored.name
    book = load_workbook(BytesIO(content), data_only=True)
    assert book.sheetnames == ["本单位", "说明"]
    cells = [cell.value for row in book["本单位"].iter_rows() for cell in row]
    assert f"填报单位：{world.unit.name}" in cells
    assert cells[cells.index("累计已报到") + 1] == int(shown["累计已报到"].text)


def test_asking_for_the_paper_twice_is_once_and_audited(world: World) -> None:
    first = actions.ask_for_unit_paper(str(LAST), world.unit.pk, by=world.unit_clerk)

    assert actions.ask_for_unit_paper(str(LAST), world.unit.pk, by=world.unit_clerk) == first
    assert AuditEntry.objects.filter(action="paper.asked").count() == 1


def test_another_unit_s_paper_is_refused(world: World, other: Organisation) -> None:
    with pytest.raises(PermissionDenied):
        actions.ask_for_unit_paper(str(LAST), other.pk, by=world.unit_clerk)
    with pytest.raises(PermissionDenied):
        actions.ask_for_unit_paper(str(LAST), world.unit.pk, by=world.street_clerk)
    with pytest.raises(RuleBroken):
        actions.ask_for_unit_paper("2099-01", world.unit.pk, by=world.unit_clerk)


def test_a_past_month_that_was_never_closed_says_what_is_of_today(world: World) -> None:
    world.member()
    clerk, bureau = browser_of(world.unit_clerk), browser_of(make_staff(world.city.city))
    words = "只有现在的登记，按现在的算"

    assert words in text_of(clerk.get(PAGE, {"month": str(LAST)}))
    assert words in text_of(bureau.get("/bureau/statistics/table/", {"month": str(LAST)}))
    assert words not in text_of(bureau.get("/bureau/statistics/table/", {"month": str(NOW)}))
    close(LAST, make_staff(world.city.city))
    assert words not in text_of(bureau.get("/bureau/statistics/table/", {"month": str(LAST)}))
