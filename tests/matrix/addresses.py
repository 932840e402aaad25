"""Every address of the resolver with what the table says of it: what is asked for, by whom it may be seen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from checkin.record.models import CheckIn
from communities.organisations.acting import KINDS
from members.people.models import Retiree
from tests.matrix.classified import ROOMS
from tests.matrix.page import HELPER, Page
from tests.matrix.roles import Role
from tests.matrix.town import Side, Town

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
OWN_ROOMS = ("my", "people", "told", "own_proposals", "own_points")  # a retiree's and helper's pages
FOR_STAFF = ("jobs", "search")  # of no area, for whoever works for an organisation
NEITHER = ("admin/",)  # Django's own, for administrators; see tests/huifeng and docs/security.md
BESIDE = ("demo",)  # not installed in production
API_REST = "api/v1/<path:rest>"


class NotClassified(Exception):
    """An address, or a parameter of it, that the table does not name."""


@dataclass(frozen=True)
class Address:
    """One pattern with one page of the table. `area`: the staff pages it stands in, "" for none."""

    route: str
    room: str
    name: str
    page: Page

    @property
    def area(self) -> str:
        first = self.route.split("/")[0]
        return first if first in KINDS else ""

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    @property
    def for_somebody(self) -> bool:
        return self.room in OWN_ROOMS and "<int:retiree_id>" in self.route

    @property
    def sides(self) -> tuple[str, ...]:
        """The sides whose objects it is asked for; one where it names none."""
        named = any(not kind.startswith("=") for kind in self.page.ids.values()) or self.for_somebody
        typed = any(str(value).startswith(("@name", "@number")) for value in (self.page.body or {}).values())
        return ("own", "neighbour", "foreign") if named or typed else ("own",)

    def path(self, side: Side) -> str:
        return "/" + _PARAMETER.sub(lambda found: str(self._value(found[1], side)), self.route)

    def _value(self, name: str, side: Side) -> Any:
        kind = self.page.ids.get(name)
        if kind is None and self.room in OWN_ROOMS:
            kind = {"retiree_id": "retiree", "code": "street_code", "field": "=original_post"}.get(name)
        if kind is None:
            raise NotClassified(f"{self.route}: {name}")
        return kind[1:] if kind.startswith("=") else side.key(kind, self.area)

    def body(self, town: Town, side: Side) -> Any:
        return {name: _filled(value, town, side, self.area) for name, value in (self.page.body or {}).items()}

    def version(self, side: Side) -> int | None:
        return _version(self.page.version, side) if self.page.version else None

    def lets_in(self, role: Role) -> bool:
        """Whether the role may come here at all, whatever object is asked for."""
        page = self.page
        if page.public:
            return True
        if self.is_api:
            return bool(role.token) and (page.purpose is None or page.purpose in role.purposes)
        if self.area:
            return self.area in role.areas
        if self.room in FOR_STAFF or self.name == "consent":
            return bool(role.areas)
        return role.session is not None

    def may_see(self, role: Role, side: Side) -> bool:
        may = HELPER if self.for_somebody else self.page.may
        if not self.lets_in(role) or (self.page.lead and not role.lead):
            return False
        return may is None or bool(may & role.ties_to(side.name))

    def may_act(self, role: Role, side: Side) -> bool:
        acts = self.page.acts
        return self.may_see(role, side) and (acts is None or bool(acts & role.ties_to(side.name)))


def patterns(
    resolver: URLResolver | None = None, prefix: str = "", room: str = ""
) -> Iterator[tuple[str, str, str]]:
    """(route, room, name) of every pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern).lstrip("^")
        if isinstance(entry, URLResolver):
            if route not in NEITHER:
                yield from patterns(entry, route, entry.app_name or room)
        elif isinstance(entry, URLPattern):
            yield route.removesuffix("$"), room, entry.name or ""


def classified() -> tuple[list[Address], list[str]]:
    """Every address of the table, and the patterns that are not in it."""
    found: list[Address] = []
    missing: list[str] = []
    of_api: dict[str, str] = {}
    for route, room, name in patterns():
        if route == API_REST or room in BESIDE:
            continue
        if room == "api":  # with a slash at the end it is the same one
            of_api.setdefault(route.rstrip("/"), name)
            name = of_api[route.rstrip("/")]
        pages = ROOMS.get(room, {}).get(name)
        if pages is None:
            missing.append(f"/{route} ({room}:{name})")
            continue
        found += [
            Address(route, room, name, page) for page in (pages if isinstance(pages, list) else [pages])
        ]
    return found, missing


def _version(kind: str, side: Side) -> int:
    key = side.of[kind]
    is_checkin = kind in ("waiting", "for_unit", "confirmed")
    return (CheckIn if is_checkin else Retiree).objects.values_list("version", flat=True).get(pk=key)


def _filled(value: Any, town: Town, side: Side, area: str) -> Any:
    """A value of a body, with keys in the place of kinds."""
    if not isinstance(value, str) or not value.startswith("@"):
        return value
    word, _, kind = value[1:].partition(":")
    match word:
        case "version":
            return _version(kind, side)
        case "all":
            return [each.key(kind, area) for each in town.sides.values()]
        case "name":
            return side.people[kind].name
        case "number":
            return side.people[kind].id_number
        case "other_community":
            return town.city.communities[5 if side.name == "foreign" else 3].pk
        case "other_code":
            return town.city.communities[5 if side.name == "foreign" else 3].code
        case "digest":
            return [{"person": each.of["retiree"], "version": 1} for each in town.sides.values()]
    return side.key(word, area)
