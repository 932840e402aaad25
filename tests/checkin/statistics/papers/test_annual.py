"""The annual forms: people as of 31 December, and how the number of a year ago became theirs."""

from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import load_workbook

from checkin.statistics.papers import changes, yearly
from members.people.models import Retiree
from members.units.models import UnitMembership
from tests.checkin.statistics.papers.offices import calculated
from tests.checkin.world import World
from tests.communities.factories import make_unit
from tests.members.factories import make_member

CITY = "3702"


@pytest.fixture
def people(world: World) -> World:
    """On 1 March 2026: somebody for each column and each course a year can take."""
    with time_machine.travel("2024-06-01 12:00+08:00"):
        organ, firm = make_unit("青岛市财政局", nature="organ", tier="city"), make_unit(nature="enterprise")
        stays = {"retired_on": "2010-04"}
        make_member(organ, rank="ministry_1", **stays)
        make_member(organ, rank="county_1", **stays)
        make_member(organ, rank="other", **stays)
        make_member(firm, rank="county_1", **stays)
        make_member(organ, rank="county_2", died_on=date(2025, 5, 3), **stays)  # died in the year
        make_member(organ, rank="county_2", died_on=date(2024, 5, 3), **stays)  # died before it
        mover = make_member(organ, rank="section_1", **stays)
        UnitMembership.objects.filter(retiree=mover).update(valid_until=date(2025, 7, 1))
        UnitMembership.objects.create(retiree=mover, unit=firm, valid_from=date(2025, 7, 1))
        make_member(organ, rank="county_1", retired_on="2025-08")  # retired in the year
        make_member(organ, rank="county_1", retired_on="2025-08", died_on=date(2025, 9, 1))  # and died in it
        make_member(organ, rank="county_1", retired_on="2026-02")  # after it
        make_member(organ, rank="county_1", statistics_flag=False, **stays)
        veteran = {"kind": Retiree.Kind.LIXIU, "retired_on": "1985-01", "birth_date": date(1926, 1, 1)}
        make_member(organ, joined_work_on="1945-09-02", health="dependent", **veteran)
        make_member(
            organ, joined_work_on="1945-09-03", resettled_to="北京市海淀区", resettled_on="1990", **veteran
        )
        make_member(organ, joined_work_on="1937-07", political_status="masses", **veteran)
        make_member(organ, joined_work_on="", **veteran)
        make_member(firm, joined_work_on="1927", **veteran)
    with time_machine.travel("2025-04-01 12:00+08:00"):
        make_member(organ, rank="bureau_2", retired_on="")  # written down late: known since then
    return world


@pytest.fixture
def year(people: World) -> yearly.Year:
    with time_machine.travel("2026-03-01 12:00+08:00"):
        return yearly.Year(2025, CITY)


def test_retired_people_stand_under_their_unit_and_rank(year: yearly.Year) -> None:
    form = year.as_json()["basic"]["tuixiu"]
    total = dict(zip(form["columns"], form["lines"]["总数"], strict=True))
    assert {name: figure for name, figure in total.items() if figure} == {
        "总数": 7,
        "机关 合计": 5,
        "机关 正省部级": 1,
        "机关 副厅局级": 1,
        "机关 正县处级": 2,
        "机关 科员办事员及其他": 1,
        "企业": 2,
    }


def test_the_lines_add_up_to_the_total(year: yearly.Year) -> None:
    for filled in year.basic:
        sums = [sum(column) for column in zip(*(line.figures for line in filled.lines), strict=True)]
        assert tuple(sums) == filled.total.figures, filled.form.title


def test_veterans_stand_in_the_period_in_which_they_joined(year: yearly.Year) -> None:
    form = year.as_json()["basic"]["lixiu_organ"]
    total = dict(zip(form["columns"], form["lines"]["总数"], strict=True))
    assert {name: figure for name, figure in total.items() if figure} == {
        "总数": 4,
        "中共党员": 3,
        "生活不能自理": 1,
        "80岁及以上": 4,
        "1927年8月1日至1937年7月6日 人数": 1,
        "1943年1月1日至1945年9月2日 人数": 1,
        "1945年9月3日至1949年9月30日 人数": 1,
        "1945年9月3日至1949年9月30日 其中：在京": 1,
    }
    assert form["notes"] == ["总数中有 1 人没有填参加革命工作时间，或晚于1949年9月30日，不在各时期栏。"]
    firm = year.as_json()["basic"]["lixiu_enterprise"]
    assert dict(zip(firm["columns"], firm["lines"]["总数"], strict=True))["1927年7月底以前 人数"] == 1


def test_what_should_be_there_is_last_year_and_those_who_retired_without_those_who_died(
    year: yearly.Year,
) -> None:
    total = year.changes["tuixiu"][0]
    assert (total.before, total.retired, total.died) == (6, 2, 2)
    assert (total.due, total.after, total.difference) == (6, 7, 1)
    assert total.words == "调入、补录 +1"


def test_every_difference_is_explained(year: yearly.Year) -> None:
    for lines in year.changes.values():
        for line in lines:
            assert line.difference == sum(line.reasons.values()), line.name
    by_name = {line.name: line for line in year.changes["tuixiu"]}
    assert by_name["正乡科级"].words == "职级、单位变动 −1"
    assert by_name["企业"].words == "职级、单位变动 +1"
    assert by_name["正县处级"].difference == 0


def test_both_forms_agree_about_who_is_there(year: yearly.Year) -> None:
    assert year.changes["tuixiu"][0].after == year.basic[0].total.figures[0]
    organs = next(line for line in year.changes["lixiu"] if line.name == changes.ORGANS)
    assert organs.after == year.basic[1].total.figures[0]


def test_only_people_of_the_area_are_counted(people: World) -> None:
    with time_machine.travel("2026-03-01 12:00+08:00"):
        year = yearly.Year(2025, "370203")
    assert year.name == "市北区"
    assert year.basic[0].total.figures[0] == 0


def test_the_workbook_holds_the_figures_and_libreoffice_calculates_them_alike(
    year: yearly.Year, tmp_path: Path
) -> None:
    content = yearly.workbook(year)
    formulas = load_workbook(BytesIO(content))
    values, again = load_workbook(BytesIO(content), data_only=True), calculated(content, tmp_path)
    assert formulas.sheetnames == [
        "退休基本情况", "退休两年变化", "离休两年变化", "机关离休基本情况", "事业单位离休基本情况", "企业离休基本情况",
    ]  # fmt: skip
    for sheet in formulas.worksheets:
        cells = [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        assert cells
        for cell in cells:
            assert again[sheet.title][cell].value == values[sheet.title][cell].value, (sheet.title, cell)
    sheet = values["退休两年变化"]
    assert [cell.value for cell in sheet[6]] == ["1", "总数", 6, 2, 2, 6, 7, 1, "调入、补录 +1"]
    assert [cell.value for cell in sheet[5]][:4] == ["甲", "乙", "1", "2"]


def test_a_command_writes_the_forms(people: World, tmp_path: Path) -> None:
    out, target = StringIO(), tmp_path / "year.xlsx"
    with time_machine.travel("2026-03-01 12:00+08:00"):
        call_command("annual_forms", "2025", "--out", str(target), "--json", stdout=out)
    assert '"difference": 1' in out.getvalue()
    assert load_workbook(target).sheetnames[0] == "退休基本情况"


def test_a_year_whose_december_has_not_come_is_refused(people: World) -> None:
    with time_machine.travel("2026-03-01 12:00+08:00"), pytest.raises(CommandError, match="还没有到"):
        call_command("annual_forms", "2026")
