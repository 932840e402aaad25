"""`import_roster`, as scripts use it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from members.people.models import Retiree
from members.roster.models import ImportBatch
from members.units.models import UnitMembership
from tests.communities.factories import make_unit
from tests.members.factories import make_id_number

from .importing import adds_up, command
from .workbooks import HEADINGS, book, framed, hainan, people, roster, shuffled, somebody, table, wide

pytestmark = pytest.mark.django_db

COUNTS = ["rows", "new", "changed", "unchanged", "missing", "rejected", "duplicates", "written"]


@pytest.fixture
def send(unit, tmp_path):
    """Run the command on a workbook; the JSON it prints."""

    def run(content, *words, to=unit):
        path = tmp_path / "名册.xlsx"
        path.write_bytes(content)
        return json.loads(command(path, "--unit", to.code, "--json", *words).splitlines()[-1])

    return run


def written():
    return Retiree.objects.count(), UnitMembership.objects.count()


def mixed():
    return [somebody(1), somebody(2, 身份证号="123"), somebody(3, 手机号码="1"), somebody(1), somebody(4)]


def test_without_commit_nothing_is_written(send):
    found = send(roster(people(3)))

    assert (found["new"], found["written"], written()) == (3, 0, (0, 0))


def test_with_commit_it_is_written(send):
    found = send(roster(people(3)), "--commit")

    assert (found["new"], found["written"], written()) == (3, 3, (3, 3))


def test_the_json_has_exactly_these_fields(send):
    found = send(roster(mixed()))

    assert set(found) == {*COUNTS, "seconds", "refused", "errors", "warnings"}
    assert [found[name] for name in COUNTS] == [5, 3, 0, 0, 0, 1, 1, 0]
    assert isinstance(found["seconds"], float)
    assert found["refused"] is None
    for note in [*found["errors"], *found["warnings"]]:
        assert set(note) == {"row", "column", "code", "message"}
    assert [(e["row"], e["column"], e["code"]) for e in found["errors"]] == [
        (3, "身份证号", "id_short"),
        (5, "身份证号", "duplicate"),
    ]
    assert [(w["row"], w["column"], w["code"]) for w in found["warnings"]] == [(4, "手机号码", "phone_wrong")]


def test_a_column_is_named_as_the_file_names_it(send):
    heading, *lines = table([somebody(1, 身份证号="1")])
    heading[HEADINGS.index("身份证号")] = "公民身份\n号码"

    assert send(book(名单=[heading, *lines]))["errors"][0]["column"] == "公民身份 号码"


@pytest.mark.parametrize(
    "content",
    [
        roster(people(4)),
        roster(mixed()),
        roster([]),
        hainan(people(2)),
        book(花名册=framed(mixed())),
        shuffled(mixed(), 5),
        wide(mixed()),
        book(空=[], 一=table(mixed()), 二=table(people(4))),
    ],
    ids=["good", "mixed", "empty", "hainan", "framed", "shuffled", "wide", "sheets"],
)
def test_each_row_is_counted_once(send, content):
    assert adds_up(send(content))
    assert adds_up(send(content, "--commit"))
    assert adds_up(send(content, "--commit"))


def test_sent_twice_it_changes_nothing(send):
    send(roster(people(3)), "--commit")
    before = written()

    found = send(roster(people(3)), "--commit")

    assert [found[name] for name in COUNTS] == [3, 0, 0, 3, 0, 0, 0, 0]
    assert written() == before


def test_a_file_that_cannot_be_read_is_refused_with_exit_2(unit, tmp_path):
    path = tmp_path / "名册.xlsx"
    path.write_bytes(roster(people(2), [heading for heading in HEADINGS if heading != "身份证号"]))

    with pytest.raises(SystemExit) as left:
        command(path, "--unit", unit.code, "--commit", "--json")

    assert (left.value.code, written()) == (2, (0, 0))


@pytest.mark.parametrize("content", [b"", roster(people(2), ["姓名", "性别"])])
def test_a_refusal_is_said_in_json(unit, tmp_path, content):
    path, out = tmp_path / "名册.xlsx", StringIO()
    path.write_bytes(content)

    with pytest.raises(SystemExit) as left:
        call_command("import_roster", str(path), "--unit", unit.code, "--json", stdout=out)

    found = json.loads(out.getvalue())
    assert (left.value.code, set(found)) == (2, {*COUNTS, "seconds", "refused", "errors", "warnings"})
    assert found["refused"]
    assert [found[name] for name in COUNTS] == [0] * 8


def test_an_unknown_unit_is_said(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(roster(people(1)))

    with pytest.raises(CommandError, match="no organisation"):
        command(tmp_path / "a.xlsx", "--unit", "999", "--json")


def test_a_path_that_cannot_be_read_is_said(unit, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        command(tmp_path / "none.xlsx", "--unit", unit.code)
    with pytest.raises(CommandError, match="cannot be read"):
        command(tmp_path, "--unit", unit.code)
    assert not ImportBatch.objects.exists()


def test_an_error_book_that_cannot_be_written_ends_it_before_anything_is(unit, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(roster(mixed()))

    with pytest.raises(CommandError, match="cannot be written"):
        command(
            tmp_path / "a.xlsx", "--unit", unit.code, "--commit", "--errors", tmp_path / "no" / "out.xlsx"
        )

    assert written() == (0, 0)


def test_a_closed_unit_is_refused(send, unit, tmp_path):
    unit.closed_on = unit.opened_on
    unit.save()

    with pytest.raises(SystemExit) as left:
        send(roster(people(1)))

    assert left.value.code == 2


def test_the_round_trip_of_refused_rows(send, tmp_path):
    out = tmp_path / "errors.xlsx"
    first = send(roster(mixed()), "--commit", "--errors", str(out))
    mended = load_workbook(out)
    page = mended.active
    assert page.max_row == 3
    page["E2"] = make_id_number(2)
    page.delete_rows(3)
    mended.save(out)

    second = send(out.read_bytes(), "--commit")

    assert (first["written"], second["written"], second["errors"]) == (3, 1, [])
    assert written() == (4, 4)


def test_a_bureau_sends_the_file_of_several_units(send, city, unit):
    other = make_unit("青岛市第二研究所", place=city.districts[0].division)
    content = book(
        **{unit.name: table(people(2)), other.name: table(people(1, 9)), "某单位": table(people(1, 20))}
    )

    found = send(content, "--commit", to=city.districts[0])

    assert ([found[n] for n in COUNTS], [e["code"] for e in found["errors"]]) == (
        [4, 3, 0, 0, 0, 1, 0, 3],
        ["unit_unknown"],
    )


def test_at_a_terminal_it_is_said_in_lines(unit, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(roster(mixed()))

    lines = command(tmp_path / "a.xlsx", "--unit", unit.code).splitlines()

    assert lines[0].startswith("rows 5，new 3")
    assert lines[1].startswith("第 3 行 身份证号：")
