"""The operations of the API, as classified.py has the pages."""

from checkin.api.models import Purpose
from tests.matrix.page import COMMUNITY_SIDE, UNIT_SIDE, Page, of
from tests.matrix.roles import BUREAUS, PEOPLE

READ, WRITE, FULL = Purpose.READ, Purpose.WRITE, Purpose.IDENTITY
API = {
    "schema": Page(public=True),
    "changes": Page(purpose=Purpose.CHANGES),
    "receipt": Page({"number": "notice_number"}, None, {"state": "acknowledged"}, purpose=Purpose.CHANGES),
    "people": [Page(purpose=READ), Page(body={"name": "新来人"}, purpose=WRITE)],
    "look_up": Page(body={"id_number": "@number:main"}, purpose=FULL),
    "person": [
        of("retiree", PEOPLE, purpose=READ, full=True),
        of("restricted", BUREAUS, purpose=READ, full=True),
        of(
            "retiree",
            PEOPLE,
            {"values": {"skills": "书法"}, "why": "本人说的"},
            purpose=WRITE,
            method="PATCH",
            version="retiree",
            full=True,
        ),
    ],
    "death": of("fresh", UNIT_SIDE, {"died_on": "2026-11-01"}, purpose=WRITE),
    "checkins": Page(purpose=READ),
    "checkin": Page({"number": "number"}, PEOPLE, purpose=READ),
    "verify": Page(
        {"number": "for_unit_number"},
        PEOPLE,
        {},
        frozenset({"unit"}),
        True,
        purpose=WRITE,
        version="for_unit",
    ),
    "return": Page(
        {"number": "waiting_number"},
        PEOPLE,
        {"reason": "address_unclear"},
        COMMUNITY_SIDE,
        True,
        purpose=WRITE,
        version="waiting",
    ),
    "confirm": Page(
        {"number": "waiting_number"},
        PEOPLE,
        {"contact": "李敏"},
        COMMUNITY_SIDE,
        True,
        purpose=WRITE,
        version="waiting",
    ),
    "forward": Page(
        {"number": "waiting_number"},
        PEOPLE,
        {"community": "@other_code"},
        COMMUNITY_SIDE,
        True,
        purpose=WRITE,
        version="waiting",
    ),
    "proposals": Page(purpose=READ),
    "accept": of("post_proposal", frozenset({"unit"}), {}, purpose=WRITE, works=True),
    "refuse": of("post_proposal", frozenset({"unit"}), {"reason": "不对"}, purpose=WRITE, works=True),
    "withdraw": of(
        "skills_proposal",
        frozenset({"unit", "community"}),
        {},
        acts=frozenset({"unit"}),
        purpose=WRITE,
        works=True,
    ),
    "digest": Page(body={"run": "m1", "items": "@digest"}, purpose=WRITE),
    "codes": Page({"name": "=rank"}, purpose=None),
    "organisations": Page(purpose=None),
}
