"""What an answer must not be: a 5xx, an opened door, a mark of somebody whom the reader does not see, a changed row."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.matrix.addresses import OWN_ROOMS, Address
from tests.matrix.asking import Asked
from tests.matrix.marks import Mark, text_of
from tests.matrix.roles import NUMBERS, Role
from tests.matrix.town import Side, Town

SHOWN = (200, 302, 405, 409, 422)
HIDDEN = (403, 404, 405)
TO_WHOM = ("/my/who/", "/my/which/", "/my/for/", "/my/requests/for/", "/my/activities/for/")
PERSON_KEYS = ("retiree_id", "person", "first_id", "second_id", "kept_id", "other_id")


@dataclass
class Judge:
    town: Town
    combinations: int = 0
    findings: list[str] = field(default_factory=list)
    worked: set[str] = field(default_factory=set)
    owners: dict[int, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owners = {
            person.pk: (side.name, who)
            for side in self.town.sides.values()
            for who, person in side.people.items()
        }

    def judge(self, role: Role, address: Address, side: Side, method: str, asked: Asked, said: str) -> None:
        """`said`: the request itself; what it holds the answer may repeat."""
        self.combinations += 1
        wrong = [
            *self._status(role, address, side, method, asked),
            *self._marks(role, address, side, asked, said),
        ]
        wrong += self._rows(role, address, side, method, asked)
        where = f"{role.name}: {method} /{address.route} of {side.name} → {asked.status}"
        self.findings += [f"{where}: {words}" for words in wrong]

    def _status(self, role: Role, address: Address, side: Side, method: str, asked: Asked) -> list[str]:
        if asked.status >= 500 and not (address.name == "readyz" and asked.status == 503):
            return [asked.error or "5xx"]
        if address.may_see(role, side):
            if method == "GET" and asked.status not in SHOWN and not address.page.often_empty:
                return ["should be shown"]
            if role.session and asked.location.startswith("/login/") and not address.page.public:
                return ["sent to the login"]
            return []
        to_login = asked.status == 302 and asked.location.startswith("/login/") and role.session is None
        # a helper is sent to the same page of whom they help, which is asked for as well
        to_nobody = asked.status == 302 and asked.location.startswith(TO_WHOM)
        no_token = address.is_api and asked.status == 401 and not role.token
        if asked.status in HIDDEN or to_login or to_nobody or no_token:
            return []
        return ["should be hidden"]

    def _marks(self, role: Role, address: Address, side: Side, asked: Asked, said: str) -> list[str]:
        marks = self.town.marks
        there = marks.within(text_of(asked.content, asked.kind) + asked.location) - marks.within(said)
        if address.page.shows:
            there = {mark for mark in there if mark.side != side.name or mark.field not in address.page.shows}
        own = {mark for mark in there if mark.who == role.oneself and mark.side == "own"}
        words = [
            f"leaks {mark}" for mark in there if not role.may_see(mark) and not _by_f8(role, address, mark)
        ]
        listed = {
            name
            for name in {m.field for m in there if not m.who}
            if sum(not m.who and m.field == name for m in there) == 3
        }
        hidden = (
            []
            if address.room in OWN_ROOMS
            else [
                m
                for m in there
                if m.field in role.hidden_fields(m.side) and not (not m.who and m.field in listed)
            ]
        )
        words += [f"shows hidden {mark}" for mark in hidden]
        full = address.page.full and (not address.is_api or "identity" in role.purposes)
        words += [f"shows in full {mark}" for mark in there - own if mark.field in NUMBERS and not full]
        return sorted(words)

    def _rows(self, role: Role, address: Address, side: Side, method: str, asked: Asked) -> list[str]:
        """Nobody changes what is hidden, or what is not theirs to act on; nothing of others changes beside."""
        if not asked.changed:
            return []
        tables = ", ".join(asked.changed)
        if not address.may_see(role, side):
            return [f"changes {tables}"]
        if not address.may_act(role, side):
            return [f"changes {tables} though it may not act"]
        self.worked.add(address.name)
        return [
            f"changes a row of {owner} in {table}"
            for table, rows in asked.changed.items()
            for key, text in rows.items()
            for owner in self._strangers(role, text)
        ]

    def _strangers(self, role: Role, text: str | None) -> set[str]:
        """The people of whom a row is and whom the role does not see."""
        if text is None:
            return set()
        row: dict[str, Any] = json.loads(text)
        keys = [row[name] for name in PERSON_KEYS if isinstance(row.get(name), int)]
        named = {self.owners[key] for key in keys if key in self.owners}
        named |= {(mark.side, mark.who) for mark in self.town.marks.within(text) if mark.who}
        return {f"{who} of {side}" for side, who in named if not role.may_see(Mark(side, who, "name"))}


def _by_f8(role: Role, address: Address, mark: Mark) -> bool:
    """A report to a unit outside the city, which has no bureau of its own, is read by any (docs/rules.md, F8)."""
    of_outside = "report_outside" in address.page.ids.values()
    return of_outside and mark.who == "outsider" and "any bureau" in role.ties_to(mark.side)
