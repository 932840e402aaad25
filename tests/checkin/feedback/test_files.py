"""The files: readable by others, the same whenever they are made, no more in them than was frozen."""

import json
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from pypdf import PdfReader

from checkin.feedback import actions, files
from checkin.feedback.models import FeedbackReport
from checkin.feedback.papers import book, facts
from checkin.feedback.papers import print as pdf
from huifeng.jobs import running
from huifeng.jobs.models import StoredFile
from members.people.models import Retiree
from tests.checkin.statistics.conftest import on
from tests.checkin.statistics.papers.offices import convert

from .conftest import OCTOBER, Fed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(fed: Fed):
    fed.make()


def paper_of(report: FeedbackReport) -> facts.Paper:
    return facts.papers_of([report.pk])[0]


def texts(content: bytes) -> list[str]:
    """Everything written in the workbook."""
    made = openpyxl.load_workbook(BytesIO(content))
    return [
        str(cell.value)
        for sheet in made
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]


def text_of(content: bytes) -> str:
    pages = PdfReader(BytesIO(content)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


def test_the_workbook_says_what_the_report_says(fed: Fed) -> None:
    report = fed.of_community()

    found = texts(book.make(paper_of(report)))

    for words in (f"编号：{report.number}", "新来人", "李老先", "需关注", "请于2026年11月19日前答复", "独居"):
        assert words in found
    assert "保密人" not in "".join(found)
    assert any("另有 1 人限制查看" in words for words in found)


def test_the_sums_are_numbers(fed: Fed) -> None:
    made = openpyxl.load_workbook(BytesIO(book.make(paper_of(fed.of_community()))))

    rows = {row[0]: row[1:] for row in made["反馈单"].iter_rows(values_only=True)}
    assert rows["合计"] == (2, 2, 0, 0, 0, 0, 4)


def test_libreoffice_reads_it_and_every_page_has_number_and_check_sum(fed: Fed, tmp_path: Path) -> None:
    report = fed.of_community()

    printed = convert(book.make(paper_of(report)), "pdf", tmp_path)

    reader = PdfReader(BytesIO(printed))
    assert "新来人" in text_of(printed)
    for page in reader.pages:
        words = page.extract_text().replace(" ", "")
        assert report.number in words
        assert report.sha256[:16] in words


def test_the_heads_of_a_long_section_stand_on_every_page(fed: Fed) -> None:
    """On the row they are in, which is one further down in a correction; a short section is not repeated."""
    short = openpyxl.load_workbook(BytesIO(book.make(paper_of(fed.of_unit()))))["反馈单"]
    report = fed.of_unit()
    report.content["rows"] *= 20
    report.save()
    with on("2026-11-10"):
        corrected = actions.correct(fed.of_community().pk, reason="核对", by=fed.boss)
    corrected.content["rows"] *= 20
    corrected.save()

    assert short.print_title_rows is None
    for paper in (paper_of(report), paper_of(corrected)):
        form = openpyxl.load_workbook(BytesIO(book.make(paper)))["反馈单"]
        row = int(form.print_title_rows.rpartition("$")[2])
        assert [form.cell(row, column).value for column in (1, 2)] == [paper.other, "期初"]
        assert form.freeze_panes is None


def test_the_pdf_has_all_sections_and_page_numbers(fed: Fed) -> None:
    report = fed.of_community()

    words = text_of(pdf.make(paper_of(report)))

    for part in (
        "一、人员变动",
        "二、人员情况",
        "三、需要答复的事项",
        "四、签字",
        "五、答复",
        "新来人",
        "第1页，共1页",
    ):
        assert part in words
    assert report.sha256[:16] in words


def test_a_file_made_later_is_the_same(fed: Fed) -> None:
    paper = paper_of(fed.of_unit())
    before = (book.make(paper), pdf.make(paper))
    Retiree.objects.filter(pk=fed.old.pk).update(name="改名了")

    with on("2027-03-01"):
        again = paper_of(fed.of_unit())
        assert (book.make(again), pdf.make(again)) == before


def test_what_a_cell_must_not_hold_is_left_out(fed: Fed) -> None:
    line = fed.of_unit().lines.first()
    line.cells |= {"name": "王<&>\x0b=1+1"}
    line.save()

    assert "王<&>=1+1" in texts(book.make(paper_of(fed.of_unit())))


def test_a_file_is_made_on_demand_and_stored_once(fed: Fed) -> None:
    name, first = files.content_of(fed.of_unit(), "xlsx", by=fed.boss)
    _, second = files.content_of(fed.of_unit(), "xlsx", by=fed.boss)

    assert first == second
    assert name.startswith("双向反馈单_FK-2026-10-")
    assert StoredFile.objects.get().sha256 == fed.of_unit().xlsx_sha256


def test_who_became_restricted_is_no_longer_named_in_any_file(fed: Fed) -> None:
    files.make([fed.of_unit().pk], by=fed.boss)
    Retiree.objects.filter(pk=fed.old.pk).update(is_restricted=True)

    _, xlsx = files.content_of(fed.of_unit(), "xlsx", by=fed.boss)
    _, printed = files.content_of(fed.of_unit(), "pdf", by=fed.boss)

    assert "李老先" not in texts(xlsx)
    assert "李老先" not in text_of(printed)
    assert "限制查看" in text_of(printed)


def test_the_letter_names_nobody(fed: Fed) -> None:
    with on("2026-11-10"):
        report = actions.give_link(fed.of_outside().pk, by=fed.boss)
        words = text_of(pdf.letter(paper_of(report), "市委老干部局", "053285880001"))

    assert "南京市机械研究所" in words
    assert "有疑问请打电话：0532-85880001" in words
    assert "外地人" not in words


def test_the_job_makes_sends_and_stores_and_again_changes_nothing(fed: Fed) -> None:
    FeedbackReport.objects.filter(pk=fed.of_outside().pk).update(state="generated", sent_at=None, due_on=None)
    with on("2026-11-06"):
        job = actions.start(OCTOBER, by=fed.boss)
        assert actions.start(OCTOBER, by=fed.boss) == job
        done = running.run(job.pk)
        again = running.run(actions.start(OCTOBER, by=fed.boss).pk)

    assert done is not None
    assert done.result == {"expected": 3, "made": 0, "existing": 3, "sent": 1, "files": 6}
    assert again is not None
    assert again.result == {"expected": 3, "made": 0, "existing": 3, "sent": 0, "files": 0}


# The command -------------------------------------------------------------------------------------------------------


def command(*arguments: str) -> dict[str, object]:
    output = StringIO()
    with on("2026-11-06"):
        call_command("feedback_reports", *arguments, stdout=output)
    found: dict[str, object] = json.loads(output.getvalue().splitlines()[-1])
    return found


def test_the_command_tells_what_it_did(fed: Fed) -> None:
    found = command("2026-10", "--send", "--json")

    assert {key: found[key] for key in ("month", "expected", "made", "existing", "sent")} == {
        "month": "2026-10", "expected": 3, "made": 0, "existing": 3, "sent": 0,
    }  # fmt: skip


def test_the_command_refuses_a_month_that_runs(fed: Fed) -> None:
    with pytest.raises(CommandError, match="还没有过完"):
        command("2026-11", "--json")
