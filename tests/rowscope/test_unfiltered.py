"""Where every filter of a view lets the rows through, the database alone keeps them from a stranger.

Each list page of every area, and the API, is asked by somebody whose filters are right, once with their own eyes and
once with those of a stranger: as if the view had forgotten whose rows they are.
"""

import json
import re

import pytest
from django.test import Client

from checkin.record.actions import add_seasonal_stay
from checkin.sync.relay import relay
from communities.organisations.models import Assignment, Organisation
from huifeng.accounts.models import User
from huifeng.rowscope import scope
from tests.checkin.api.systems import system_of
from tests.checkin.proposals.said import of_person
from tests.checkin.world import World, make_world
from tests.communities.factories import make_staff, make_unit
from tests.members.factories import make_member
from tests.members.roster.rosters import imported, row_of
from tests.test_every_url import ALL

pytestmark = pytest.mark.django_db

MARK, TYPED = "独此人", "独此"  # in every name, and what is typed to find it: a page may say what was typed
LISTS = [path for path in ALL if not re.search(r"/(1|x|FX-\d|pdf|\d{12}|0{8}-)", path)]
# Pages that must show somebody to their own, or the test proves nothing of them.
SHOWN = {
    "community": {"community/", "community/checkins/", "community/people/", "community/seasonal/", "search/"},
    "unit": {"unit/", "unit/verify/", "unit/proposals/", "unit/roster/transfers/", "search/"},
    "street": {"bureau/people/", "search/"},
    "bureau": {"bureau/people/", "bureau/audit/", "bureau/roster/transfers/", "search/"},
}


@pytest.fixture
def world(db: None) -> World:
    """Somebody on each desk, somebody checked in, a proposal, a season, a transfer; everybody carries the mark."""
    world = make_world()
    world.submitted(world.member(name=f"{MARK}甲"))
    world.waiting_for_unit(world.member(name=f"{MARK}乙"))
    confirmed = world.confirmed(world.member(name=f"{MARK}丙"))
    of_person(world, confirmed.retiree)
    add_seasonal_stay(
        confirmed.retiree_id, by=world.clerk, community_id=world.here.pk, from_month=1, to_month=12
    )
    elsewhere = make_unit("青岛市第二中学", place=world.city.districts[0].division)
    imported(world.unit, world.unit_clerk, row_of(make_member(elsewhere, name=f"{MARK}丁")))
    relay()
    return world


def sides(world: World) -> dict[str, tuple[Organisation, Organisation]]:
    """An organisation of each kind that sees them, and one of the same kind, in the other district, that must not."""
    near, far = world.here.division, world.city.communities[4].division
    street = Organisation.objects.filter(kind=Organisation.Kind.STREET)
    return {
        "community": (world.here, world.city.communities[4]),
        "unit": (world.unit, make_unit("另一个单位", place=world.city.districts[1].division)),
        "street": (street.get(division=near.parent), street.get(division=far.parent)),
        "bureau": (world.city.districts[0], world.city.districts[1]),
    }


def with_eyes_of(stranger: User, monkeypatch: pytest.MonkeyPatch) -> None:
    eyes = scope.of(stranger)
    monkeypatch.setattr(scope, "of", lambda user: eyes)


def shows_somebody(client: Client, path: str) -> bool:
    answer = client.get(f"/{path}?q={TYPED}")
    assert answer.status_code < 500, path
    shown = answer.status_code == 200 and not answer.streaming
    return shown and MARK in answer.content.decode(errors="replace")


@pytest.mark.parametrize("kind", ["community", "unit", "street", "bureau"])
def test_with_the_eyes_of_a_stranger_no_list_shows_anybody(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    own, other = sides(world)[kind]
    client, area = Client(), "bureau" if kind == "street" else kind
    client.force_login(make_staff(own, Assignment.Role.LEAD))
    shown = {
        path for path in LISTS if path.startswith((f"{area}/", "search/")) and shows_somebody(client, path)
    }
    assert shown >= SHOWN[kind], shown

    with_eyes_of(make_staff(other, Assignment.Role.LEAD), monkeypatch)

    assert {path for path in shown if shows_somebody(client, path)} == set()


@pytest.mark.parametrize("kind", ["community", "unit"])
def test_with_the_eyes_of_a_stranger_the_api_lists_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    own, other = sides(world)[kind]
    system, paths = system_of(own), ["people", "checkins", "proposals", "changes"]

    def listed() -> set[str]:
        answers = {path: system.get(path) for path in paths}
        assert {answer.status_code for answer in answers.values()} <= {200, 400, 403}
        return {
            path for path, answer in answers.items() if MARK in json.dumps(answer.json(), ensure_ascii=False)
        }

    assert listed() >= {"people", "checkins"}
    with_eyes_of(make_staff(other), monkeypatch)

    assert listed() == set()
