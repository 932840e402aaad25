"""Without any filter of a view the database alone keeps strangers out: every page with a list, and the API.

`visible_to` of everything, desks and areas let all rows through; the first test sees that they do.
"""

import json
import sys

import pytest
from django.test import Client

from checkin.feedback.models import FeedbackReportQuerySet
from checkin.proposals.models import ChangeProposalQuerySet
from checkin.reconciliation.models import DriftQuerySet
from checkin.record import permissions
from checkin.record.models import CheckIn, CheckInQuerySet
from checkin.sync.relay import relay
from communities.organisations.models import Assignment, Organisation
from huifeng.rowscope import scope
from members.exports.models import ExportLogQuerySet
from members.people.models import RetireeQuerySet
from members.roster.models import ImportBatchQuerySet
from tests.checkin.api.systems import system_of
from tests.checkin.proposals.said import of_person
from tests.checkin.world import World, make_world
from tests.communities.factories import make_staff, make_unit
from tests.test_every_url import ALL

pytestmark = pytest.mark.django_db

MARK, TYPED = "独此人", "独此"  # in every name, and what is typed to find it: a page may say what was typed
LISTS = [path for path in ALL if path.split("/")[0] in ("community", "unit", "bureau", "search")]
API = ["people", "checkins", "proposals", "changes", "digest"]


@pytest.fixture
def world(db: None) -> World:
    """Somebody on each desk, somebody checked in, a proposal; everybody carries the mark."""
    world = make_world()
    world.submitted(world.member(name=f"{MARK}甲"))
    world.waiting_for_unit(world.member(name=f"{MARK}乙"))
    confirmed = world.confirmed(world.member(name=f"{MARK}丙"))
    of_person(world, confirmed.retiree)
    return world


@pytest.fixture
def unfiltered(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (
        RetireeQuerySet,
        ChangeProposalQuerySet,
        FeedbackReportQuerySet,
        ExportLogQuerySet,
        ImportBatchQuerySet,
    ):
        monkeypatch.setattr(kind, "visible_to", lambda self, user: self)
    monkeypatch.setattr(FeedbackReportQuerySet, "within", lambda self, area: self)
    monkeypatch.setattr(DriftQuerySet, "within", lambda self, area, user: self)
    monkeypatch.setattr(CheckInQuerySet, "at_desk", lambda self, organisation: self.order_by("due_on", "pk"))
    filtered = permissions.visible_to
    for module in list(sys.modules.values()):
        if getattr(module, "visible_to", None) is filtered:
            monkeypatch.setattr(module, "visible_to", lambda user: CheckIn.objects.all())


def strangers(world: World) -> dict[str, Organisation]:
    """An organisation of each kind, all of the other district."""
    district = world.city.districts[1]
    return {
        "community": world.city.communities[4],
        "unit": make_unit("另一个单位", place=district.division),
        "street": Organisation.objects.get(
            kind=Organisation.Kind.STREET, division=world.city.communities[4].division.parent
        ),
        "bureau": district,
    }


def showing(organisation: Organisation) -> tuple[set[str], int]:
    """The pages on which a lead of `organisation` reads the mark, and how many opened."""
    client, area = Client(), organisation.kind
    client.force_login(make_staff(organisation, Assignment.Role.LEAD))
    area = "bureau" if area == Organisation.Kind.STREET else area
    found, opened = set(), 0
    for path in (path for path in LISTS if path.startswith((f"{area}/", "search/"))):
        for query in ("", f"?q={TYPED}"):
            answer = client.get(f"/{path}{query}")
            assert answer.status_code < 500, path
            if answer.status_code != 200 or answer.streaming:
                break
            opened += not query
            if MARK in answer.content.decode(errors="replace"):
                found.add(path)
            if b'name="q"' not in answer.content:
                break
    return found, opened


@pytest.mark.parametrize("kind", ["community", "unit", "street", "bureau"])
def test_a_stranger_reads_nobody_on_any_page(world: World, unfiltered: None, kind: str) -> None:
    assert showing(strangers(world)[kind])[0] == set()


@pytest.mark.parametrize(("kind", "pages"), [("community", 4), ("unit", 4), ("street", 3), ("bureau", 4)])
def test_without_row_level_security_they_would(
    world: World, unfiltered: None, monkeypatch: pytest.MonkeyPatch, kind: str, pages: int
) -> None:
    """Else the test above would prove nothing."""
    program = scope.Scope((scope.PROGRAM_KIND, *("",) * (len(scope.NAMES) - 1)), "everybody")
    monkeypatch.setattr(scope, "of", lambda user: program)

    found, opened = showing(strangers(world)[kind])

    assert len(found) >= pages, (found, opened)


@pytest.mark.parametrize("kind", ["community", "unit", "bureau"])
def test_a_strange_system_reads_nobody_by_the_api(world: World, unfiltered: None, kind: str) -> None:
    relay()
    system = system_of(strangers(world)[kind])

    for path in API:
        answer = system.get(path)
        assert answer.status_code in (200, 400, 403), path
        assert MARK not in json.dumps(answer.json(), ensure_ascii=False), path
