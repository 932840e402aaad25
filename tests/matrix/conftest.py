"""The town stands for each module of tests here: made once, taken back at the end."""

import gc
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from django.db import transaction

from huifeng.codes import labels
from tests.checkin.statistics.conftest import on
from tests.matrix import town as building
from tests.matrix.addresses import Address
from tests.matrix.asking import Caller, caller
from tests.matrix.judging import Judge
from tests.matrix.november import go_on
from tests.matrix.roles import Role, roles_of
from tests.matrix.town import Side, Town


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


@pytest.fixture(scope="module")
def matrix(django_db_setup: None, django_db_blocker: Any) -> Iterator[Matrix]:
    """The town, made once and taken back at the end; what requests do is taken back after each."""
    with django_db_blocker.unblock(), transaction.atomic():
        with on(building.BEGINS):
            town = building.begin()
        with time_machine.travel(f"{building.GOES_ON} 12:00+08:00", tick=True):
            go_on(town)
            roles = {role.name: role for role in roles_of(town)}
            with caller() as asking:
                asking.rows.remember()
                gc.freeze()  # else every collection walks through the town
                yield Matrix(town, roles, asking, Judge(town))
        transaction.set_rollback(True)
    gc.unfreeze()
    labels.forget()
