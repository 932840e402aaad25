"""Every address × every role × own, neighbour's and foreign objects: 404, 403 or the right rows; no mark of others.

By default GET and the page's own unsafe method of each; TEST_ALL=1 also every other method. docs/security.md says
what this proves and how to classify a new address.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.db import transaction

from huifeng.codes import labels
from tests.checkin.statistics.conftest import on
from tests.matrix import town as building
from tests.matrix.addresses import Address, classified
from tests.matrix.asking import Asked, Caller, caller
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
        self.judge.judge(role, address, side, method, asked, path + json.dumps(body, default=str, ensure_ascii=False))

    def list(self, role: Role, path: str, query: dict[str, Any]) -> Asked:
        from urllib.parse import urlencode

        return self.caller.ask(role.session, "GET", f"{path}?{urlencode(query)}")


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
        elif role.lead and not page.lead and page.acts is None:
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


@pytest.mark.timeout(1500)
def test_nobody_sees_or_changes_what_is_not_theirs(matrix: Matrix, capsys: pytest.CaptureFixture[str]) -> None:
    import time
    a=time.process_time(); w=time.time()
    for role in matrix.roles.values():
        b=time.process_time()
        for address, side, method in wanted(role):
            matrix.ask(role, address, matrix.town.sides[side], method)
        with capsys.disabled(): print(role.name, time.process_time()-b, flush=True)

    with capsys.disabled():
        print(f"\nthe matrix: {matrix.judge.combinations} combinations of {len(ADDRESSES)} addresses", time.process_time()-a, time.time()-w)
    open("/tmp/findings.txt","w").write("\n".join(matrix.judge.findings))
    assert matrix.judge.findings == []
