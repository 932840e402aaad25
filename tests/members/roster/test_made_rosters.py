"""Rosters of the generator with planted mistakes: each gets the verdict its severity asks for, nothing else does."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from communities.divisions import actions as divisions
from communities.divisions.register import DATA, QINGDAO, read_aliases, read_register
from huifeng.accounts.models import User
from members.roster import report
from members.roster.models import ImportRow
from tests.communities.factories import make_unit

from .importing import adds_up, plan
from .workbooks import cells_of

pytestmark = pytest.mark.django_db

GENERATOR = Path(__file__).resolve().parents[4] / "shared" / "data" / "make_roster.py"
OF_PLACES = {"community_unknown", "community_near_miss", "town_wrong"}
Verdict = ImportRow.Verdict


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    if not GENERATOR.exists():
        pytest.skip("the generator of rosters lies beside the repository")
    spec = importlib.util.spec_from_file_location("make_roster", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def qingdao(db):
    """The real places, which the generator draws from."""
    by = User.objects.system()
    with QINGDAO.open(encoding="utf-8-sig", newline="") as lines:
        divisions.load(read_register(lines), by=by)
    with (DATA / "aliases.csv").open(encoding="utf-8", newline="") as lines:
        divisions.load_aliases(read_aliases(lines), by=by)


def make(generator, folder, *words):
    """(the workbook, its planted mistakes by row)"""
    path = folder / "roster.xlsx"
    generator.main([str(path), *words])
    truth = json.loads(Path(f"{path}.truth.json").read_text(encoding="utf-8"))
    return path.read_bytes(), {mistake["row"]: mistake for mistake in truth["mistakes"]}


def judged(mistake, row):
    """Whether a mistake can be seen at all: places outside the city are not known."""
    return mistake["kind"] not in OF_PLACES or not row["居住地区市"].startswith("山东省")


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_planted_mistake_gets_its_verdict_and_nobody_else(qingdao, generator, tmp_path, seed):
    content, planted = make(
        generator, tmp_path, "--rows", "600", "--seed", str(seed), "--errors", "0.4", "--remote", "0.05"
    )
    (headings, *lines) = next(iter(cells_of(content).values()))
    written = {
        n: dict(zip(headings, map(lambda c: c or "", line), strict=True)) for n, line in enumerate(lines, 2)
    }

    batch = plan(content, make_unit())

    found = report.of_plan(batch)
    assert adds_up(found)
    rows = {row.row: row for row in batch.rows.all()}
    warned = {warning["row"] for warning in found["warnings"]}
    wrong = []
    for number, row in rows.items():
        mistake = planted.get(number)
        wanted = mistake["severity"] if mistake and judged(mistake, written[number]) else "fix"
        is_right = {
            "fix": row.verdict == Verdict.NEW,
            "warn": row.verdict == Verdict.NEW and number in warned,
            "reject": row.verdict == Verdict.REJECTED,
            "dup": row.verdict == Verdict.DUPLICATE,
        }[wanted]
        if not is_right:
            wrong.append((number, mistake, row.verdict, row.notes, written[number]))
    assert not wrong, wrong
    assert found["rows"] == 600


def test_a_roster_without_mistakes_is_taken_whole_without_a_word(qingdao, generator, tmp_path):
    content, _ = make(generator, tmp_path, "--rows", "600", "--seed", "9")

    found = report.of_plan(plan(content, make_unit()))

    assert (found["new"], found["errors"]) == (600, [])
    assert {w["code"] for w in found["warnings"]} <= {"likely_duplicate", "community_ambiguous"}
