"""Every address × every role × own, neighbour's and foreign objects: 404, 403 or the right rows; no mark of others.

By default GET and the page's own unsafe method of each; TEST_ALL=1 also every other method. docs/security.md says
what this proves and how to classify a new address.
"""

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from checkin.api.models import Purpose
from communities.organisations.acting import KINDS
from tests.matrix.addresses import OWN_ROOMS, Address, classified
from tests.matrix.conftest import Matrix
from tests.matrix.judging import Judge
from tests.matrix.roles import PEOPLE, Role
from tests.matrix.town import Side

ALL = bool(os.environ.get("TEST_ALL"))
ADDRESSES, MISSING = classified()
STRANGERS = ("nobody", "somebody without any office")
SEEN = PEOPLE | {"self", "helper", "any bureau"}  # ties that are not about one account alone


def wanted(role: Role) -> Iterator[tuple[Address, str, str]]:
    """What this role is asked. By default each answer that can differ once (`_says_nothing_new`); a form without a
    body is its page again, a door that is shut is shut for every object; strangers knock at every one.
    """
    doors: set[tuple[str, str]] = set()  # shut ones, the same pages of several areas once
    for address in ADDRESSES:
        page, sides, methods = address.page, address.sides, dict.fromkeys(("GET", address.page.method))
        if ALL:
            methods |= dict.fromkeys(("POST", "PUT", "PATCH", "DELETE"))
        elif _says_nothing_new(role, address):
            continue
        elif not address.lets_in(role):
            door = ("" if address.room in KINDS else address.room, address.name)
            if door in doors and role.name not in STRANGERS:
                continue
            doors.add(door)
            sides, methods = sides[-1:], {page.method if page.body is not None else "GET": None}
        for side in sides:
            for method in methods:
                if ALL or _differs(role, address, side, method):
                    yield address, side, method


def _differs(role: Role, address: Address, side: str, method: str) -> bool:
    """Of sides that are alike to the role the first is changed and the last is read."""
    if address.lets_in(role) and len(address.sides) > 1:
        alike = [other for other in address.sides if role.ties_to(other) & SEEN == role.ties_to(side) & SEEN]
        if side != (alike[-1] if method == "GET" else alike[0]):
            return False
    return method == "GET" or address.page.body is not None or side == address.sides[-1]


def _says_nothing_new(role: Role, address: Address) -> bool:
    """The API looks at no session and pages at no token; a slash at the end, a lead, a system with fewer purposes and
    a clerk who is a retiree too are asked only where that makes a difference; readyz waits a second for workers.
    """
    page, stranger = address.page, role.name == "nobody"
    if address.is_api and (address.route.endswith("/") or not (role.token or stranger)):
        return True
    if not address.is_api and role.token:
        return True
    if role.token and len(role.purposes) < len(Purpose.values):
        return page.purpose is None or page.purpose in role.purposes
    if role.oneself and role.areas:
        return page.acts is None and address.room not in OWN_ROOMS
    return (role.lead and not page.lead) or (address.name == "readyz" and not stranger)


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
        matrix.roles[name]
        for name in ("community clerk", "unit clerk", "street", *(["district bureau"] if ALL else []))
    ):
        for address in ADDRESSES:
            if address.page.ids or not address.area or not address.may_see(role, matrix.town.sides["own"]):
                continue
            for query in (query for side in matrix.town.sides.values() for query in asked_of_lists(side)):
                asked = matrix.caller.ask(role.session, "GET", f"/{address.route}?{urlencode(query)}")
                said = " ".join(map(str, query.values()))
                judge.judge(role, address, matrix.town.sides["own"], "GET", asked, said)

    # an area or a unit of others may be refused: it is asked for by its key
    assert [words for words in judge.findings if "should be shown" not in words] == []


def asked_of_lists(side: Side) -> list[dict[str, Any]]:
    """Queries that name somebody or something of a side; of one's own only who is hidden."""
    if side.name == "own":
        return [{"q": side.people["restricted"].name}]
    place = side.community.division_id
    ids = {"unit": side.unit.pk, "retiree": side.of["retiree"], "area": place, "place": place}
    return [
        {"q": side.people["main"].name},
        {"q": side.people["main"].id_number},
        {**ids, "month": "2026-10", "measure": "checked_in", "state": "confirmed", "show": "mine"},
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
    assert set(asked.changed.get("checkin_record_checkin", ())) <= {own.of["waiting"]}


def test_the_log_names_nobody(matrix: Matrix) -> None:
    role = matrix.roles["community clerk"]
    for side in matrix.town.sides.values():
        matrix.caller.ask(
            role.session, "GET", f"/community/people/{side.of['retiree']}/?q={side.people['main'].phone}"
        )

    assert matrix.caller.heard.lines != []
    assert matrix.town.marks.within("\n".join(matrix.caller.heard.lines)) == set()
