"""Every address × every role × own, neighbour's and foreign objects: 404, 403 or the right rows; no mark of others.

By default GET and the page's own unsafe method of each; TEST_ALL=1 also every other method. docs/security.md says
what this proves and how to classify a new address.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import transaction

from checkin.api.models import Purpose
from huifeng.codes import labels
from tests.checkin.statistics.conftest import on
from tests.matrix import town as building
from tests.matrix.addresses import OWN_ROOMS, Address, classified
from tests.matrix.asking import Caller, caller
from tests.matrix.judging import Judge
from tests.matrix.roles import Role, roles_of
from tests.matrix.town import Side, Town

ALL = bool(os.environ.get("TEST_ALL"))
ADDRESSES, MISSING = classified()


@dataclass
class Matrix:
    town: Town
    roles: dict[str, Role]
    caller: Caller
    judge: Judge

    def ask(self, role: Role, address: Address, side: Side, method: str) -> None:
        """One combination: asked, judged, rolled back."""
        path = address.path(side)
        body = address.body(self.town, side) if method != "GET" else None
        headers = {"Authorization": f"Bearer {role.token}"} if role.token else {}
        if address.is_api and method != "GET":
            headers["Idempotency-Key"] = "matrix"
            if (version := address.version(side)) is not None:
                headers["If-Match"] = f'"{version}"'
        asked = self.caller.ask(role.session, method, path, body, headers=headers)
        self.judge.judge(
            role, address, side, method, asked, path + json.dumps(body, default=str, ensure_ascii=False)
        )


def wanted(role: Role) -> Iterator[tuple[Address, str, str]]:
    """What this role is asked. By default each answer that can differ once: a door that is shut is shut for every
    object, a form without a body is its page again, a lead is a clerk but for the pages of leads.
    """
    for address in ADDRESSES:
        page, sides, methods = address.page, address.sides, dict.fromkeys(("GET", address.page.method))
        if ALL:
            methods |= dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"))
        elif address.is_api != bool(role.token) and role.name != "nobody":
            continue
        elif role.lead and not page.lead or address.is_api and address.route.endswith("/"):
            continue
        elif (
            role.purposes
            and len(role.purposes) < len(Purpose.values)
            and page.purpose in (None, *role.purposes)
        ):
            continue
        elif role.oneself and role.areas and page.acts is None and address.room not in OWN_ROOMS:
            continue
        elif not address.lets_in(role):
            sides, methods = sides[-1:], {page.method if page.body is not None else "GET": None}
        for side in sides:
            for method in methods:
                if ALL or method == "GET" or page.body is not None or side == sides[-1]:
                    yield address, side, method


@pytest.fixture(scope="module")
def matrix(django_db_setup: None, django_db_blocker: Any) -> Iterator[Matrix]:
    """The town, made once and taken back at the end; what requests do is taken back after each."""
    with django_db_blocker.unblock(), transaction.atomic():
        with on(building.BEGINS):
            town = building.begin()
        with time_machine.travel(f"{building.GOES_ON} 12:00+08:00", tick=True):
            building.go_on(town)
            roles = {role.name: role for role in roles_of(town)}
            with caller() as asking:
                asking.rows.remember()
                yield Matrix(town, roles, asking, Judge(town))
        transaction.set_rollback(True)
    labels.forget()


def test_every_address_is_classified() -> None:
    assert MISSING == [], "not in tests/matrix/classified.py, see docs/security.md"


@pytest.mark.timeout(1800)
def test_nobody_sees_or_changes_what_is_not_theirs(
    matrix: Matrix, capsys: pytest.CaptureFixture[str]
) -> None:
    for role in matrix.roles.values():
        for address, side, method in wanted(role):
            matrix.ask(role, address, matrix.town.sides[side], method)

    with capsys.disabled():
        print(f"\nthe matrix: {matrix.judge.combinations} combinations of {len(ADDRESSES)} addresses")
    assert matrix.judge.findings == []
    assert {address.name for address in ADDRESSES if address.page.works} - matrix.judge.worked == set()


def test_no_list_answers_for_another_side_whatever_its_address_asks(matrix: Matrix) -> None:
    judge = Judge(matrix.town)
    for role in (
        matrix.roles[name] for name in ("community clerk", "unit clerk", "street", "district bureau")
    ):
        for address in ADDRESSES:
            if address.page.ids or not address.area or not address.may_see(role, matrix.town.sides["own"]):
                continue
            for side in matrix.town.sides.values():
                for query in asked_of_lists(side):
                    path = f"/{address.route}?{urlencode(query)}"
                    asked = matrix.caller.ask(role.session, "GET", path)
                    said = " ".join(map(str, query.values()))
                    judge.judge(role, address, side, "GET", asked, said)

    # an area or a unit of others may be refused: it is asked for by its key
    assert [words for words in judge.findings if "should be shown" not in words] == []


def asked_of_lists(side: Side) -> list[dict[str, Any]]:
    """Queries that name somebody or something of a side."""
    place = side.community.division_id
    return [
        {"q": side.people["main"].name},
        {"q": side.people["main"].id_number},
        {"q": side.people["restricted"].name},
        {"month": "2026-10", "measure": "checked_in", "unit": side.unit.pk, "retiree": side.of["retiree"]},
        {"area": place, "place": place, "measure": "checked_in", "state": "confirmed", "show": "mine"},
    ]


def test_confirming_many_names_nobody_of_another_side(matrix: Matrix) -> None:
    own, role = matrix.town.sides["own"], matrix.roles["community clerk"]
    others = [side.of["waiting"] for side in matrix.town.sides.values()]

    asked = matrix.caller.ask(
        role.session,
        "POST",
        "/community/checkins/confirm/",
        {"id": others},
        then="/community/checkins/result/",
    )

    named = {mark.side for mark in matrix.town.marks.within(asked.content.decode())}
    assert named == {"own"}
    assert set(asked.changed["checkin_record_checkin"]) == {own.of["waiting"]}


def test_the_log_names_nobody(matrix: Matrix) -> None:
    role = matrix.roles["community clerk"]
    for side in matrix.town.sides.values():
        matrix.caller.ask(
            role.session, "GET", f"/community/people/{side.of['retiree']}/?q={side.people['main'].phone}"
        )

    assert matrix.caller.heard.lines != []
    assert matrix.town.marks.within("\n".join(matrix.caller.heard.lines)) == set()
