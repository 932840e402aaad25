"""manage.py monthly_statement: figures as JSON, a workbook, and closing as the system."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from checkin.statistics.models import MonthlyStatement

from .conftest import on

pytestmark = pytest.mark.django_db


def told(*arguments: str) -> dict:
    output = io.StringIO()
    call_command("monthly_statement", *arguments, "--json", stdout=output)
    return json.loads(output.getvalue().splitlines()[-1])


def test_it_says_what_it_counted_and_writes_the_book(world, tmp_path: Path) -> None:
    with on("2026-05-06"):
        world.confirmed()
    with on("2026-06-05"):
        found = told("2026-05", "--area", "370202", "--out", str(tmp_path / "book.xlsx"))

    assert found["month"], found["area"] == ("2026-05", "370202")
    assert (found["state"], found["closed"], found["totals"]["checked_in"]) == ("open", False, 1)
    assert found["totals"]["rate"] == 100
    assert all(identity["holds"] for identity in found["identities"])
    sheet = load_workbook(tmp_path / "book.xlsx")["街道"]
    assert [row[2] for row in sheet.iter_rows(min_row=5, max_row=6, values_only=True)] == [
        "香港中路街道",
        "江苏路街道",
    ]


def test_it_closes_the_month_of_the_city_as_the_system(world) -> None:
    with on("2026-06-05"):
        found = told("2026-05", "--area", "370202", "--close")

    assert (found["closed"], found["state"]) == (True, "closed")
    city = MonthlyStatement.objects.get(area="3702")
    assert city.is_closed
    assert city.closed_by.username == "system"


def test_a_file_that_cannot_be_written_is_told(world, tmp_path: Path) -> None:
    with on("2026-06-05"), pytest.raises(CommandError, match="写不进去"):
        told("2026-05", "--area", "3702", "--out", str(tmp_path / "nowhere" / "book.xlsx"))


def test_killed_while_writing_the_old_book_stays(world, tmp_path: Path, monkeypatch) -> None:
    book = tmp_path / "book.xlsx"
    book.write_bytes(b"old")

    def killed(self: Path, content: bytes) -> int:
        self.open("wb").write(content[:100])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", killed)
    with on("2026-06-05"), pytest.raises(KeyboardInterrupt):
        told("2026-05", "--area", "3702", "--out", str(book))

    assert book.read_bytes() == b"old"


REFUSED = (
    ["2026-13", "--area", "3702"],
    ["2026-08", "--area", "3702"],
    ["2026-05", "--area", "99"],
    ["2026-06", "--area", "3702", "--close"],
)


@pytest.mark.parametrize("arguments", REFUSED)
def test_what_cannot_be_is_refused_in_words(world, arguments: list[str]) -> None:
    with on("2026-06-05"), pytest.raises(CommandError, match="请"):
        call_command("monthly_statement", *arguments)
