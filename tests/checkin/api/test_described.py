"""The API keeps its own description: whatever is sent, no 5xx and no answer that /api/v1/schema/ does not name.

Schemathesis makes requests that fit the description and requests that do not; half of them are aimed at rows that
exist, with the version they have. Each runs on the same small world and is rolled back. `TEST_ALL=1`: many more.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks

from checkin.api.urls import ENDPOINTS
from checkin.proposals import actions as proposals
from checkin.proposals.models import ChangeProposal
from checkin.record.models import CheckIn
from communities.notices.models import Notice
from members.people.models import Retiree
from tests.checkin.api.systems import System, number_notices, system_of
from tests.checkin.world import World

EXAMPLES = 300 if os.environ.get("TEST_ALL") == "1" else 12
load_all_checks()
KEPT = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)
DOCUMENT = Client().get("/api/v1/schema/").json()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
SCHEMA.app = get_wsgi_application()
OPERATIONS = {found.ok().definition.raw["operationId"]: found.ok() for found in SCHEMA.get_all_operations()}
OF_COMMUNITY = ("confirm", "return", "forward", "withdraw")  # who may do what; else the unit


@dataclass
class Rows:
    """What is there to be aimed at."""

    unit: System
    community: System
    person: Retiree
    at_unit: CheckIn
    at_community: CheckIn
    proposal: ChangeProposal
    notice: Notice
    other_community: str

    def aim(self, operation: str, case: Any) -> None:
        """Point a request at a row that exists and has this version."""
        checkin = self.at_unit if operation == "verify" else self.at_community
        numbers: dict[str, dict[str, object]] = {
            "receipt": {"number": self.notice.number},
            "codes": {"name": "return_reason"},
            **{act: {"id": self.proposal.pk} for act in ("accept", "refuse", "withdraw")},
            **{
                act: {"number": checkin.number}
                for act in ("checkin", "verify", "confirm", "return", "forward")
            },
        }
        for name, value in (numbers.get(operation) or {"id": self.person.pk}).items():
            if name in case.path_parameters:
                case.path_parameters[name] = value
        version = self.person.version if operation == "change_person" else checkin.version
        if "If-Match" in case.headers:
            case.headers["If-Match"] = f'"{version}"'

    def fill(self, operation: str, case: Any) -> None:
        """Say what makes sense, where only some words do."""
        makes_sense: dict[str, dict[str, object]] = {
            "return": {"reason": "address_unclear"},
            "forward": {"community": self.other_community},
            "confirm": {"contact": "李敏", "incomplete_because": "记不清了"},
            "receipt": {"words": "不是我们的人"},
            "report_death": {"died_on": "2026-01-02"},
            "change_person": {"values": {"original_post": "处长", "skills": "书法"}, "why": "本人说的"},
            "enrol": {"name": "周桂兰", "id_number": "", "kind": "tuixiu"},
            "post_digest": {"run": "2026-11", "items": [{"person": self.person.pk, "version": 1}]},
        }
        if isinstance(case.body, dict):
            keep = {} if operation == "enrol" else case.body
            case.body = keep | makes_sense.get(operation, {})


@pytest.fixture
def rows(world: World) -> Rows:
    at_unit, at_community = world.waiting_for_unit(), world.submitted()
    person = world.confirmed().retiree
    (proposal,) = proposals.propose(
        person.pk,
        {"political_status": "masses"},
        why="本人说的",
        by=world.clerk,
        organisation_id=world.here.pk,
    )
    unit, community = system_of(world.unit), system_of(world.here)
    person.refresh_from_db()
    notice = number_notices(world.unit)[0]
    return Rows(unit, community, person, at_unit, at_community, proposal, notice, world.there.code)


@pytest.fixture(autouse=True)
def one_connection(settings: Any) -> Iterator[None]:
    """Requests come as from a server; they neither close the test's connection nor meet the limit."""
    settings.API_READS_A_MINUTE = settings.API_WRITES_A_MINUTE = 10**6
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_every_answer_is_described(rows: Rows, operation: str) -> None:
    answers: Counter[int] = Counter()
    system = rows.community if operation in OF_COMMUNITY else rows.unit
    for mode in schemathesis.GenerationMode:
        cases = OPERATIONS[operation].as_strategy(generation_mode=mode)
        _run(cases, _sender(rows, operation, system, answers))

    assert any(200 <= status < 300 for status in answers), answers
    assert sum(answers.values()) >= EXAMPLES


def _sender(rows: Rows, operation: str, system: System, answers: Counter[int]) -> Callable[[Any, str], None]:
    def send(case: Any, aim: str) -> None:
        if aim != "nowhere":
            rows.aim(operation, case)
        if aim == "with sense":
            rows.fill(operation, case)
        with transaction.atomic():
            answer = case.call(headers=system.headers())
            transaction.set_rollback(True)
        answers[answer.status_code] += 1
        case.validate_response(answer, checks=KEPT)

    return send


def _run(cases: Any, send: Callable[[Any, str], None]) -> None:
    @seed(20261125)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases, aim=st.sampled_from(["with sense", "at a row", "nowhere"]))
    def run(case: Any, aim: str) -> None:
        send(case, aim)

    run()


def test_the_description_is_open_and_of_version_3_1(db: None) -> None:
    answer = Client().get("/api/v1/schema/")

    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.1")


def test_every_address_is_described() -> None:
    assert len(DOCUMENT["paths"]) == len(ENDPOINTS)
