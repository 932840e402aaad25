"""Entries in words."""

import ast
import re
from pathlib import Path

import pytest

from checkin.access.wording import GROUPS, action_words, lines
from communities.organisations.models import Assignment
from huifeng.audit import actions as audit
from huifeng.audit.models import AuditEntry
from tests.checkin.world import World
from tests.communities.factories import make_staff

ROOT = Path(__file__).resolve().parents[3]
ACTION = re.compile(r"[a-z_]+\.[a-z_]+")


def actions_in_the_source() -> set[str]:
    """Every "noun.verb" that is handed, as a literal, to a function that takes an `action`."""
    trees = [
        ast.parse(file.read_text())
        for floor in ("huifeng", "communities", "members", "checkin", "services")
        for file in (ROOT / floor).rglob("*.py")
    ]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    takers = {
        node.name: [argument.arg for argument in node.args.args].index("action")
        for node in nodes
        if isinstance(node, ast.FunctionDef) and "action" in [argument.arg for argument in node.args.args]
    }
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            place = takers.get(name, -1)
            given = [word.value for word in node.keywords if word.arg == "action"]
            given += node.args[place : place + 1] if place >= 0 else []
            found |= {
                each.value
                for value in given
                for each in ast.walk(value)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
    return {action for action in found if ACTION.fullmatch(action)}


def test_every_action_of_the_source_has_words():
    actions = actions_in_the_source()

    assert len(actions) > 80
    assert [action for action in sorted(actions) if action_words(action) == action] == []


def test_every_action_that_can_be_chosen_has_words():
    chosen = {action for _, actions in GROUPS.values() for action in actions}

    assert [action for action in sorted(chosen) if action_words(action) == action] == []


def test_an_action_nobody_named_is_shown_as_it_is():
    assert action_words("x.y") == "x.y"


def test_lines_name_only_whom_the_reader_sees(world: World):
    retiree = world.member(name="孙大圣", residence=world.here.division)
    audit.record("people.revealed", retiree, by=world.clerk, organisation_id=world.here.pk, note="核对身份")
    entries = list(AuditEntry.objects.all())
    near = make_staff(world.city.districts[0], Assignment.Role.LEAD)
    far = make_staff(world.city.districts[1], Assignment.Role.LEAD)

    (seen,), (hidden,) = lines(entries, reader=near), lines(entries, reader=far)

    assert (seen.who, seen.office, seen.what, seen.about, seen.more) == (
        "李敏", "云霄路社区", "查看完整号码", "孙大圣", "核对身份",
    )  # fmt: skip
    assert seen.url == f"/bureau/people/{retiree.pk}/"
    assert (hidden.about, hidden.url) == (f"老同志（编号 {retiree.pk}）", "")


@pytest.mark.parametrize("many", [1, 30])
def test_lines_cost_the_same_for_any_number(world: World, many: int, django_assert_max_num_queries):
    for _ in range(many):
        audit.record("people.viewed", world.member(), by=world.clerk, organisation_id=world.here.pk)
    entries = list(AuditEntry.objects.all())
    boss = make_staff(world.city.city, Assignment.Role.LEAD)

    with django_assert_max_num_queries(4):
        lines(entries, reader=boss)
